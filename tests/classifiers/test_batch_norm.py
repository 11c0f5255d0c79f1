import copy
import pickle

import numpy as np
import pytest
import torch
from every_network import NETWORKS
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from torch import nn

from skaudio import (
    AlexNetMelClassifier,
    CNN1DClassifier,
    COLAEncoder,
    FineTunedClassifier,
    LogMelExtractor,
    PrototypicalNetClassifier,
)
from skaudio.classifiers import AudioClassifier

ENCODER = COLAEncoder("cnn1d", max_epochs=1, random_state=0)
NOISE = np.random.default_rng(0).normal(size=(8, 32, 64)).astype(np.float32)
MODELS = [
    *(cls(max_epochs=1, early_stopping=False, random_state=0) for cls in NETWORKS),
    PrototypicalNetClassifier(n_episodes=2, encoder="cnn1d", random_state=0),
    # Frozen layers are adapted, too.
    FineTunedClassifier(
        FrozenEstimator(ENCODER.fit(NOISE)),
        n_frozen_layers=3,
        max_epochs=1,
        early_stopping=False,
        random_state=0,
    ),
]


def weights_and_statistics(model):
    state = model._fitted_module().state_dict()
    statistics = {key: value for key, value in state.items() if "running" in key}
    weights = {
        key: value
        for key, value in state.items()
        if key not in statistics and "tracked" not in key
    }
    return copy.deepcopy(weights), copy.deepcopy(statistics)


def equal(one, other):
    return all(map(torch.equal, one.values(), other.values()))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_only_statistics_change_and_the_old_model_can_be_kept(model, log_mels, calls):
    model.fit(log_mels, calls.target)
    old, saved = copy.deepcopy(model), pickle.dumps(model)
    weights, statistics = weights_and_statistics(model)
    before = model.predict_proba(log_mels)
    target = log_mels * 0.5 + np.linspace(-1, 1, 32, dtype=np.float32)[:, None]
    assert model.adapt(target) is model
    new_weights, new_statistics = weights_and_statistics(model)
    assert equal(weights, new_weights) and not equal(statistics, new_statistics)
    after = model.predict_proba(target)
    assert not np.allclose(after, old.predict_proba(target))
    for kept in (old, pickle.loads(saved)):
        np.testing.assert_array_equal(kept.predict_proba(log_mels), before)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict_proba(target), after)
    # Earlier calls have no influence.
    loaded.adapt(log_mels).adapt(target)
    np.testing.assert_array_equal(loaded.predict_proba(target), after)


def test_the_first_layer_takes_the_statistics_of_the_target(log_mels, calls):
    model = CNN1DClassifier(max_epochs=1, early_stopping=False, random_state=0)
    model.fit(log_mels, calls.target)
    target = np.concatenate([log_mels + offset for offset in range(8)])
    assert len(target) > 2 * 128  # more than one batch
    model.adapt(target)
    first, norm = model.net_.module_.features[:2]
    with torch.inference_mode():
        outputs = first(torch.from_numpy(target)).double()
    mean = outputs.mean(dim=(0, 2))
    variance = outputs.var(dim=(0, 2))
    np.testing.assert_allclose(norm.running_mean, mean, rtol=1e-3, atol=1e-3)
    # The mean of the batches' variances omits the variance between batches.
    np.testing.assert_allclose(norm.running_var, variance, rtol=0.03)
    assert norm.momentum == 0.1 and not norm.training


def test_adapt_compensates_a_spectral_slope(log_mels, calls):
    model = AlexNetMelClassifier(
        max_epochs=15, lr=0.002, early_stopping=False, random_state=0
    ).fit(log_mels, calls.target)
    # As by a microphone with weak high frequencies, unlike in training.
    slope = np.linspace(2, -2, 32, dtype=np.float32)[:, None]
    shifted = np.where(log_mels != 0, log_mels + slope, 0)
    unadapted = model.score(shifted, calls.target)
    assert model.adapt(shifted).score(shifted, calls.target) > unadapted


def test_views_and_unreadable_clips(log_mels, calls):
    model = CNN1DClassifier(max_epochs=1, early_stopping=False, random_state=0)
    model.fit(log_mels, calls.target)
    other = copy.deepcopy(model)
    views = np.stack([log_mels, 2 * log_mels], axis=1)
    views[3] = np.nan
    with pytest.warns(UserWarning, match=r"1 of 36 .* domain adaptation: rows \[3\]"):
        model.adapt(views)
    there = np.delete(views, 3, axis=0)
    other.adapt(there.reshape(-1, *log_mels.shape[1:]))
    assert equal(weights_and_statistics(model)[1], weights_and_statistics(other)[1])


class Plain(nn.Module):
    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        self.dense = nn.Linear(n_bands * n_frames, n_classes)

    def forward(self, X):
        return self.dense(X.flatten(start_dim=1))


class PlainClassifier(AudioClassifier):
    _module = Plain


def test_errors(log_mels, calls):
    plain = PlainClassifier(max_epochs=1, early_stopping=False)
    with pytest.raises(NotFittedError):
        plain.adapt(log_mels)
    plain.fit(log_mels, calls.target)
    with pytest.raises(ValueError, match="PlainClassifier has no batch normalisation"):
        plain.adapt(log_mels)
    model = CNN1DClassifier(max_epochs=1, early_stopping=False)
    model.fit(log_mels, calls.target)
    with pytest.raises(ValueError, match="holds 1 clips"):
        model.adapt(log_mels[:1])
    with pytest.raises(ValueError, match="was fitted on 32 x 64"):
        model.adapt(log_mels[:, :, 1:])


def test_in_a_pipeline(calls):
    pipe = Pipeline(
        [
            ("mel", LogMelExtractor(n_mels=16, n_frames=100)),
            ("clf", CNN1DClassifier(max_epochs=1, early_stopping=False)),
        ]
    ).fit(calls.data, calls.target)
    before = pipe.predict_proba(calls.data)
    quiet = [0.1 * clip + 0.01 for clip in calls.data]
    pipe[-1].adapt(pipe[:-1].transform(quiet))
    assert not np.allclose(pipe.predict_proba(calls.data), before)
