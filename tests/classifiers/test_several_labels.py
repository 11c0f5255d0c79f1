"""Networks fitted on indicator matrices: several labels per clip, or none."""

import copy
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from every_network import NETWORKS, mel_ensemble
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import accuracy_score, average_precision_score
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from skorch.callbacks import Callback

from skaudio import (
    CNN1DClassifier,
    COLAEncoder,
    FineTunedClassifier,
    FixMatchClassifier,
    LogMelExtractor,
    PrototypicalClassifier,
    PrototypicalNetClassifier,
    SpecAugmenter,
    StatisticsMelClassifier,
    ViewResampler,
)
from skaudio.augment import CalibratedNoiseMixer, MelShift, Mixup
from skaudio.classifiers import ClassBalancedLoss
from skaudio.datasets import make_animal_sounds

NAMES = ["cat", "cow", "dog"]
SHORT = dict(max_epochs=2, random_state=0)
LEARNS = dict(max_epochs=20, lr=0.003, random_state=0)


def overlapping(n_clips, seed):
    """Waveforms of a second in which each of three animals calls, or does not."""
    calls = make_animal_sounds(5, n_classes=3, random_state=seed)
    rng = np.random.default_rng(seed)
    present = rng.random((n_clips, 3)) < 0.4
    present[:2] = [[0, 0, 0], [1, 1, 1]]
    clips = rng.normal(0, 1e-3, (n_clips, 16000))
    for clip, here in zip(clips, present, strict=True):
        for name in np.array(NAMES)[here]:
            call = calls.data[rng.choice(np.flatnonzero(calls.target == name))]
            clip[: len(call)] += call[: len(clip)]
    return clips.astype(np.float32), present.astype(int)


@pytest.fixture(scope="module")
def mel():
    return LogMelExtractor(n_mels=32, n_frames=32)


@pytest.fixture(scope="module")
def mixtures(mel):
    """Log-mels, indicator matrix and groups; of four sites."""
    clips, y = zip(*(overlapping(16, seed) for seed in range(4)), strict=True)
    return mel.transform(np.vstack(clips)), np.vstack(y), np.repeat(range(4), 16)


def test_overlapping_calls_are_learnt_each_by_itself(mixtures, mel):
    X, y, groups = mixtures
    clips, y_new = overlapping(40, seed=9)
    model = StatisticsMelClassifier(**LEARNS).fit(X, y, groups=groups)
    probabilities = model.predict_proba(mel.transform(clips))
    precision = average_precision_score(y_new, probabilities, average=None)
    # At chance it is the share of the clips, about 0.4.
    assert precision.mean() > 0.7 and (precision > y_new.mean(axis=0) + 0.1).all()
    sums = probabilities.sum(axis=1)
    assert sums.min() < 0.7 and sums.max() > 1.5
    several = model.predict(mel.transform(clips)).sum(axis=1)
    assert several.min() == 0 and several.max() >= 2


@pytest.mark.parametrize("build", [*NETWORKS, mel_ensemble])
def test_outputs_of_every_network_and_of_its_saved_copy(build, mixtures, tmp_path):
    X, y, groups = mixtures
    augment = [MelShift(1), SpecAugmenter(), Mixup(0.3)]
    options = dict(augment=augment, loss="focal", class_weight="balanced", **SHORT)
    model = build(**options).fit(X, y, groups=groups)
    assert model.multilabel_ and model.classes_.tolist() == [0, 1, 2]
    probabilities, predicted = model.predict_proba(X), model.predict(X)
    assert probabilities.shape == predicted.shape == (64, 3)
    assert probabilities.dtype == np.float64 and predicted.dtype == int
    np.testing.assert_array_equal(predicted, probabilities > 0.5)
    assert model.score(X, y) == accuracy_score(y, predicted)
    # Averaged over views, as with one label per clip.
    views = np.stack([X, X[::-1]], axis=1)
    mean = (probabilities + probabilities[::-1]) / 2
    np.testing.assert_allclose(model.predict_proba(views), mean, atol=1e-6)
    joblib.dump(model, tmp_path / "net.joblib")
    for same in (joblib.load(tmp_path / "net.joblib"), copy.deepcopy(model)):
        assert same.multilabel_
        np.testing.assert_array_equal(same.predict_proba(X), probabilities)
        np.testing.assert_array_equal(same.predict(X), predicted)


