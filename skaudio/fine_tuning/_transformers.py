"""Fine-tuning of AST, HTS-AT and wav2vec 2.0."""

import copy
import warnings

import numpy as np
import torch
from torch import nn

from skaudio._nets.saved_weights import check_shapes, to_arrays, to_tensors
from skaudio._utils.optional import import_optional
from skaudio.fine_tuning._backbone import Backbone
from skaudio.fine_tuning._transformers_options import checked, plain_options


class TransformersBackbone(Backbone):
    """A network of the package transformers, rebuilt from its configuration.

    A subclass has `_config_name`, the class of its configuration in transformers,
    `_begins`, the names of the classes that begin a layer, `_window_samples`, and,
    where a network differs, the other methods.
    """

    _begins = ()
    _config_name = None

    def __init__(self, opened, window):
        self._front_end = copy.copy(opened)
        self._front_end.model = None
        model = self._part(opened)
        self._class, self._config = type(model), copy.deepcopy(model.config)
        super().__init__(opened.sample_rate, self._window_samples(opened, window))

    def state(self):
        return {
            "n_samples": self.n_samples,
            "config": plain_options(self._config),
            "extractor": plain_options(self._front_end._extractor),
        }

    @classmethod
    def from_state(cls, state, embedder):
        transformers = import_optional("transformers", "transformers", "transformers")
        config = getattr(transformers, cls._config_name)(**checked(state["config"]))
        with torch.device("meta"):
            model = getattr(transformers, embedder._model)(config).eval()
        with warnings.catch_warnings():
            # AST's filters are as narrow as they were in training.
            warnings.filterwarnings("ignore", message="At least one mel filter has all")
            extractor = getattr(transformers, embedder._extractor)(
                **checked(state["extractor"])
            )
        opened = embedder._network(model, extractor, torch.device("cpu"))
        cls._restore(opened, state)
        return cls(opened, state["n_samples"] / opened.sample_rate)

    @classmethod
    def _restore(cls, opened, state):
        """Load the weights of the network that its front end has."""

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
    _config_name = "ASTConfig"

    def _window_samples(self, opened, window):
        return _only_window("AST", opened, window)


class HTSATBackbone(TransformersBackbone):
    """The embedding of patches, then a layer for each block of attention.

    Its inputs are log-mels normalised by the network's own batch normalisation, whose
    statistics stay fixed.
    """

    _begins = ("ClapAudioPatchEmbed", "ClapAudioLayer")
    _config_name = "ClapAudioConfig"

    def __init__(self, opened, window):
        self._norm = copy.deepcopy(self._part(opened).audio_encoder.batch_norm)
        super().__init__(opened, window)

    def state(self):
        return super().state() | {"norm": to_arrays(self._norm.state_dict())}

    @classmethod
    def _restore(cls, opened, state):
        encoder, weights = cls._part(opened).audio_encoder, state["norm"]
        check_shapes("HTS-AT", lambda: encoder.batch_norm, weights)
        norm = nn.BatchNorm2d(encoder.batch_norm.num_features).eval()
        norm.load_state_dict(to_tensors(weights))
        encoder.batch_norm = norm

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
    _config_name = "Wav2Vec2Config"

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
