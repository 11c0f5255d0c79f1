import pickle

import numpy as np
import pytest
import torch

from skaudio._nets.alexnet_mel import AlexNetMel
from skaudio.classifiers._alexnet_mel import AlexNetMelClassifier

SHAPES = [(1, 1), (1, 200), (130, 1), (7, 33), (128, 500)]


def pictures(n, n_bands, n_frames):
    return torch.randn(n, n_bands, n_frames, generator=torch.manual_seed(0))


@pytest.mark.parametrize("shape", SHAPES)
def test_any_size_gives_one_row_of_logits_a_clip(shape):
    module = AlexNetMel(*shape, n_classes=5)
    X = pictures(3, *shape)
    for mode in (module.train(), module.eval()):
        logits = mode(X)
        assert logits.shape == (3, 5)
        assert torch.isfinite(logits).all()


def test_silence_is_finite():
    module = AlexNetMel(20, 50, 4).eval()
    assert torch.isfinite(module(torch.zeros(2, 20, 50))).all()


def test_an_answer_does_not_hang_on_the_other_clips_of_a_batch():
    module = AlexNetMel(32, 300, 4).eval()
    X = pictures(3, 32, 300)
    X[0, :, 40:] = 0
    X[1, :, 150:] = 0
    with torch.no_grad():
        together = module(X)
        alone = torch.cat([module(clip[None]) for clip in X])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_it_is_as_wide_as_documented():
    module = AlexNetMel(128, 500, 13)
    counts = [weights.numel() for weights in module.parameters()]
    assert round(sum(counts) / 1e6, 2) == 0.44
    assert "0.44 million parameters" in " ".join(AlexNetMelClassifier.__doc__.split())
    convolutions = [
        layer.kernel_size[0]
        for layer in module.modules()
        if isinstance(layer, torch.nn.Conv2d)
    ]
    assert convolutions == [11, 5, 3, 3, 3]


def test_pitch_tells_classes_apart():
    # Two classes that differ in nothing but the band of the same sound.
    X = torch.zeros(2, 64, 60)
    X[0, 4:12] = X[1, 50:58] = pictures(1, 8, 60)[0]
    features = AlexNetMel(64, 60, 2).eval()
    low, high = features(X)
    assert not torch.allclose(low, high, atol=1e-3)


def test_learns_and_survives_pickling(log_mels, calls):
    classifier = AlexNetMelClassifier(
        max_epochs=8, lr=0.003, batch_size=8, early_stopping=False, random_state=0
    ).fit(log_mels, calls.target)
    assert classifier.score(log_mels, calls.target) > 0.6
    loaded = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(
        loaded.predict_proba(log_mels), classifier.predict_proba(log_mels)
    )
