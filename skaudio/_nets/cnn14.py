"""Cnn14, with the layer names of its published weights."""

import torch
from torch import nn
from torch.nn import functional

# Length of the Fourier transform -> sample rate and hop length.
RATES_AND_HOPS = {512: (16000, 160), 1024: (32000, 320)}


class Cnn14:
    """From waveforms to the last layer but one; the weights determine all sizes.

    Parameters
    ----------
    weights : dict of tensors
        With the names of the published files. Layers may have any width.
    """

    def __init__(self, weights):
        self.shapes = {name: tuple(tensor.shape) for name, tensor in weights.items()}
        # The random initial weights are overwritten below.
        with torch.random.fork_rng(devices=[]):
            self.front_end = Cnn14FrontEnd(self.shapes).eval()
            self.layers = Cnn14Layers(self.shapes).eval()
        parts = [part.state_dict() for part in (self.front_end, self.layers)]
        unused = {"fc_audioset.weight", "fc_audioset.bias"}
        differing = sorted(unused.union(*parts) ^ weights.keys())
        if differing:
            raise KeyError(", ".join(differing[:3]))
        for part, names in zip((self.front_end, self.layers), parts, strict=True):
            part.load_state_dict({name: weights[name] for name in names})
        self.sample_rate = self.front_end.sample_rate
        self.n_samples = self.front_end.n_samples
        self.n_features = self.layers.n_features

    def to(self, device):
        """Move both parts to a device."""
        self.front_end.to(device)
        self.layers.to(device)
        return self

    def __call__(self, waveforms):
        """Embed float32 (n, n_samples) at `sample_rate` as (n, n_features)."""
        return self.layers(self.front_end(waveforms))


class Cnn14FrontEnd(nn.Module):
    """From waveforms (n, n_samples) to normalised log-mels (n, n_frames, n_mels)."""

    def __init__(self, shapes):
        super().__init__()
        n_bins, _, n_fft = shapes["spectrogram_extractor.stft.conv_real.weight"]
        self.sample_rate, hop_length = RATES_AND_HOPS[n_fft]
        n_mels = shapes["logmel_extractor.melW"][1]
        self.spectrogram_extractor = nn.Module()
        self.spectrogram_extractor.stft = _Fourier(n_bins, n_fft, hop_length)
        self.logmel_extractor = _LogMel(n_bins, n_mels)
        self.bn0 = nn.BatchNorm2d(n_mels)
        # One frame must be left after five halvings.
        self.n_samples = 31 * hop_length

    def forward(self, waveforms):
        power = self.spectrogram_extractor.stft(waveforms)
        log_mels = self.logmel_extractor(power)
        return self.bn0(log_mels[..., None])[..., 0].transpose(1, 2)


class Cnn14Layers(nn.Module):
    """From log-mels (n, n_frames, n_mels) to (n, n_features)."""

    def __init__(self, shapes):
        super().__init__()
        for number in range(1, 7):
            n_out, n_in, *_ = shapes[f"conv_block{number}.conv1.weight"]
            setattr(self, f"conv_block{number}", Cnn14Block(n_in, n_out))
        self.n_features, n_in = shapes["fc1.weight"]
        self.fc1 = nn.Linear(n_in, self.n_features)

    def forward(self, X):
        X = X[:, None]
        for number in range(1, 7):
            X = getattr(self, f"conv_block{number}")(X)
            if number < 6:
                X = functional.avg_pool2d(X, 2)
        over_time = X.mean(dim=3)
        return functional.relu(self.fc1(over_time.amax(dim=2) + over_time.mean(dim=2)))


class Cnn14Block(nn.Module):
    """Two convolutions of 3 x 3."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(n_out)
        self.bn2 = nn.BatchNorm2d(n_out)

    def forward(self, X):
        X = functional.relu(self.bn1(self.conv1(X)))
        return functional.relu(self.bn2(self.conv2(X)))


class _Fourier(nn.Module):
    """Power spectrogram of centred frames by two convolutions with windowed filters."""

    def __init__(self, n_bins, n_fft, hop_length):
        super().__init__()
        sizes = dict(kernel_size=n_fft, stride=hop_length, bias=False)
        self.conv_real = nn.Conv1d(1, n_bins, **sizes)
        self.conv_imag = nn.Conv1d(1, n_bins, **sizes)
        self.n_around = n_fft // 2

    def forward(self, waveforms):
        padded = functional.pad(waveforms[:, None], (self.n_around,) * 2, "reflect")
        return self.conv_real(padded).square() + self.conv_imag(padded).square()


class _LogMel(nn.Module):
    def __init__(self, n_bins, n_mels):
        super().__init__()
        self.melW = nn.Parameter(torch.empty(n_bins, n_mels))

    def forward(self, power):
        mel = self.melW.T @ power
        return 10 * torch.log10(mel.clamp(min=1e-10))
