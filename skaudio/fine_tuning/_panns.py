"""Fine-tuning of PANNs' Cnn14."""

import copy

import torch

from skaudio._nets.cnn14 import Cnn14Block, Cnn14FrontEnd, Cnn14Layers
from skaudio._nets.saved_weights import check_shapes, to_arrays, to_tensors
from skaudio._nets.seeding import seeded_torch
from skaudio.fine_tuning._backbone import Backbone


class PANNsBackbone(Backbone):
    """Seven layers: six blocks of two convolutions, and a dense one.

    Its inputs are log-mels normalised by the network's own batch normalisation, whose
    statistics stay fixed.
    """

    def __init__(self, opened, window):
        network = opened.network
        self._shapes = network.shapes
        self._front_end = copy.deepcopy(network.front_end)
        n_samples = max(network.n_samples, round(window * network.sample_rate))
        super().__init__(network.sample_rate, n_samples)

    def state(self):
        return {
            "n_samples": self.n_samples,
            "shapes": dict(self._shapes),
            "front_end": to_arrays(self._front_end.state_dict()),
        }

    @classmethod
    def from_state(cls, state, embedder):
        backbone = cls.__new__(cls)
        backbone._shapes, weights = state["shapes"], state["front_end"]

        def front_end():
            return Cnn14FrontEnd(backbone._shapes)

        check_shapes("Cnn14", front_end, weights)
        with seeded_torch(0):
            backbone._front_end = front_end().eval()
        backbone._front_end.load_state_dict(to_tensors(weights))
        Backbone.__init__(backbone, backbone._front_end.sample_rate, state["n_samples"])
        return backbone

    def network_input(self, waveform):
        with torch.inference_mode():
            return self._front_end(torch.from_numpy(waveform)[None])[0].T.numpy()

    def body(self):
        return _Body(self._shapes)

    @staticmethod
    def weights(opened):
        return opened.network.layers.state_dict()


class _Body(Cnn14Layers):
    layer_types = (Cnn14Block, torch.nn.Linear)

    def forward(self, X):
        return super().forward(X.transpose(1, 2))
