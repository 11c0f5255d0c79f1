"""Files of random weights, for networks that are built as the published ones are."""

import torch

from skaudio.pretrained._cnn14 import RATES_AND_HOPS


def write_cnn14(path, n_fft=512, n_features=12, seed=0):
    """Write a Cnn14 with few channels, as a training script would save it."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return 0.3 * torch.randn(shape, generator=generator)

    n_bins, n_mels = n_fft // 2 + 1, 32
    bins = 2 * torch.pi * torch.arange(n_bins)[:, None] * torch.arange(n_fft) / n_fft
    window = torch.hann_window(n_fft)
    state = {
        "spectrogram_extractor.stft.conv_real.weight": (bins.cos() * window)[:, None],
        "spectrogram_extractor.stft.conv_imag.weight": (bins.sin() * window)[:, None],
        "logmel_extractor.melW": normal(n_bins, n_mels).abs(),
        **_batch_norm("bn0", n_mels, normal),
    }
    widths = [1, 4, 4, 6, 6, 8, 8]
    for number in range(1, 7):
        n_in, n_out = widths[number - 1], widths[number]
        block = f"conv_block{number}"
        state[f"{block}.conv1.weight"] = normal(n_out, n_in, 3, 3)
        state[f"{block}.conv2.weight"] = normal(n_out, n_out, 3, 3)
        state |= _batch_norm(f"{block}.bn1", n_out, normal)
        state |= _batch_norm(f"{block}.bn2", n_out, normal)
    for name, shape in (("fc1", (n_features, 8)), ("fc_audioset", (5, n_features))):
        state[f"{name}.weight"], state[f"{name}.bias"] = (
            normal(*shape),
            normal(shape[0]),
        )
    assert n_fft in RATES_AND_HOPS
    torch.save({"iteration": 1, "model": state}, path)
    return path


def _batch_norm(name, n_channels, normal):
    return {
        f"{name}.weight": 1 + normal(n_channels),
        f"{name}.bias": normal(n_channels),
        f"{name}.running_mean": normal(n_channels),
        f"{name}.running_var": 1 + normal(n_channels).abs(),
        f"{name}.num_batches_tracked": torch.tensor(1),
    }
