"""Whatever parameters and attributes hold comes back as it was, or is refused."""

import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from skaudio import LogMelExtractor, ModelFileError
from skaudio._utils.model_files import json_bytes, json_value
from skaudio.export._state_reader import StateReader
from skaudio.export._state_writer import StateWriter

NUMBERS = st.one_of(
    npst.boolean_dtypes(),
    npst.integer_dtypes(),
    npst.unsigned_integer_dtypes(),
    npst.floating_dtypes(),
)
ARRAYS = st.one_of(
    npst.arrays(NUMBERS, npst.array_shapes(min_dims=0, min_side=0)),
    npst.arrays(NUMBERS, npst.array_shapes(min_dims=2)).map(np.asfortranarray),
    npst.arrays(npst.unicode_string_dtypes(max_len=5), npst.array_shapes(max_dims=2)),
    st.lists(st.one_of(st.text(), st.none(), st.integers())).map(
        lambda items: np.array([*items, None], dtype=object)
    ),
)
PLAIN = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    st.floats(width=32).map(np.float32),
    *(st.integers(0, 9).map(np.int64), st.text(max_size=5).map(np.str_)),
    st.just(pathlib.Path("clips/Training")),
)
KEYS = st.one_of(st.text(), st.integers(), st.booleans(), st.tuples(st.integers()))
VALUES = st.recursive(
    st.one_of(PLAIN, ARRAYS),
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(KEYS, inner),
        inner.map(lambda value: with_value(LogMelExtractor(n_mels=8), value)),
    ),
    max_leaves=8,
)


def with_value(model, value):
    model.value_ = value
    return model


def written_and_read(value):
    from safetensors.numpy import load, save

    writer = StateWriter()
    tree = json_bytes(writer.estimator(with_value(LogMelExtractor(), value)), "json")
    tensors = load(save(writer.tensors))
    return StateReader(tensors, {}).model(json_value(tree, "json")).value_


def check_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            check_same(*pair)
    elif isinstance(one, dict):
        check_same(list(one.items()), list(other.items()))
    elif isinstance(one, np.ndarray) and one.dtype == object:
        assert one.shape == other.shape
        check_same(one.tolist(), other.tolist())
    elif isinstance(one, (np.ndarray, np.generic)):
        assert one.dtype.newbyteorder("=") == other.dtype.newbyteorder("=")
        np.testing.assert_array_equal(one, other)
        if isinstance(one, np.ndarray):
            # Which decides in what order products are summed up.
            c_order = one.flags.c_contiguous or not one.flags.f_contiguous
            assert other.flags.c_contiguous == c_order or one.ndim < 2 or one.size < 2
    elif isinstance(one, LogMelExtractor):
        assert repr(one) == repr(other)
        check_same(one.value_, other.value_)
    else:
        assert one == other or (one != one and other != other)


@settings(deadline=None, max_examples=60)
@given(VALUES)
def test_values_come_back_as_they_were(value):
    check_same(value, written_and_read(value))


def test_random_states_go_on_with_the_same_numbers():
    state = np.random.RandomState(5)
    state.normal(size=701)
    read = written_and_read([state])[0]
    np.testing.assert_array_equal(read.normal(size=9), state.normal(size=9))


@pytest.mark.parametrize(
    "value",
    [
        *(1j, b"bytes", {1}, slice(2), print, lambda: 0, np.float64, object()),
        *(np.array([b"a"]), np.ma.masked_array([1]), np.array(["2026-01-01"], "M8[D]")),
        *(np.longdouble(1), np.zeros(2, np.longdouble), np.random.default_rng(0)),
        *(range(3), {"a": print}, [[(print,)]], np.array([print], dtype=object)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_bad_values_are_named_and_refused(value):
    with pytest.raises(
        ModelFileError, match=r"^value_.*cannot be saved in a \.skaudio"
    ):
        written_and_read(value)


def test_bad_lengths_are_refused_in_both_directions():
    with pytest.raises(ModelFileError, match=r"values in .* expected at most"):
        written_and_read([1] * 500_000)
    with pytest.raises(ModelFileError, match=r"value_: an array of 5000 texts"):
        written_and_read(np.array(["x" * 1000] * 5000))
    # As numbers of an array they are welcome.
    assert written_and_read(np.ones(500_000)).shape == (500_000,)
