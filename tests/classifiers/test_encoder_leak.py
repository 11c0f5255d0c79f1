import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import Callback

from skaudio import (
    AlexNetMelClassifier,
    CNN1DClassifier,
    COLAEncoder,
    EnhancedCNN1DClassifier,
    FixMatchClassifier,
    MelEnsembleClassifier,
    ResNetMelClassifier,
    SimCLREncoder,
    StatisticsMelClassifier,
    TransformerMelClassifier,
)
from skaudio.model_selection import ablate

CLASSIFIERS = {
    "alexnet_mel": AlexNetMelClassifier,
    "cnn1d": CNN1DClassifier,
    "enhanced_cnn1d": EnhancedCNN1DClassifier,
    "resnet_mel": ResNetMelClassifier,
    "statistics_mel": StatisticsMelClassifier,
    "transformer_mel": TransformerMelClassifier,
}


class InitialWeights(Callback):
    """Records the weights at the start of training, on the class for all clones."""

    def on_train_begin(self, net, **kwargs):
        weights = net.module_.state_dict()
        type(self).weights = {name: weight.clone() for name, weight in weights.items()}


@pytest.fixture(scope="module")
def encoder(log_mels):
    return COLAEncoder("cnn1d", max_epochs=1, random_state=7).fit(log_mels)


@pytest.mark.parametrize("architecture", CLASSIFIERS)
def test_the_net_starts_from_the_encoder(architecture, log_mels, calls):
    encoder = COLAEncoder(architecture, max_epochs=1, random_state=7).fit(log_mels)
    before = encoder.transform(log_mels)
    classifier = CLASSIFIERS[architecture](
        encoder=FrozenEstimator(encoder),
        max_epochs=1,
        early_stopping=False,
        random_state=0,
        callbacks=[InitialWeights()],
    )
    classifier = clone(classifier).fit(log_mels, calls.target)
    body = encoder.body_.state_dict()
    for name, weight in body.items():
        assert weight.equal(InitialWeights.weights[name]), name
    new = {name for name in InitialWeights.weights if name not in body}
    assert len(new) == 2  # weight and bias of the last layer
    # All layers train, in a copy.
    trained = classifier.net_.module_.state_dict()
    assert not any(
        trained[name].equal(InitialWeights.weights[name])
        for name, _ in classifier.net_.module_.named_parameters()
    )
    np.testing.assert_array_equal(encoder.transform(log_mels), before)


def test_clones_cross_validation_and_pickles_keep_the_encoder(encoder, log_mels, calls):
    classifier = CNN1DClassifier(
        encoder=FrozenEstimator(encoder), max_epochs=2, random_state=0
    )
    plain = CNN1DClassifier(max_epochs=2, random_state=0)
    scores = cross_val_score(classifier, log_mels, calls.target, error_score="raise")
    assert len(scores) == 5
    fitted = classifier.fit(log_mels, calls.target)
    probabilities = fitted.predict_proba(log_mels)
    assert not np.allclose(
        probabilities, plain.fit(log_mels, calls.target).predict_proba(log_mels)
    )
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(log_mels), probabilities)
    refitted = clone(again).fit(log_mels, calls.target)
    np.testing.assert_array_equal(refitted.predict_proba(log_mels), probabilities)


def test_ablations_reuse_cached_results(encoder, log_mels, calls, tmp_path):
    def fits():
        runs = []
        ablate(
            {
                "scratch": CNN1DClassifier(max_epochs=1),
                "encoder": CNN1DClassifier(
                    max_epochs=1, encoder=FrozenEstimator(encoder)
                ),
                "unfitted encoder": CNN1DClassifier(
                    max_epochs=1, encoder=COLAEncoder("cnn1d", max_epochs=1)
                ),
            },
            log_mels,
            calls.target,
            calls.groups,
            cv=2,
            random_state=0,
            cache_dir=tmp_path,
            baselines=False,
            on_run=lambda n_done, n_runs, run: runs.append(run),
        )
        return [run for run in runs if run is not None]

    assert len(fits()) == 6
    assert fits() == []