def test_validation_accuracy_is_the_score_on_the_validation_rows(mixtures):
    X, y, groups = mixtures
    seen = []

    class Probe(Callback):
        def on_batch_begin(self, net, batch, training, **kwargs):
            if not training:
                seen.append(batch[0].numpy())

    model = CNN1DClassifier(
        max_epochs=3, patience=9, random_state=0, callbacks=[Probe()]
    ).fit(X, y, groups=groups)
    best = min(model.history_, key=lambda epoch: epoch["valid_loss"])
    held_back = np.unique(np.concatenate(seen), axis=0)
    rows = [np.flatnonzero((X == one).all(axis=(1, 2)))[0] for one in held_back]
    assert model.score(X[rows], y[rows]) == pytest.approx(best["valid_accuracy"])


def test_every_form_of_the_matrix_gives_the_same_model(mixtures):
    X, y, _ = mixtures
    model = CNN1DClassifier(**SHORT).fit(X, y)
    frame = pd.DataFrame(y, columns=NAMES)
    forms = [y.tolist(), list(y), y.astype(bool), y.astype(float), csr_array(y), frame]
    for form in [*forms, frame.astype("Int64"), frame.astype("boolean")]:
        same = CNN1DClassifier(**SHORT).fit(X, form)
        np.testing.assert_array_equal(same.predict_proba(X), model.predict_proba(X))
        assert type(same.predict(X)) is np.ndarray and same.predict(X).dtype == int
        names = NAMES if hasattr(form, "columns") else [0, 1, 2]
        assert same.classes_.tolist() == names
        assert same.score(X, y) == model.score(X, y)
    # The same estimator takes one label per clip afterwards.
    model.fit(X, np.where(y[:, 0], "cat", "other"))
    assert not model.multilabel_ and set(model.predict(X)) <= {"cat", "other"}
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)


def test_one_column_is_one_label_per_clip_as_in_scikit_learn(mixtures):
    X, y, _ = mixtures
    with pytest.warns(UserWarning, match="column-vector"):
        model = CNN1DClassifier(**SHORT).fit(X, y[:, :1])
    assert model.predict(X).shape == (64,) and not model.multilabel_


@pytest.mark.parametrize(
    "y, message",
    [
        ([[0, 1], [2, 1]] * 4, r"y of shape \(8, 2\) holds 2: expected one label"),
        ([[-1, 1], [1, 1]] * 4, "holds -1"),
        ([[0.3, 1], [1, 0]] * 4, "holds 0.3"),
        ([["cat", "cow"], ["cow", "cow"]] * 4, "holds 'cat'.*MultiLabelBinarizer"),
        ([["cat"], ["cat", "cow"]] * 4, "MultiLabelBinarizer"),
        ([[np.nan, 1], [1, 0]] * 4, "Input y contains NaN"),
        (np.zeros((8, 3)), r"y of shape \(8, 3\) is 0 throughout"),
        (pd.DataFrame(np.eye(8), columns=list("abccefgg")), "one column 'c', 'g'"),
    ],
)
def test_other_matrices_are_refused_in_one_line(y, message, log_mels):
    with pytest.raises(ValueError, match=message) as caught:
        CNN1DClassifier(**SHORT).fit(log_mels[:8], y)
    assert "\n" not in str(caught.value)


