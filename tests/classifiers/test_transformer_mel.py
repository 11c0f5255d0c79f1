import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio._nets.transformer_mel import TransformerMel
from skaudio.classifiers._transformer_mel import TransformerMelClassifier


def random_log_mels(n, n_bands, n_frames):
    return torch.randn(n, n_bands, n_frames, generator=torch.manual_seed(0))


@pytest.fixture(scope="module")
def module():
    """A net for 40 bands with random positions and batch statistics."""
    torch.manual_seed(1)
    module = TransformerMel(40, 500, n_classes=4)
    with torch.no_grad():
        for _ in range(3):
            module(3 + 2 * torch.randn(8, 40, 130))
        for name, weights in module.named_parameters():
            if "position" in name:
                weights.normal_()
    return module.eval()


def test_silence_is_finite(module):
    X = torch.zeros(2, 40, 300)
    X[1, :, :50] = random_log_mels(1, 40, 50)
    assert torch.isfinite(module(X)).all()
    assert torch.isfinite(module.train()(X)).all()
    module.eval()


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(1, 330), min_size=1, max_size=4),
    st.integers(0, 150),
)
def test_neither_padding_nor_other_clips_change_logits(module, lengths, padding):
    clips = [random_log_mels(1, 40, length) for length in lengths]
    width = max(lengths) + padding
    padded = [torch.nn.functional.pad(X, (0, width - X.shape[-1])) for X in clips]
    with torch.inference_mode():
        alone = torch.cat([module(clip) for clip in clips])
        together = module(torch.cat(padded))
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_every_frame_of_a_long_clip_changes_the_logits(module):
    X = random_log_mels(1, 40, 300)
    with torch.inference_mode():
        whole = module(X)
        for frame in (0, 150, 299):
            changed = X.clone()
            changed[..., frame] += 5
            assert not torch.allclose(module(changed), whole, atol=1e-4)


def test_every_position_is_learned_from_short_clips():
    module = TransformerMel(40, 500, n_classes=4)
    module(random_log_mels(8, 40, 60)).square().sum().backward()
    assert module.band_position.shape[0] == 3  # 40 bands in patches of 16
    assert module.time_position.shape[0] == 8  # 128 frames
    for positions in (module.band_position, module.time_position):
        assert (positions.grad.flatten(0, -2).norm(dim=1) > 0).all()


def test_its_size_is_as_documented():
    counts = [weights.numel() for weights in TransformerMel(128, 500, 13).parameters()]
    assert round(sum(counts) / 1e6, 2) == 0.42
    assert "0.42 million parameters" in " ".join(
        TransformerMelClassifier.__doc__.split()
    )
