import warnings

import numpy as np
import pytest
from every_network import EVERY
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, cross_val_score
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from skorch.callbacks import Callback

from skaudio import CNN1DClassifier, EnhancedCNN1DClassifier, LogMelExtractor, WavLoader
from skaudio.datasets import load_audio_folder

CLASSIFIERS = [CNN1DClassifier, EnhancedCNN1DClassifier]
both = pytest.mark.parametrize("classifier", CLASSIFIERS)


@both
@pytest.mark.parametrize("shape", [(128, 500), (64, 33), (1, 8), (7, 1)])
def test_any_log_mel_shape(classifier, shape):
    X = np.random.default_rng(0).normal(size=(12, *shape)).astype(np.float32)
    y = np.repeat(["a", "b"], 6)
    fitted = classifier(max_epochs=1, random_state=0).fit(X, y)
    assert fitted.input_shape_ == shape
    assert fitted.predict_proba(X).shape == (12, 2)
    np.testing.assert_allclose(fitted.predict_proba(X).sum(axis=1), 1)


@both
def test_learns_and_records_its_history(classifier, calls, log_mels):
    fitted = classifier(random_state=0, max_epochs=40)
    fitted.fit(log_mels, calls.target, groups=calls.groups)
    assert fitted.score(log_mels, calls.target) > 0.8
    assert set(fitted.predict(log_mels)) <= set(calls.target_names)
    losses = [epoch["valid_loss"] for epoch in fitted.history_]
    assert {"epoch", "train_loss", "valid_accuracy", "lr", "seconds"} <= set(
        fitted.history_[0]
    )
    # Early stopping trains at most six epochs past the best one.
    assert len(losses) == 40 or len(losses) - 1 - np.argmin(losses) <= 7


def test_parameter_counts_are_as_documented(log_mels):
    counts = {}
    for classifier in CLASSIFIERS:
        X = np.zeros((26, 128, 500), np.float32)
        X[:, :, :3] = np.random.default_rng(0).normal(size=(26, 128, 3))
        fitted = classifier(max_epochs=1, early_stopping=False)
        fitted.fit(X, np.arange(26) % 13)
        counts[classifier] = fitted.n_parameters_
    assert 1.03e6 < counts[CNN1DClassifier] < 1.05e6
    assert 0.39e6 < counts[EnhancedCNN1DClassifier] < 0.40e6


@pytest.mark.parametrize("classifier", EVERY, ids=lambda one: one.__name__)
def test_same_seed_same_result_and_global_generators_unchanged(
    classifier, calls, log_mels
):
    import torch

    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    before = torch.get_rng_state()
    fits = [
        classifier(max_epochs=3, random_state=seed).fit(log_mels, calls.target)
        for seed in (0, 0, 1)
    ]
    assert torch.equal(torch.get_rng_state(), before)
    assert np.random.rand() == np.random.RandomState(5).rand()  # noqa: NPY002
    first, again, other = (fitted.predict_proba(log_mels) for fitted in fits)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@both
def test_the_best_epoch_is_restored(classifier, calls, log_mels):
    class RecordWeights(Callback):
        def on_epoch_end(self, net, **kwargs):
            state = net.module_.state_dict()
            weights.append({key: value.clone() for key, value in state.items()})

    weights = []
    fitted = classifier(
        lr=0.02, max_epochs=12, random_state=0, callbacks=[("record", RecordWeights())]
    )
    fitted.fit(log_mels, calls.target)
    best = int(np.argmin([epoch["valid_loss"] for epoch in fitted.history_]))
    for key, value in fitted.net_.module_.state_dict().items():
        assert value.equal(weights[best][key])


def test_an_interrupted_fit_sets_no_net(calls, log_mels):
    class Interrupt(Callback):
        def on_batch_end(self, net, **kwargs):
            raise KeyboardInterrupt

    classifier = CNN1DClassifier(callbacks=[Interrupt()], random_state=0)
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(log_mels, calls.target)
    assert not hasattr(classifier, "net_")


def test_learning_rate_is_halved_on_a_plateau(calls, log_mels):
    fitted = CNN1DClassifier(
        lr=0.01, max_epochs=60, patience=30, reduce_lr_patience=1, random_state=0
    ).fit(log_mels, calls.target)
    rates = np.array([epoch["lr"] for epoch in fitted.history_])
    assert rates[-1] < rates[0] and rates.min() >= 1e-6
    steps = (rates[1:] / rates[:-1])[rates[1:] > 1e-6]
    assert set(steps) == {0.5, 1.0}


def test_string_and_integer_labels_are_kept(log_mels, calls):
    codes = np.unique(calls.target, return_inverse=True)[1]
    for labels in (calls.target, codes * 7 - 3, calls.target.astype(object)):
        fitted = CNN1DClassifier(max_epochs=2, random_state=0).fit(log_mels, labels)
        np.testing.assert_array_equal(fitted.classes_, np.unique(labels))
        assert set(fitted.predict(log_mels)) <= set(labels)


