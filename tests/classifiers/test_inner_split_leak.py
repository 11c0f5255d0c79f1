"""No validation row, nor a related one, is trained on: the leak probes."""

import warnings

import numpy as np
import pytest
from every_network import EVERY, NETWORKS, fixmatch, mel_ensemble
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import Pipeline as ImbalancedPipeline
from sklearn import config_context
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from skorch.callbacks import Callback

import skaudio.classifiers
from skaudio import CNN1DClassifier, FineTunedClassifier
from skaudio._utils.related_rows import related_rows
from skaudio.classifiers import AudioClassifier
from skaudio.classifiers._inner_split import split_validation

SEEN = []


class Probe(Callback):
    """Record the value that marks each row and view, by phase and epoch."""

    def on_train_begin(self, net, **kwargs):
        SEEN.append({"train": [], "valid": []})

    def on_epoch_begin(self, net, **kwargs):
        for phase in SEEN[-1].values():
            phase.append([])

    def on_batch_begin(self, net, batch, training, **kwargs):
        phase = "train" if training else "valid"
        SEEN[-1][phase][-1] += batch[0][:, 0, 0].tolist()


@pytest.fixture(autouse=True)
def clear_seen():
    SEEN.clear()


def marked(n, n_views=1):
    """Log-mels whose values are row + view / 100."""
    marks = np.arange(n)[:, None] + np.arange(n_views) / 100
    X = np.broadcast_to(marks[..., None, None], (n, n_views, 4, 6)).astype(np.float32)
    return X.copy() if n_views > 1 else X[:, 0].copy()


def classifier(cls=CNN1DClassifier, **options):
    options = {"max_epochs": 3, "random_state": 0, "callbacks": [Probe()]} | options
    return cls(**options)


def rows(values):
    return {int(value + 1e-3) for value in values}


def test_leak_tests_cover_every_network():
    public = (getattr(skaudio.classifiers, n) for n in skaudio.classifiers.__all__)
    subclasses = {cls for cls in public if issubclass(cls, AudioClassifier)}
    assert subclasses - {AudioClassifier} == {*NETWORKS}
    # It has leak tests of its own, beside its other tests.
    assert issubclass(FineTunedClassifier, AudioClassifier)


def one_label(groups, rng):
    return groups % 2


def several_labels(groups, rng):
    present = rng.random((40, 3)) < 0.3
    present[::7] = False
    return present.astype(int)


@pytest.mark.parametrize(
    "cls, labels, seed",
    [(cls, one_label, seed) for cls in EVERY for seed in range(3)]
    + [(cls, several_labels, 0) for cls in EVERY if cls is not fixmatch],
)
def test_leak_of_views_and_groups(cls, labels, seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 15, 40)
    y = labels(groups, rng)
    classifier(cls, random_state=seed).fit(marked(40, n_views=3), y, groups=groups)
    assert len(SEEN) == (2 if cls is mel_ensemble else 1)
    for seen in SEEN:
        train = rows(np.concatenate(seen["train"]))
        valid = rows(np.concatenate(seen["valid"]))
        assert train | valid == set(range(40)) and not train & valid
        assert not set(groups[list(train)]) & set(groups[list(valid)])
        if y.ndim == 1:
            assert set(y[list(valid)]) == {0, 1}
        else:
            assert y[list(train)].any(axis=0).all() and y[list(valid)].any()
        for epoch in seen["valid"]:
            # Validation: each row once, view 0.
            assert sorted(epoch) == sorted(valid)
        for epoch in seen["train"]:
            # Training: each row once, one view.
            assert len(epoch) == len(train) and rows(epoch) == train


def test_leak_views_are_drawn_uniformly():
    classifier(max_epochs=40, early_stopping=False).fit(
        marked(20, n_views=4), np.arange(20) % 2
    )
    (seen,) = SEEN
    marks = np.concatenate(seen["train"])
    views = np.round((marks % 1) * 100)
    counts = np.bincount(views.astype(int), minlength=4)
    assert counts.sum() == 800 and (abs(counts - 200) < 60).all()


def test_leak_of_copies_without_groups():
    X = marked(20)[np.arange(40) % 20]
    classifier().fit(X, np.arange(40) % 2)
    (seen,) = SEEN
    train, valid = (rows(np.concatenate(seen[phase])) for phase in ("train", "valid"))
    assert not train & valid and train | valid == set(range(20))


