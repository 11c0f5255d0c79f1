"""Fine-tuning of AST, HTS-AT and wav2vec 2.0."""

import copy

import numpy as np
import torch
from torch import nn

from skaudio.fine_tuning._backbone import Backbone


class TransformersBackbone(Backbone):
    """A network of the package transformers, rebuilt from its configuration.

    A subclass has `_begins`, the names of the classes that begin a layer,
    `_window_samples`, and, where a network differs, the other methods.
    """

    _begins = ()

    def __init__(self, opened, window):
        self._front_end = copy.copy(opened)
        self._front_end.model = None
        model = self._part(opened)
        self._class, self._config = type(model), copy.deepcopy(model.config)
        super().__init__(opened.sample_rate, self._window_samples(opened, window))

    def network_input(self, waveform):
        return np.ascontiguousarray(self._front_end.log_mel(waveform).T)

    def body(self):
        return _Body(self._class(copy.deepcopy(self._config)), self)

    @classmethod
    def weights(cls, opened):
        return {
            f"model.{name}": weight
            for name, weight in cls._part(opened).state_dict().items()
        }

    @staticmethod
    def _part(opened):
        """Give the part of the opened network that is trained."""
        return opened.model

    def features(self, model, X):
        """Run the network on inputs (n, n_bands, n_frames)."""
        return model(X.transpose(1, 2)).pooler_output


class _Body(nn.Module):
    def __init__(self, model, backbone):
        super().__init__()
        self.model = model
        self.n_features = model.config.hidden_size
        self._backbone = backbone
        kinds = map(type, model.modules())
        self.layer_types = tuple({k for k in kinds if k.__name__ in backbone._begins})

    def forward(self, X):
        return self._backbone.features(self.model, X)


class ASTBackbone(TransformersBackbone):
    """The embedding of patches, then a layer for each block of attention."""

    _begins = ("ASTEmbeddings", "ASTLayer")

    def _window_samples(self, opened, window):
        return _only_window("AST", opened, window)


class HTSATBackbone(TransformersBackbone):
    """The embedding of patches, then a layer for each block of attention.

    Its inputs are log-mels normalised by the network's own batch normalisation, whose
    statistics stay fixed.
    """

    _begins = ("ClapAudioPatchEmbed", "ClapAudioLayer")

    def __init__(self, opened, window):
        self._norm = copy.deepcopy(self._part(opened).audio_encoder.batch_norm)
        super().__init__(opened, window)

    def network_input(self, waveform):
        log_mel = torch.from_numpy(self._front_end.log_mel(waveform)[0].T)
        with torch.inference_mode():
            return self._norm(log_mel[None, ..., None])[0, ..., 0].numpy()

    def body(self):
        body = super().body()
        body.model.audio_encoder.batch_norm = nn.Identity()
        return body

    @classmethod
    def weights(cls, opened):
        weights = super().weights(opened)
        return {name: w for name, w in weights.items() if ".batch_norm." not in name}

    @staticmethod
    def _part(opened):
        return opened.model.audio_model

    def features(self, model, X):
        # A network with feature fusion takes four channels, others one.
        n_channels = 4 if self._config.enable_fusion else 1
        is_longer = torch.zeros(len(X), 1, dtype=bool, device=X.device)
        X = X.transpose(1, 2)[:, None].expand(-1, n_channels, -1, -1)
        return model(input_features=X, is_longer=is_longer).pooler_output

    def _window_samples(self, opened, window):
        return _only_window("HTS-AT", opened, window)


class Wav2Vec2Backbone(TransformersBackbone):
    """The convolutions over the waveform, then a layer for each block of attention.

    Its inputs are normalised waveforms, as one band.
    """

    _begins = ("Wav2Vec2FeatureEncoder", "Wav2Vec2EncoderLayer")
    _begins += ("Wav2Vec2EncoderLayerStableLayerNorm",)

    def __init__(self, opened, window):
        super().__init__(opened, window)
        # Its masks would be drawn from numpy's global generator.
        self._config.apply_spec_augment = False

    def network_input(self, waveform):
        return self._front_end.normalised(waveform)[None]

    def features(self, model, X):
        return model(X[:, 0]).last_hidden_state.mean(dim=1)

    def _window_samples(self, opened, window):
        return max(opened.n_samples, round(window * opened.sample_rate))


def _only_window(name, opened, window):
    if window is not None and round(window * opened.sample_rate) != opened.n_samples:
        raise ValueError(
            f"window={window}: {name} takes windows of "
            f"{opened.n_samples / opened.sample_rate} s only; leave it at None."
        )
    return opened.n_samples
