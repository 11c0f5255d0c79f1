"""A new architecture is one module and one class."""

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from torch import nn

from skaudio import FixMatchClassifier, MelEnsembleClassifier, SpecAugmenter
from skaudio._nets.audio_net import AudioNet
from skaudio._nets.layers import dense_head, segments
from skaudio.augment import Gain, Mixup
from skaudio.classifiers import AudioClassifier, FocalLoss
from skaudio.fine_tuning._layer_groups import layer_groups


class MeanNet(AudioNet):
    """One hidden layer over the mean and the maximum of each band."""

    n_features = 24

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        self.segment = min(30, n_frames)
        hidden = [nn.Linear(4 * n_bands, 24), nn.BatchNorm1d(24), nn.ReLU()]
        self.head = dense_head(hidden, 0.1, self.n_features, n_classes)

    def forward(self, X):
        X = segments(X, self.segment, self.training).flatten(1, 2)
        return self.head(torch.cat([X.mean(dim=-1), X.amax(dim=-1)], dim=1))


class MeanNetClassifier(AudioClassifier):
    """A toy."""

    _module = MeanNet


@pytest.fixture(scope="module")
def fitted(log_mels, calls):
    classifier = MeanNetClassifier(
        augment=[Gain(3), SpecAugmenter(), Mixup(0.2)],
        loss=FocalLoss(1.0),
        lr=0.01,
        max_epochs=30,
        batch_size=12,
        random_state=0,
    )
    return classifier.fit(log_mels, calls.target, groups=calls.groups)


def test_it_fits_and_predicts(fitted, log_mels, calls):
    assert fitted.score(log_mels, calls.target) > 0.8
    assert fitted.predict_proba(log_mels).shape == (36, 3)
    expected = 4 * 32 * 24 + 24 + 2 * 24 + 24 * 3 + 3
    assert fitted.n_parameters_ == expected


def test_it_clones_and_is_cross_validated(fitted, log_mels, calls):
    again = clone(fitted).fit(log_mels, calls.target, groups=calls.groups)
    np.testing.assert_array_equal(
        again.predict_proba(log_mels), fitted.predict_proba(log_mels)
    )
    short = clone(fitted).set_params(max_epochs=1, loss__gamma=0.0)
    scores = cross_val_score(short, log_mels, calls.target, cv=2, error_score="raise")
    assert len(scores) == 2


def test_it_is_saved_and_adapted(fitted, log_mels, tmp_path):
    joblib.dump(fitted, tmp_path / "toy.joblib")
    loaded = joblib.load(tmp_path / "toy.joblib")
    expected = fitted.predict_proba(log_mels)
    np.testing.assert_array_equal(loaded.predict_proba(log_mels), expected)
    loaded.adapt(log_mels + 1)
    assert not np.allclose(loaded.predict_proba(log_mels), expected)


def test_it_goes_into_what_takes_networks(fitted, log_mels, calls):
    network = clone(fitted).set_params(max_epochs=1)
    y = calls.target.astype(object)
    y[::2] = None
    assert FixMatchClassifier(network).fit(log_mels, y).history_[0]["pseudo_share"] >= 0
    ensemble = MelEnsembleClassifier([("one", network), ("other", network)])
    assert ensemble.fit(log_mels, calls.target).predict_proba(log_mels).shape == (36, 3)


def test_its_layers_are_found_by_their_types():
    body = MeanNet(32, 64, n_classes=None)
    assert layer_groups(body) == [
        ["head.0.weight", "head.0.bias", "head.1.weight", "head.1.bias"]
    ]
    whole = layer_groups(MeanNet(32, 64, n_classes=3))
    assert whole[1:] == [["head.4.weight", "head.4.bias"]]


def test_the_base_computes_nothing():
    with pytest.raises(NotImplementedError):
        AudioNet()(torch.zeros(1, 4, 4))


def test_features_are_what_the_last_layer_takes(fitted, log_mels, calls):
    views = np.stack([log_mels, log_mels + 1], axis=1)
    views[1] = np.nan
    features = fitted.embed(views)
    assert features.shape == (36, 24) and np.isnan(features[1]).all()
    parts = np.mean([fitted.embed(views[[0], view]) for view in (0, 1)], axis=0)
    np.testing.assert_allclose(features[:1], parts, rtol=1e-4)
    module = fitted.net_.module_.eval()
    state = torch.random.get_rng_state()
    features = torch.from_numpy(fitted.embed(log_mels))
    assert torch.equal(torch.random.get_rng_state(), state)
    with torch.inference_mode():
        probabilities = module.head[-1](features).double().softmax(dim=1).numpy()
    np.testing.assert_allclose(probabilities, fitted.predict_proba(log_mels), atol=1e-5)
    members = [(name, clone(fitted).set_params(max_epochs=1)) for name in "ab"]
    both = MelEnsembleClassifier(members, random_state=0).fit(log_mels, calls.target)
    expected = [member.embed(log_mels) for _, member in both.members_]
    np.testing.assert_array_equal(both.embed(log_mels), np.hstack(expected))