def test_errors_for_unsuitable_encoders(encoder, log_mels, calls):
    def fit(X=log_mels, classifier=CNN1DClassifier, **options):
        classifier(max_epochs=1, **options).fit(X, calls.target)

    bare = r"encoder=COLAEncoder\(...\) is not frozen: clone.*FrozenEstimator"
    with pytest.raises(ValueError, match=bare):
        fit(encoder=encoder)
    # Those that clone a network look before they do.
    network = CNN1DClassifier(max_epochs=1, encoder=encoder)
    for outer in (
        FixMatchClassifier(network),
        MelEnsembleClassifier([("cnn1d", network)]),
    ):
        with pytest.raises(ValueError, match=bare):
            outer.fit(log_mels, calls.target)
    with pytest.raises(ValueError, match="is not fitted"):
        fit(encoder=FrozenEstimator(clone(encoder)))
    with pytest.raises(ValueError, match=r"StandardScaler.*expected an encoder of"):
        fit(encoder=FrozenEstimator(StandardScaler()))
    both = "architecture 'cnn1d', but AlexNetMelClassifier is 'alexnet_mel'"
    with pytest.raises(ValueError, match=both):
        fit(classifier=AlexNetMelClassifier, encoder=FrozenEstimator(encoder))
    with pytest.raises(ValueError, match="encoder has the " + both):
        fit(classifier=AlexNetMelClassifier, encoder=clone(encoder))
    sizes = r"X holds log-mels of 32 x 40 .* fitted on 32 x 64"
    with pytest.raises(ValueError, match=sizes):
        fit(X=log_mels[..., :40], encoder=FrozenEstimator(encoder))


def test_nets_without_a_fixed_width_take_clips_of_another(log_mels, calls):
    encoder = COLAEncoder(max_epochs=1, random_state=0).fit(log_mels)
    classifier = AlexNetMelClassifier(max_epochs=1, encoder=FrozenEstimator(encoder))
    classifier.fit(log_mels[..., :40], calls.target)
    with pytest.raises(ValueError, match=r"30 x 64 .* 32 x 64"):
        classifier.fit(log_mels[:, :30], calls.target)


class Watched(SimCLREncoder):
    """Records what it is fitted on."""

    seen = []

    def fit(self, X, y=None):
        self.seen.append(X)
        return super().fit(X)


def test_no_leak_pretraining_uses_the_training_rows_only(log_mels, calls):
    X = log_mels + np.arange(len(log_mels), dtype=np.float32)[:, None, None]
    views = np.stack([X, X], axis=1)
    Watched.seen.clear()
    classifier = CNN1DClassifier(
        encoder=Watched("cnn1d", max_epochs=2),
        max_epochs=2,
        random_state=0,
        callbacks=[InitialWeights()],
    )
    fitted = classifier.fit(views, calls.target, groups=calls.groups)
    (seen,) = Watched.seen
    is_seen = [any((clip == seen[:, 0]).all(axis=(1, 2))) for clip in X]
    train = {*np.flatnonzero(is_seen)}
    assert len(seen) == len(train) < len(X)
    valid = set(range(len(X))) - train
    assert not {*calls.groups[list(train)]} & {*calls.groups[list(valid)]}
    # One seed determines pretraining and training.
    again = clone(classifier).fit(views, calls.target, groups=calls.groups)
    np.testing.assert_array_equal(fitted.predict_proba(X), again.predict_proba(X))
    alone = SimCLREncoder("cnn1d", max_epochs=2, random_state=3)
    alone.fit(seen)
    classifier.set_params(encoder=clone(alone)).fit(
        views, calls.target, groups=calls.groups
    )
    for name, weight in alone.body_.state_dict().items():
        assert weight.equal(InitialWeights.weights[name])
