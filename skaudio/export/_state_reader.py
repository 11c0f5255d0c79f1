"""Build an estimator from what `StateWriter` wrote, out of listed classes only."""

import inspect
import math
import pathlib

import numpy as np

from skaudio._utils.model_files import ModelFileError
from skaudio._utils.sklearn_compat import validate_parameters
from skaudio.export._known_classes import (
    KNOWN,
    PLACES,
    check_attribute,
    known_class,
)
from skaudio.export._state_writer import check_text

_TWISTER = 624  # words of the state of numpy's RandomState
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class StateReader:
    """Builds values from JSON and tensors.

    Parameters
    ----------
    tensors : dict of str to ndarray
        Each may be used once, so that no value is larger than the file.
    trusted : dict of str to type
        Classes beside `KNOWN`, as from `classes_by_name`.
    """

    def __init__(self, tensors, trusted):
        self.tensors = tensors
        self.trusted = trusted

    def model(self, written):
        """Build the estimator of a file; nothing is built if a class is not listed.

        Raises
        ------
        ModelFileError
            Naming all classes that are neither known nor trusted.
        """
        strangers = set(_class_names(written)) - {*KNOWN, *self.trusted}
        if strangers:
            listed = ", ".join(sorted(map(repr, strangers)))
            raise ModelFileError(
                f"holds {listed}, which skaudio does not know: if you trust whoever "
                f"made the file, and this code, pass trusted=[{listed}]"
            )
        if not isinstance(written, dict) or written.get("type") != "estimator":
            raise ModelFileError("holds no estimator")
        model = self.value(written)
        if self.tensors:
            raise ModelFileError(f"has {len(self.tensors)} tensors that nothing uses")
        return model

    def value(self, written):
        """Build a value."""
        if isinstance(written, list):
            return [self.value(entry) for entry in written]
        if not isinstance(written, dict):
            return written
        build = _BUILDERS.get(written["type"])
        if build is None:
            raise ModelFileError(f"holds a value of type {written['type']!r}")
        return build(self, **{k: v for k, v in written.items() if k != "type"})

    def _estimator(self, state, **named):
        name = named["class"]
        known = name in KNOWN
        cls = known_class(name) if known else self.trusted[name]
        built = {}
        for key, value in state.items():
            check_attribute(cls, key)
            if known and key in PLACES and value is not None:
                raise ModelFileError(f"{name}: {key} names a place to write to")
            built[key] = self.value(value)
        # A parameter that is newer than the file.
        for key, parameter in inspect.signature(cls).parameters.items():
            if parameter.default is not parameter.empty:
                built.setdefault(key, parameter.default)
        estimator = cls.__new__(cls)
        if hasattr(estimator, "__setstate__"):
            estimator.__setstate__(built)
        else:
            estimator.__dict__.update(built)
        if name.startswith("skaudio."):
            validate_parameters(estimator)
        return estimator

    def _array(self, tensor, transposed):
        array = self.tensors.pop(tensor, None)
        if array is None:
            raise ModelFileError(f"the tensor {tensor!r} is absent or used twice")
        return array.T if transposed else array

    def _text(self, shape, dtype, items):
        dtype = np.dtype(dtype)
        if dtype.kind != "U" or not all(isinstance(item, str) for item in items):
            raise ModelFileError("an array of text holds something else")
        check_text(len(items), dtype, "an array")
        return np.array(items, dtype=dtype).reshape(shape)

    def _objects(self, shape, items):
        array = np.empty(len(items), dtype=object)
        for place, item in enumerate(items):
            array[place] = self.value(item)
        return array.reshape(shape)

    def _scalar(self, dtype, value):
        dtype = np.dtype(dtype)
        if dtype.kind not in "biufU" or dtype.itemsize > 2**12:
            raise ModelFileError(f"a number of type {dtype}")
        return np.array(self.value(value), dtype=dtype)[()]

    def _random_state(self, key, position, has_gauss, gauss):
        key = self.value(key)
        # numpy itself would read beyond the end of a shorter key.
        sound = key.shape == (_TWISTER,) and key.dtype == np.uint32
        if not sound or type(position) is not int or not 0 <= position <= _TWISTER:
            raise ModelFileError("holds no sound state of a RandomState")
        random_state = np.random.RandomState()
        random_state.set_state(("MT19937", key, position, int(has_gauss), float(gauss)))
        return random_state


_BUILDERS = {
    "array": StateReader._array,
    "dict": lambda reader, items: {
        reader.value(key): reader.value(value) for key, value in items
    },
    "estimator": StateReader._estimator,
    "float": lambda reader, value: _FLOATS[value],
    "objects": StateReader._objects,
    "path": lambda reader, value: pathlib.Path(value),
    "random_state": StateReader._random_state,
    "scalar": StateReader._scalar,
    "text": StateReader._text,
    "tuple": lambda reader, items: tuple(map(reader.value, items)),
}


def _class_names(written):
    """List the names of all classes in a value, before any is built."""
    names, rest = [], [written]
    while rest:
        value = rest.pop()
        if isinstance(value, list):
            rest += value
        elif isinstance(value, dict):
            if value.get("type") == "estimator":
                names.append(str(value.get("class")))
            rest += value.values()
    return names