def test_leak_of_oversampled_paths():
    """RandomOverSampler repeats paths; copies must not be trained on and validated."""
    y = np.array(["rare"] * 8 + ["common"] * 32)
    paths = np.arange(40).astype(str).astype(object)[:, None]
    pipe = ImbalancedPipeline(
        [
            ("sample", RandomOverSampler(random_state=0)),
            ("load", FunctionTransformer(lambda X: marked(40)[X[:, 0].astype(int)])),
            ("clf", classifier()),
        ]
    )
    pipe.fit(paths, y)
    (seen,) = SEEN
    train, valid = (rows(np.concatenate(seen[phase])) for phase in ("train", "valid"))
    assert not train & valid and valid
    assert len(seen["train"][0]) + len(seen["valid"][0]) == 64


@pytest.mark.parametrize("routing", [False, True])
@pytest.mark.parametrize("cls", [CNN1DClassifier, mel_ensemble, fixmatch])
def test_leak_in_cross_validation(cls, routing):
    """Groups reach both splits, by fit parameters and by metadata routing."""
    groups = np.repeat(np.arange(12), 4)
    y = groups % 2
    pipe = Pipeline([("same", FunctionTransformer()), ("clf", classifier(cls))])
    folds = StratifiedGroupKFold(3)
    with config_context(enable_metadata_routing=routing):
        if routing:
            cross_validate(pipe, marked(48), y, cv=folds, params={"groups": groups})
        else:
            cross_validate(
                pipe,
                marked(48),
                y,
                groups=groups,
                cv=folds,
                params={"clf__groups": groups},
            )
            names = {CNN1DClassifier: "clf", mel_ensemble: "clf__cnn1d"}
            grid = {f"{names.get(cls, 'clf__estimator')}__lr": [0.01]}
            search = GridSearchCV(pipe, grid, cv=folds, refit=False)
            search.fit(marked(48), y, groups=groups, clf__groups=groups)
    n_networks = 2 if cls is mel_ensemble else 1
    assert len(SEEN) == n_networks * (3 if routing else 6)
    for number, seen in enumerate(SEEN):
        outer = set(list(folds.split(y, y, groups))[number // n_networks % 3][1])
        train, valid = (rows(np.concatenate(seen[p])) for p in ("train", "valid"))
        assert not (train | valid) & outer
        assert not set(groups[list(train)]) & set(groups[list(valid)])


def test_leak_probe_catches_a_leak(monkeypatch):
    """Without the grouped split the probe finds shared groups."""
    monkeypatch.setattr(
        "skaudio.classifiers._fit_rows.split_validation",
        lambda X, *args: (np.arange(10, 40), np.arange(10)),
    )
    groups = np.arange(40) % 8
    classifier().fit(marked(40), np.arange(40) % 2, groups=groups)
    (seen,) = SEEN
    train, valid = (rows(np.concatenate(seen[phase])) for phase in ("train", "valid"))
    assert set(groups[list(train)]) & set(groups[list(valid)])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_leak_free_split_for_any_groups(data):
    n = data.draw(st.integers(4, 40))
    groups = np.array(data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)))
    y = np.array(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    y = np.unique(y, return_inverse=True)[1]
    values = np.array(data.draw(st.lists(st.integers(0, 30), min_size=n, max_size=n)))
    names = np.array([f"class {k}" for k in range(y.max() + 1)])
    seed = np.random.RandomState(data.draw(st.integers(0, 99)))
    X = values[:, None].astype(np.float32)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            train, valid = split_validation(X, y, groups, 0.25, seed, names)
    except ValueError as error:
        assert "class" in str(error) and "early_stopping=False" in str(error)
        return
    assert sorted([*train, *valid]) == list(range(n)) and len(valid)
    assert set(y[train]) == set(y)
    assert not set(groups[train]) & set(groups[valid])
    assert not set(values[train]) & set(values[valid])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_leak_free_split_of_several_labels_loses_no_class(data):
    n, n_classes = data.draw(st.integers(2, 30)), data.draw(st.integers(2, 4))
    groups = np.array(data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)))
    values = np.array(data.draw(st.lists(st.integers(0, 30), min_size=n, max_size=n)))
    share = data.draw(st.sampled_from([0.1, 0.3, 0.6]))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    y = rng.random((n, n_classes)) < share
    names = np.array([f"class {k}" for k in range(n_classes)])
    X = values[:, None].astype(np.float32)
    state = np.random.RandomState(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            train, valid = split_validation(X, y, groups, 0.25, state, names)
    except ValueError as error:
        assert "early_stopping=False" in str(error)
        # Indeed no related rows that have a class can be held back.
        related = related_rows(X, groups)
        for rows in (related == number for number in range(related.max() + 1)):
            lost = y.any(axis=0) & ~y[~rows].any(axis=0)
            assert lost.any() or not y[rows].any()
        return
    assert sorted([*train, *valid]) == list(range(n))
    np.testing.assert_array_equal(y[train].any(axis=0), y.any(axis=0))
    assert y[valid].any()
    assert not set(groups[train]) & set(groups[valid])
    assert not set(values[train]) & set(values[valid])


def test_split_of_several_labels_gives_each_class_its_share():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(100), 4)
    y = rng.random((400, 6)) < [0.3, 0.2, 0.1, 0.1, 0.05, 0.02]
    X, state = np.arange(400.0)[:, None], np.random.RandomState(0)
    _, valid = split_validation(X, y, groups, 0.2, state, np.arange(6).astype(str))
    shares = y[valid].sum(axis=0) / y.sum(axis=0)
    np.testing.assert_allclose(shares, 0.2, atol=0.1)
    without = ~y.any(axis=1)
    assert without[valid].sum() / without.sum() == pytest.approx(0.2, abs=0.05)
    # The same rows in another order are split alike.
    order = rng.permutation(400)
    _, other = split_validation(
        *(X[order], y[order], groups[order], 0.2, np.random.RandomState(0)),
        np.arange(6).astype(str),
    )
    assert set(order[other]) == set(valid)


