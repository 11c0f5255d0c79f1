"""Fine-tuning of EfficientAT."""

import torch

from skaudio._nets.efficientat_front_end import SAMPLE_RATE, EfficientATFrontEnd
from skaudio._nets.efficientat_step import EfficientATInput
from skaudio._nets.mobilenet_v3 import Block, ConvNorm, MobileNetV3
from skaudio.fine_tuning._backbone import Backbone


class EfficientATBackbone(Backbone):
    """Eighteen layers: a convolution, 15 blocks, a convolution, and a dense one.

    The new last layer takes the mean over time and frequency of every block beside the
    embedding and the dense layer, or the embedding alone, as the embedder has it.
    """

    def __init__(self, opened, window):
        self._shapes = {name: tuple(one.shape) for name, one in opened.weights.items()}
        self._layers = opened.layers
        self._front_end = EfficientATFrontEnd()
        n_samples = max(opened.n_samples, round(window * opened.sample_rate))
        super().__init__(opened.sample_rate, n_samples)

    def state(self):
        return {
            "n_samples": self.n_samples,
            "shapes": dict(self._shapes),
            "layers": self._layers,
        }

    @classmethod
    def from_state(cls, state, embedder):
        backbone = cls.__new__(cls)
        backbone._shapes, backbone._layers = state["shapes"], state["layers"]
        backbone._front_end = EfficientATFrontEnd()
        Backbone.__init__(backbone, SAMPLE_RATE, state["n_samples"])
        return backbone

    def network_input(self, waveform):
        with torch.inference_mode():
            return self._front_end(torch.from_numpy(waveform)[None])[0].numpy()

    def input_step(self, sample_rate):
        return EfficientATInput(sample_rate, self.n_samples)

    def body(self):
        return _Body(self._shapes, self._layers)

    @staticmethod
    def weights(opened):
        # The opened network has its batch normalisation folded in.
        with torch.device("meta"):
            shapes = {name: one.shape for name, one in opened.weights.items()}
            names = _Body(shapes, opened.layers).state_dict()
        return {name: opened.weights[name] for name in names}


class _Body(MobileNetV3):
    layer_types = (ConvNorm, Block, torch.nn.Linear)

    def __init__(self, shapes, layers):
        super().__init__(shapes)
        self._layers = layers
        # Without the layers after those that are read.
        del self.classifier[4 if layers == "all" else 2 :]
        self.n_features = self.n_features[layers]

    def forward(self, X):
        return super().forward(X, self._layers)