def test_class_weight_is_computed_from_the_training_rows(log_mels, calls):
    rare = np.flatnonzero(calls.target == "cat")[:4]
    rows = np.concatenate([rare, np.flatnonzero(calls.target == "dog")])
    X, y = log_mels[rows], calls.target[rows]
    settings = dict(max_epochs=3, random_state=0, early_stopping=False)
    balanced = CNN1DClassifier(class_weight="balanced", **settings).fit(X, y)
    weights = {"cat": len(y) / 2 / 4, "dog": len(y) / 2 / (len(y) - 4)}
    given = CNN1DClassifier(class_weight=weights, **settings).fit(X, y)
    plain = CNN1DClassifier(**settings).fit(X, y)
    by_row = np.array([weights[label] for label in y])
    weighted = CNN1DClassifier(**settings).fit(X, y, sample_weight=by_row)
    reference = balanced.predict_proba(X)
    np.testing.assert_allclose(given.predict_proba(X), reference, atol=1e-5)
    np.testing.assert_allclose(weighted.predict_proba(X), reference, atol=1e-5)
    assert not np.allclose(plain.predict_proba(X), reference, atol=1e-3)
    with pytest.raises(ValueError, match=r"class_weight names .'owl'."):
        CNN1DClassifier(class_weight={"owl": 2}).fit(X, y)


def test_views_are_averaged(log_mels, calls):
    fitted = CNN1DClassifier(max_epochs=2, random_state=0).fit(log_mels, calls.target)
    views = np.stack([log_mels, log_mels[::-1]], axis=1)
    expected = (
        fitted.predict_proba(log_mels) + fitted.predict_proba(log_mels[::-1])
    ) / 2
    np.testing.assert_allclose(fitted.predict_proba(views), expected, atol=1e-6)


def test_unreadable_clips(log_mels, calls):
    X = log_mels.copy()
    X[[2, 5]] = np.nan
    classifier = CNN1DClassifier(max_epochs=2, random_state=0)
    with pytest.warns(UserWarning, match=r"2 of 36 clips are NaN.*rows \[2, 5\]"):
        classifier.fit(X, calls.target, groups=calls.groups)
    probabilities = classifier.predict_proba(X)
    assert np.flatnonzero(np.isnan(probabilities).all(axis=1)).tolist() == [2, 5]
    with pytest.raises(ValueError, match=r"Cannot predict 2 of 36 .*rows \[2, 5\]"):
        classifier.predict(X)
    X[7, 0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        classifier.predict_proba(X)
    with pytest.raises(ValueError, match="no clip could be read"):
        classifier.fit(np.full_like(X, np.nan), calls.target)


def test_silence_is_predicted(log_mels, calls):
    X = log_mels.copy()
    X[0] = 0
    for classifier in CLASSIFIERS:
        fitted = classifier(max_epochs=2, random_state=0).fit(X, calls.target)
        assert np.isfinite(fitted.predict_proba(X)).all()


def test_errors_for_wrong_input(log_mels, calls):
    X, y = log_mels, calls.target
    classifier = CNN1DClassifier(max_epochs=1, random_state=0)
    with pytest.raises(ValueError, match=r"at least 2 classes.*only one class: .*cat"):
        classifier.fit(X[y == "cat"], y[y == "cat"])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        classifier.fit(X, y, groups=calls.groups[:-1])
    fitted = classifier.fit(X, y)
    with pytest.raises(ValueError, match=r"32 x 10 .bands x frames.*fitted on 32 x 64"):
        fitted.predict(X[:, :, :10])
    with pytest.raises(ValueError, match=r"5 dimensions|got 5"):
        classifier.fit(X[:, None, None], y)


def test_absent_gpu(log_mels, calls):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU on this machine")
    with pytest.raises(ValueError, match=r"device='cuda' is not available here.*'cpu'"):
        CNN1DClassifier(device="cuda").fit(log_mels, calls.target)
    with pytest.raises(ValueError, match="device='gpu' is not available here"):
        CNN1DClassifier(device="gpu").fit(log_mels, calls.target)


def test_composes_with_scikit_learn(calls, log_mels):
    classifier = CNN1DClassifier(max_epochs=2, random_state=0)
    folds = StratifiedGroupKFold(2, shuffle=True, random_state=0)
    scores = cross_val_score(
        classifier,
        log_mels,
        calls.target,
        groups=calls.groups,
        cv=folds,
        params={"groups": calls.groups},
    )
    assert scores.shape == (2,)
    calibrated = CalibratedClassifierCV(classifier, cv=2).fit(log_mels, calls.target)
    assert calibrated.predict_proba(log_mels).shape == (36, 3)
    voting = VotingClassifier(
        [("a", classifier), ("b", clone(classifier))], voting="soft", n_jobs=2
    ).fit(log_mels, calls.target)
    np.testing.assert_allclose(
        voting.predict_proba(log_mels),
        clone(classifier).fit(log_mels, calls.target).predict_proba(log_mels),
        atol=0.02,
    )


def test_grid_search_in_two_processes(clip_folder):
    clips = load_audio_folder(clip_folder)
    pipe = Pipeline(
        [
            ("load", WavLoader()),
            ("mel", LogMelExtractor(n_mels=32, n_frames=64)),
            ("clf", CNN1DClassifier(max_epochs=2, random_state=0)),
        ]
    )
    search = GridSearchCV(
        pipe,
        {"clf__class_weight": [None, "balanced"], "mel__normalize": ["sample", "band"]},
        cv=StratifiedGroupKFold(2),
        n_jobs=2,
        error_score="raise",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search.fit(
            clips.data, clips.target, groups=clips.groups, clf__groups=clips.groups
        )
    assert len(search.cv_results_["params"]) == 4
    assert set(search.predict(clips.data)) <= set(clips.target_names)


def test_feature_union_of_unfitted_steps(calls):
    def flat(X):
        return X.reshape(len(X), -1)

    union = FeatureUnion(
        [
            (
                name,
                make_pipeline(
                    LogMelExtractor(16000, 8, n_frames=9, normalize=name),
                    FunctionTransformer(flat),
                ),
            )
            for name in ("sample", "band")
        ]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert union.transform(calls.data).shape == (36, 2 * 8 * 9)
