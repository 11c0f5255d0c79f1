import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skaudio._utils.related_rows import connect_rows, related_rows


def union_find(n_rows, pairs):
    """Number the connected sets of rows by first appearance."""
    parent = list(range(n_rows))

    def root(row):
        while parent[row] != row:
            row = parent[row]
        return row

    for i, j in pairs:
        parent[root(i)] = root(j)
    return by_first_appearance([root(row) for row in range(n_rows)])


def by_first_appearance(labels):
    numbers = {}
    return [numbers.setdefault(label, len(numbers)) for label in labels]


def equal_rows(key):
    """Pairs of rows with the same value that is not missing."""
    rows = range(len(key))
    return [(i, j) for i in rows for j in rows if key[i] == key[j] is not None]


@st.composite
def keys_and_pairs(draw):
    n_rows = draw(st.integers(1, 10))
    values = st.one_of(st.none(), st.integers(0, 4), st.sampled_from("ab"))
    key = st.lists(values, min_size=n_rows, max_size=n_rows)
    row = st.integers(0, n_rows - 1)
    return (
        draw(st.lists(key, min_size=1, max_size=3)),
        draw(st.lists(st.tuples(row, row), max_size=6)),
    )


@given(keys_and_pairs())
def test_connect_rows_is_a_union_find(case):
    keys, pairs = case
    expected = pairs + [pair for key in keys for pair in equal_rows(key)]
    numbers = connect_rows(*keys, pairs=pairs)
    assert numbers.tolist() == union_find(len(keys[0]), expected)


def test_connect_rows_numbers_by_first_appearance():
    assert connect_rows(["b", "a", "b", "c"]).tolist() == [0, 1, 0, 2]
    assert connect_rows([7, 7, 3, 1], pairs=[(3, 1)]).tolist() == [0, 0, 1, 0]


def test_missing_values_connect_nothing():
    assert connect_rows([None, None, np.nan, np.nan]).tolist() == [0, 1, 2, 3]
    # Values of one key are not those of another.
    assert connect_rows(["a", None], [None, "a"]).tolist() == [0, 1]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=10),
    st.randoms(use_true_random=False),
)
def test_related_rows_connects_copies_and_groups(rows, random):
    values, groups = (list(column) for column in zip(*rows, strict=True))
    X = np.array(values, dtype=np.float32)[:, None, None].repeat(3, axis=2)
    numbers = related_rows(X, groups)
    expected = union_find(len(rows), equal_rows(values) + equal_rows(groups))
    assert by_first_appearance(numbers) == expected
    assert set(numbers) == set(range(numbers.max() + 1))
    # The numbers do not depend on the order of the rows.
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = related_rows(X[order], np.array(groups)[order])
    assert_array_equal(shuffled, numbers[order])


def test_related_rows_without_groups():
    X = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]])
    numbers = related_rows(X, None)
    assert by_first_appearance(numbers) == [0, 1, 0]
