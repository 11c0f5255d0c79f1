"""What AlexNet and the transformer over log-mels have in common."""

import pickle

import numpy as np
import pytest
import torch

from skaudio import AlexNetMelClassifier, TransformerMelClassifier
from skaudio._nets.alexnet_mel import AlexNetMel
from skaudio._nets.transformer_mel import TransformerMel


@pytest.mark.parametrize("net", [AlexNetMel, TransformerMel])
@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (130, 1), (7, 33), (128, 500)])
def test_any_size_gives_one_row_of_logits_per_clip(net, shape):
    module = net(*shape, n_classes=5)
    X = torch.randn(3, *shape, generator=torch.manual_seed(0))
    for mode in (module.train(), module.eval()):
        logits = mode(X)
        assert logits.shape == (3, 5)
        assert torch.isfinite(logits).all()


@pytest.mark.parametrize(
    "classifier",
    [
        AlexNetMelClassifier(max_epochs=8, lr=0.003),
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
