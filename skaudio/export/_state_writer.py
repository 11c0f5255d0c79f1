"""Turn a fitted estimator into JSON and arrays, without pickle."""

import math
import pathlib

import numpy as np
from sklearn.base import BaseEstimator

from skaudio._utils.model_files import SUFFIX, ModelFileError
from skaudio._utils.sklearn_compat import validate_parameters
from skaudio.export._known_classes import KNOWN, PLACES, check_attribute, name_of

# Bytes of an array of text: numpy gives each entry the room of the longest.
MOST_TEXT = 2**24


class StateWriter:
    """Writes values as JSON; numbers of arrays go into `tensors`.

    What is None, a bool, int or str, a finite float or a list is itself. Anything else
    is an object with a ``type``; `StateReader` says which.

    Attributes
    ----------
    tensors : dict of str to ndarray
    """

    def __init__(self):
        self.tensors = {}

    def estimator(self, estimator, where="", without=None):
        """Write the class and the state of an estimator.

        Parameters
        ----------
        estimator : estimator
        where : str
            Its place, as errors and tensors name it.
        without : str or None
            An attribute to leave out.

        Raises
        ------
        ModelFileError
            Where it holds what is neither data nor an estimator, or has parameters
            that are not allowed.
        """
        cls = type(estimator)
        name = name_of(cls)
        if hasattr(estimator, "best_estimator_"):
            # It holds folds and scores beside the model.
            raise ModelFileError(
                f"{where or 'model'}: a fitted {cls.__name__} cannot be saved in a "
                f"{SUFFIX} file, but the best model that it found can: save "
                "search.best_estimator_"
            )
        state = estimator.__getstate__()
        if not isinstance(state, dict):
            raise ModelFileError(
                f"{where or name}: its __getstate__ gives a {type(state).__name__}, "
                "expected a dict"
            )
        if name.startswith("skaudio."):
            validate_parameters(estimator)
        if name in KNOWN:
            state = state | {place: None for place in PLACES if place in state}
        written = {}
        for key, value in state.items():
            if key == without:
                continue
            check_attribute(cls, key)
            written[key] = self.value(value, f"{where}.{key}" if where else key)
        return {"type": "estimator", "class": name, "state": written}

    def value(self, value, where):
        """Write a value; `where` is its place, as errors and tensors name it."""
        kind = type(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is float:
            if math.isfinite(value):
                return value
            return {"type": "float", "value": str(value)}
        if kind is list:
            return self._items(value, where)
        if kind is tuple:
            return {"type": "tuple", "items": self._items(value, where)}
        if kind is dict:
            items = [
                [
                    self.value(key, f"{where}[{key!r}]"),
                    self.value(entry, _at(where, key)),
                ]
                for key, entry in value.items()
            ]
            return {"type": "dict", "items": items}
        if isinstance(value, np.generic):
            return self._scalar(value, where)
        if kind in (np.ndarray, np.memmap):
            return self._array(value, where)
        if isinstance(value, pathlib.PurePath):
            return {"type": "path", "value": str(value)}
        if kind is np.random.RandomState:
            return self._random_state(value, where)
        if isinstance(value, BaseEstimator):
            return self.estimator(value, where)
        raise _cannot(value, where)

    def _items(self, values, where):
        written = []
        for place, value in enumerate(values):
            # A step of a pipeline is called by its name.
            named = isinstance(value, tuple) and value and isinstance(value[0], str)
            own = where.rpartition(".")[0] if named else f"{where}[{place}]"
            if named:
                own = f"{own}.{value[0]}" if own else value[0]
                items = [self.value(entry, own) for entry in value]
                written.append({"type": "tuple", "items": items})
            else:
                written.append(self.value(value, own))
        return written

    def _scalar(self, value, where):
        plain = value.item()
        if type(plain) not in (bool, int, float, str):
            raise _cannot(value, where)
        number = self.value(plain, where)
        return {"type": "scalar", "dtype": value.dtype.str, "value": number}

    def _array(self, array, where):
        kind = array.dtype.kind
        if kind == "U":
            check_text(array.size, array.dtype, where)
            text = array.ravel().tolist()
            described = {"dtype": array.dtype.str, "items": text}
            return {"type": "text", "shape": list(array.shape), **described}
        if kind == "O":
            items = [
                self.value(entry, f"{where}[{place}]")
                for place, entry in enumerate(array.ravel())
            ]
            return {"type": "objects", "shape": list(array.shape), "items": items}
        if kind not in "biuf" or array.dtype.itemsize > 8:
            raise _cannot(array, where)
        # The order of the axes decides how products are summed up.
        transposed = array.flags.f_contiguous and not array.flags.c_contiguous
        stored = array.T if transposed else array
        native = stored.dtype.newbyteorder("=")
        name = self._free_name(where)
        self.tensors[name] = np.array(stored, dtype=native, order="C", copy=None)
        return {"type": "array", "tensor": name, "transposed": transposed}

    def _random_state(self, random_state, where):
        _, key, pos, has_gauss, cached = random_state.get_state()
        return {
            "type": "random_state",
            "key": self._array(key, where),
            "position": pos,
            "has_gauss": has_gauss,
            "gauss": cached,
        }

    def _free_name(self, where):
        name, number = where, 1
        while name in self.tensors:
            number += 1
            name = f"{where}#{number}"
        return name


def check_text(size, dtype, where):
    """Raise where an array of text would take more memory than is sensible."""
    if size * dtype.itemsize > MOST_TEXT:
        raise ModelFileError(
            f"{where}: an array of {size} texts of up to {dtype.itemsize // 4} "
            f"characters: expected at most {MOST_TEXT} bytes"
        )


def _at(where, key):
    return f"{where}.{key}" if isinstance(key, str) else f"{where}[{key}]"


def _cannot(value, where):
    kind = type(value)
    what = f"{kind.__module__}.{kind.__qualname__}"
    if kind is np.ndarray:
        what = f"array of {value.dtype}"
    return ModelFileError(
        f"{where}: a {what} cannot be saved in a {SUFFIX} file, which holds numbers, "
        "text, lists, dicts, numpy arrays and estimators: replace it (set_params), or "
        "save the model to a name that ends in .joblib, which executes code when it "
        "is loaded"
    )
