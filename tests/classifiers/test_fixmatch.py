import numpy as np
import pytest
from every_network import fixmatch, mel_ensemble
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from skaudio import (
    CNN1DClassifier,
    FixMatchClassifier,
    LogMelExtractor,
    StatisticsMelClassifier,
)
from skaudio.classifiers import FocalLoss

SHORT = dict(max_epochs=2, early_stopping=False, random_state=0)


@pytest.fixture(scope="module")
def y(calls):
    """Labels of which half are missing."""
    labels = calls.target.astype(object)
    labels[::2] = None
    return labels


def test_attributes_are_those_of_the_network(log_mels, y):
    network = StatisticsMelClassifier(**SHORT)
    fitted = FixMatchClassifier(network).fit(log_mels, y)
    assert not hasattr(network, "net_")
    inside = fitted.estimator_
    assert type(inside) is StatisticsMelClassifier
    assert fitted.history_ is inside.history_ and len(fitted.history_) == 2
    assert fitted.n_parameters_ == inside.n_parameters_ > 0
    assert fitted.classes_ is inside.classes_ and fitted.n_features_in_ == 32
    for method in ("predict", "predict_proba"):
        np.testing.assert_array_equal(
            getattr(fitted, method)(log_mels), getattr(inside, method)(log_mels)
        )


def test_with_every_label_it_is_the_network(log_mels, calls):
    plain = CNN1DClassifier(max_epochs=3, random_state=0)
    semi = FixMatchClassifier(plain).fit(log_mels, calls.target, groups=calls.groups)
    plain.fit(log_mels, calls.target, groups=calls.groups)
    np.testing.assert_allclose(
        semi.predict_proba(log_mels), plain.predict_proba(log_mels), atol=1e-6
    )
    assert not any("pseudo_share" in epoch for epoch in semi.history_)


def test_unlabelled_rows_change_the_fit(log_mels, y):
    def probabilities(**options):
        return (
            FixMatchClassifier(CNN1DClassifier(**SHORT), **options)
            .fit(log_mels, y)
            .predict_proba(log_mels)
        )

    base = dict(confidence=0.2)
    reference = probabilities(**base)
    for other in (
        dict(confidence=1.0),
        dict(base, unlabelled_weight=0.0),
        dict(base, unlabelled_ratio=1),
        dict(confidence={"cat": 0.2}),
    ):
        assert not np.allclose(probabilities(**other), reference, atol=1e-5), other


def test_confidence_decides_the_share_of_pseudo_labels(log_mels, y):
    shares = [
        fixmatch(**SHORT).set_params(confidence=confidence).fit(log_mels, y).history_
        for confidence in (0.01, 1.0)
    ]
    assert [epoch["pseudo_share"] for epoch in shares[0]] == [1.0, 1.0]
    assert [epoch["pseudo_share"] for epoch in shares[1]] == [0.0, 0.0]


def test_it_uses_the_loss_of_the_network(log_mels, y):
    fits = [
        fixmatch(loss=loss, **SHORT).fit(log_mels, y).predict_proba(log_mels)
        for loss in ("cross_entropy", "focal", FocalLoss(2.0), FocalLoss(0.5))
    ]
    np.testing.assert_array_equal(fits[1], fits[2])
    assert not np.allclose(fits[0], fits[1], atol=1e-4)
    assert not np.allclose(fits[2], fits[3], atol=1e-4)


def test_in_a_pipeline_with_groups_and_missing_labels(calls, y):
    extractor = LogMelExtractor(n_mels=16, n_frames=30)
    pipe = make_pipeline(extractor, fixmatch(max_epochs=1, random_state=0))
    pipe.fit(calls.data, y, fixmatchclassifier__groups=calls.groups)
    assert pipe.predict_proba(calls.data).shape == (36, 3)


@pytest.mark.parametrize(
    "name, bad",
    [
        ("confidence", 0.0),
        ("confidence", 1.5),
        ("confidence", "high"),
        ("unlabelled_ratio", 0),
        ("unlabelled_ratio", 1.5),
        ("unlabelled_weight", -1.0),
        ("estimator", "cnn1d"),
        ("estimator", CNN1DClassifier),
        ("estimator", mel_ensemble()),
        ("estimator", fixmatch()),
    ],
)
def test_bad_parameters_are_named(name, bad, log_mels, y):
    classifier = fixmatch(**SHORT).set_params(**{name: bad})
    with pytest.raises(ValueError, match=f"'{name}' parameter of FixMatchClassifier"):
        classifier.fit(log_mels, y)


def test_errors_of_the_network_are_raised(log_mels, calls, y):
    with pytest.raises(ValueError, match="'lr' parameter of CNN1DClassifier"):
        fixmatch(lr=-1).fit(log_mels, y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        fixmatch(**SHORT).fit(log_mels, y[:-1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        fixmatch(**SHORT).fit(log_mels, y, groups=calls.groups[:-1])
    only_cats = np.where(calls.target == "cat", calls.target, None)
    with pytest.raises(ValueError, match=r"at least 2 classes.*only one class: .*cat"):
        fixmatch(**SHORT).fit(log_mels, only_cats)
    fitted = fixmatch(**SHORT).fit(log_mels, y)
    with pytest.raises(ValueError, match=r"32 x 10 .bands x frames.*fitted on 32 x 64"):
        fitted.predict(log_mels[:, :, :10])


def test_errors_before_fit(log_mels):
    classifier = clone(fixmatch())
    for use in (classifier.predict, classifier.predict_proba):
        with pytest.raises(NotFittedError):
            use(log_mels)
    for name in ("history_", "n_parameters_", "n_features_in_"):
        assert not hasattr(classifier, name)