def test_several_labels_of_one_group_are_named():
    names = np.array(["cat", "dog", "owl"])
    X, groups = np.arange(12.0)[:, None], np.arange(12) // 2
    y = np.zeros((12, 3), bool)
    y[:6, 0], y[2:10, 1], y[10:, 2] = True, True, True
    state = np.random.RandomState(0)
    with pytest.warns(UserWarning, match="Only one group of clips in 'owl': it is"):
        _, valid = split_validation(X, y, groups, 0.2, state, names)
    assert not y[valid, 2].any() and y[valid].any()
    alone = np.eye(3, dtype=bool)[[0, 0, 1, 1, 2, 2]]
    with pytest.raises(ValueError, match=r"only one group .*'cat', 'dog', 'owl'"):
        split_validation(X[:6], alone, groups[:6], 0.2, state, names)
    # Neither group of the cat can go without another class, and clips without any
    # class alone would not show when to stop.
    connected = np.zeros((12, 3), bool)
    connected[0, :2], connected[2, [0, 2]] = True, True
    with (
        pytest.warns(UserWarning, match="Only one group of clips in 'dog', 'owl'"),
        pytest.raises(ValueError, match="No split into training and validation rows"),
    ):
        split_validation(X, connected, groups, 0.2, state, names)


def test_class_of_one_group_trains_with_a_warning():
    y = np.array([0] * 10 + [1] * 10 + [2] * 3)
    groups = np.r_[np.arange(20), 20, 20, 20]
    with pytest.warns(UserWarning, match="Only one group of clips in 'owl'"):
        _, valid = split_validation(
            np.arange(23.0)[:, None],
            y,
            groups,
            0.2,
            np.random.RandomState(0),
            np.array(["cat", "dog", "owl"]),
        )
    assert len(valid) == 4 and set(y[valid]) == {0, 1}


def test_no_valid_split_names_the_classes():
    X = np.arange(8.0)[:, None]
    y = np.repeat([0, 1], 4)
    state = np.random.RandomState(0)
    with pytest.raises(
        ValueError, match=r"each class has only one group.*'cat', 'dog'"
    ):
        split_validation(X, y, y, 0.2, state, np.array(["cat", "dog"]))
    # Groups that connect both classes.
    connected = np.array([0, 0, 1, 1, 0, 0, 1, 2])
    y = np.array([0, 0, 0, 0, 1, 1, 1, 0])
    _, valid = split_validation(X, y, connected, 0.2, state, np.array(["cat", "dog"]))
    assert len(valid)


def test_split_is_stratified_and_has_the_given_size():
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(5), [60, 40, 40, 30, 30])
    X = rng.normal(size=(200, 3))
    _, valid = split_validation(
        X, y, None, 0.2, np.random.RandomState(0), np.arange(5).astype(str)
    )
    np.testing.assert_allclose(np.bincount(y[valid]), [12, 8, 8, 6, 6], atol=1)
