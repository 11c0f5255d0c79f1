"""What all networks over log-mels have in common."""

import pickle
import re

import numpy as np
import pytest
import torch
from every_network import NETWORKS

from skaudio import (
    AlexNetMelClassifier,
    EnhancedCNN1DClassifier,
    ResNetMelClassifier,
    StatisticsMelClassifier,
    TransformerMelClassifier,
)
from skaudio._nets.architectures import ARCHITECTURES, net_class
from skaudio._nets.audio_net import AudioNet

NETS = [net_class(name) for name in ARCHITECTURES]
every = pytest.mark.parametrize("net", NETS)


def test_every_architecture_has_its_classifier():
    assert {*NETS} == {network()._module for network in NETWORKS}
    assert all(issubclass(net, AudioNet) for net in NETS)


@every
@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (130, 1), (7, 33), (128, 500)])
def test_any_size_gives_one_row_of_logits_per_clip(net, shape):
    module = net(*shape, n_classes=5)
    X = torch.randn(3, *shape, generator=torch.manual_seed(0))
    for mode in (module.train(), module.eval()):
        logits = mode(X)
        assert logits.shape == (3, 5)
        assert torch.isfinite(logits).all()


@every
def test_without_classes_a_net_is_its_body(net):
    body, whole = (net(16, 40, n_classes=n).eval() for n in (None, 4))
    weights, all_weights = body.state_dict(), whole.state_dict()
    assert weights.keys() < all_weights.keys()
    assert all(all_weights[name].shape == weights[name].shape for name in weights)
    features = body(torch.randn(3, 16, 40, generator=torch.manual_seed(0)))
    assert features.shape == (3, body.n_features)
    last = [weight for name, weight in all_weights.items() if name not in weights]
    assert sorted(weight.shape for weight in last) == [(4,), (4, body.n_features)]


@every
def test_silence_is_finite_and_clips_do_not_change_each_other(net):
    module = net(24, 90, n_classes=4).eval()
    X = torch.randn(4, 24, 90, generator=torch.manual_seed(0))
    X[0] = 0
    X[1, :, 25:] = 0
    with torch.no_grad():
        together = module(X)
        alone = torch.cat([module(clip[None]) for clip in X])
    assert torch.isfinite(together).all()
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize("network", NETWORKS)
def test_its_size_is_as_documented(network):
    module = network()._module(128, 500, 13)
    n_millions = sum(weights.numel() for weights in module.parameters()) / 1e6
    documentation = " ".join(network.__doc__.split())
    stated = re.search(r"(\d\.\d\d) million parameters", documentation)
    assert stated and float(stated[1]) == round(n_millions, 2)


@pytest.mark.parametrize(
    "classifier",
    [
        AlexNetMelClassifier(max_epochs=8, lr=0.003),
        EnhancedCNN1DClassifier(max_epochs=8, lr=0.003),
        ResNetMelClassifier(max_epochs=12, lr=0.003),
        StatisticsMelClassifier(max_epochs=8, lr=0.003),
        TransformerMelClassifier(max_epochs=15, lr=0.002),
    ],
    ids=lambda classifier: type(classifier).__name__,
)
def test_learns_and_survives_pickling(classifier, log_mels, calls):
    classifier.set_params(batch_size=8, early_stopping=False, random_state=0)
    classifier.fit(log_mels, calls.target)
    assert classifier.score(log_mels, calls.target) > 0.6
    loaded = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(
        loaded.predict_proba(log_mels), classifier.predict_proba(log_mels)
    )
