import shutil

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from small_pipelines import linear

from skaudio import WavLoader
from skaudio.model_selection import SourceGroupKFold, cross_validated_predictions

N_OWN = 4


@pytest.fixture(scope="module")
def files(clips, tmp_path_factory):
    """The clips, two per source recording, the last four of unknown source."""
    folder = tmp_path_factory.mktemp("sources")
    order = np.random.RandomState(0).permutation(len(clips.data))
    files = []
    for number, row in enumerate(order):
        name = f"1-{100 + number // 2}-{'AB'[number % 2]}-0.wav"
        if number >= len(order) - N_OWN:
            name = f"own{number}.wav"
        files.append(str(shutil.copy(clips.data[row], folder / name)))
    return np.array(files), clips.target[order], np.arange(len(order)) // 2


def test_only_known_sources_are_scored_and_none_leaks(files):
    X, y, groups = files
    scored = []
    for train, test in SourceGroupKFold(4, random_state=0).split(X, y, groups):
        assert not set(groups[train]) & set(groups[test])
        assert sorted([*train, *test]) == list(range(len(X)))
        scored += test.tolist()
    assert sorted(scored) == list(range(len(X) - N_OWN))


def test_a_clip_of_unknown_source_does_not_train_beside_its_tested_group(files):
    X, y, groups = files
    groups = groups.copy()
    groups[-1] = groups[0]
    for train, test in SourceGroupKFold(4, random_state=0).split(X, y, groups):
        assert (len(X) - 1 in train) == (0 not in test)
        assert len(X) - 1 not in test


def test_groups_are_found(files):
    X, y, groups = files
    folds = SourceGroupKFold(4, random_state=0)
    for (train, test), (expected, rows) in zip(
        folds.split(X, y), folds.split(X, y, groups), strict=True
    ):
        # Clips of unknown source are their own groups, all in training.
        np.testing.assert_array_equal(test, rows)
        np.testing.assert_array_equal(train, expected)


def test_clips_of_unknown_source_have_no_prediction(files):
    X, y, groups = files
    model, folds = make_pipeline(WavLoader(), linear()), SourceGroupKFold(4)
    table = cross_validated_predictions(model, X, y, groups, cv=folds)
    assert table.index.tolist() == list(range(len(X) - N_OWN))
    np.testing.assert_allclose(table[np.unique(y)].sum(axis=1), 1, rtol=1e-6)


def test_scikit_learn_takes_it(files):
    X, y, groups = files
    model = make_pipeline(WavLoader(), linear())
    folds = SourceGroupKFold(n_splits=3, random_state=0)
    scores = cross_val_score(model, X, y, cv=folds, groups=groups)
    expected = [
        model.fit(X[train], y[train]).score(X[test], y[test])
        for train, test in folds.split(X, y, groups)
    ]
    assert scores.tolist() == expected
    search = GridSearchCV(model, {"pipeline__logisticregression__C": [1.0]}, cv=folds)
    search.fit(X, y, groups=groups)
    assert search.best_score_ == pytest.approx(np.mean(expected))


def test_parameters_repr_and_number_of_splits(files):
    X, y, groups = files
    folds = SourceGroupKFold(n_splits=3, shuffle=True, random_state=7)
    assert folds.get_n_splits() == folds.get_n_splits(X, y, groups) == 3
    assert repr(folds) == "SourceGroupKFold(n_splits=3, random_state=7, shuffle=True)"
    again = eval(repr(folds))
    for one, other in zip(
        folds.split(X, y, groups), again.split(X, y, groups), strict=True
    ):
        np.testing.assert_array_equal(one[1], other[1])
    defaults = SourceGroupKFold()
    assert (defaults.n_splits, defaults.shuffle, defaults.random_state) == (
        *(5, True, None),
    )
    orders = {
        tuple(np.concatenate([test for _, test in other.split(*files)]))
        for other in (SourceGroupKFold(3, random_state=seed) for seed in range(5))
    }
    assert len(orders) > 1


def test_too_few_sources_are_named(files):
    X, y, groups = files
    with pytest.raises(
        ValueError, match=r"sources of only 10 groups .*n_splits=11.*StratifiedGroupKF"
    ):
        list(SourceGroupKFold(11).split(X, y, groups))
    with pytest.raises(ValueError, match="Expected a list of paths"):
        list(SourceGroupKFold().split(np.zeros((24, 3)), y, groups))