def test_classes_of_no_clip_or_of_every_clip_are_warned_of(mixtures):
    X, y, _ = mixtures
    y = pd.DataFrame(y, columns=NAMES).assign(cat=0, dog=1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = CNN1DClassifier(class_weight="balanced", **LEARNS).fit(X, y)
    texts = " ".join(str(warning.message) for warning in caught)
    assert "No clip is of the class 'cat'" in texts
    assert "Every clip is of the class 'dog'" in texts and "'cow'" not in texts
    mean = model.predict_proba(X).mean(axis=0)
    assert mean[0] < 0.1 and mean[2] > 0.9


def test_unreadable_clips_are_left_out(mixtures):
    X, y, groups = mixtures
    X = X.copy()
    X[[3, 7]] = np.nan
    readable = np.setdiff1d(np.arange(64), [3, 7])
    with pytest.warns(UserWarning, match="2 of 64 clips are NaN"):
        model = CNN1DClassifier(**SHORT).fit(X, y, groups=groups)
    same = CNN1DClassifier(**SHORT).fit(
        X[readable], y[readable], groups=groups[readable]
    )
    probabilities = model.predict_proba(X)
    assert np.isnan(probabilities[[3, 7]]).all()
    np.testing.assert_array_equal(
        probabilities[readable], same.predict_proba(X[readable])
    )
    with pytest.raises(ValueError, match=r"2 of 64 rows that are NaN.*\[3, 7\]"):
        model.predict(X)


@pytest.mark.parametrize(
    "option",
    [
        {"class_weight": {"cat": 30}},
        {"class_weight": "balanced"},
        {"loss": ClassBalancedLoss(0.999)},
    ],
)
def test_weights_of_a_class_raise_its_probability(option, mixtures):
    X, y, _ = mixtures
    y = pd.DataFrame(y, columns=NAMES)
    y.loc[np.arange(64) % 10 > 0, "cat"] = 0  # rare
    options = dict(early_stopping=False, max_epochs=5, random_state=0)
    plain = CNN1DClassifier(**options).fit(X, y).predict_proba(X).mean(axis=0)
    weighted = CNN1DClassifier(**options, **option).fit(X, y).predict_proba(X)
    rise = weighted.mean(axis=0) - plain
    assert rise[0] > 0.1 and rise[0] > rise[1:].max() + 0.05


def test_weights_of_rows_count_in_the_loss(mixtures):
    X, y, _ = mixtures
    heavy = np.where(y[:, 0] == 1, 50.0, 1.0)
    options = dict(early_stopping=False, max_epochs=4, random_state=0)
    plain = CNN1DClassifier(**options).fit(X, y).predict_proba(X)
    weighted = CNN1DClassifier(**options).fit(X, y, heavy).predict_proba(X)
    scaled = CNN1DClassifier(**options).fit(X, y, np.full(64, 4.0)).predict_proba(X)
    assert weighted[:, 0].mean() > plain[:, 0].mean() + 0.1
    np.testing.assert_allclose(scaled, plain, atol=1e-3)


def test_pipeline_grid_and_cross_validation(mixtures):
    clips, y = overlapping(36, seed=3)
    groups = np.arange(36) // 3
    y = pd.DataFrame(y, columns=NAMES)
    noise = [np.random.default_rng(0).normal(size=8000)]
    pipe = make_pipeline(
        CalibratedNoiseMixer(noise, random_state=0),
        LogMelExtractor(n_mels=16, n_frames=32),
        CNN1DClassifier(**SHORT),
    )
    grid = {"cnn1dclassifier__class_weight": [None, {"cow": 5}]}
    search = GridSearchCV(
        *(pipe, grid),
        cv=GroupKFold(3),
        scoring=["f1_macro", "roc_auc"],
        refit="roc_auc",
        error_score="raise",
    )
    search.fit(clips, y, groups=groups, cnn1dclassifier__groups=groups)
    for metric in ("f1_macro", "roc_auc"):
        scores = search.cv_results_[f"mean_test_{metric}"]
        assert len(scores) == 2 and np.isfinite(scores).all()
    copied = clone(pipe).set_params(**search.best_params_)
    copied.fit(clips, y, cnn1dclassifier__groups=groups)
    np.testing.assert_array_equal(
        copied.predict_proba(clips), search.predict_proba(clips)
    )
    assert search.best_estimator_[-1].classes_.tolist() == NAMES
    assert search.predict(clips).shape == (36, 3)
    scores = cross_validate(
        *(pipe, clips, y),
        groups=groups,
        cv=GroupKFold(3),
        scoring="average_precision",
        params={"cnn1dclassifier__groups": groups},
        error_score="raise",
    )
    assert np.isfinite(scores["test_score"]).all()


def test_adapt_and_fine_tuning(mixtures):
    X, y, groups = mixtures
    backbone = FrozenEstimator(COLAEncoder("cnn1d", **SHORT).fit(X))
    model = FineTunedClassifier(backbone, n_frozen_layers=1, **SHORT)
    model.fit(X, y, groups=groups)
    before = model.predict_proba(X)
    assert before.shape == (64, 3) and model.multilabel_
    after = model.adapt(2 * X + 1).predict_proba(2 * X + 1)
    assert after.shape == (64, 3) and abs(after - before).max() > 1e-3
    assert model.predict(X).shape == (64, 3)


@pytest.mark.parametrize(
    "build",
    [
        lambda: FixMatchClassifier(CNN1DClassifier(**SHORT)),
        lambda: PrototypicalNetClassifier(n_episodes=1),
        PrototypicalClassifier,
        ViewResampler,
        lambda: CNN1DClassifier(sampler="balanced"),
    ],
)
def test_what_takes_one_label_per_clip_refuses_the_matrix(build, mixtures):
    X, y, _ = mixtures
    estimator = build()
    with pytest.raises(ValueError, match=r"several|class_weight") as caught:
        rows = X[:, 0] if isinstance(estimator, PrototypicalClassifier) else X
        estimator.fit(rows, y)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200
