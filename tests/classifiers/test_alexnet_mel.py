import torch

from skaudio._nets.alexnet_mel import AlexNetMel
from skaudio.classifiers._alexnet_mel import AlexNetMelClassifier


def random_log_mels(n, n_bands, n_frames):
    return torch.randn(n, n_bands, n_frames, generator=torch.manual_seed(0))


def test_silence_is_finite():
    module = AlexNetMel(20, 50, 4).eval()
    assert torch.isfinite(module(torch.zeros(2, 20, 50))).all()


def test_logits_do_not_depend_on_the_other_clips_of_a_batch():
    module = AlexNetMel(32, 300, 4).eval()
    X = random_log_mels(3, 32, 300)
    X[0, :, 40:] = 0
    X[1, :, 150:] = 0
    with torch.no_grad():
        together = module(X)
        alone = torch.cat([module(clip[None]) for clip in X])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_its_size_is_as_documented():
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


def test_pitch_changes_the_logits():
    # Two clips with the same frames in different bands.
    X = torch.zeros(2, 64, 60)
    X[0, 4:12] = X[1, 50:58] = random_log_mels(1, 8, 60)[0]
    features = AlexNetMel(64, 60, 2).eval()
    low, high = features(X)
    assert not torch.allclose(low, high, atol=1e-3)
