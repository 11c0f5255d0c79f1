"""Fine-tuning of PANNs' Cnn14."""

import copy

import torch

from skaudio._nets.cnn14 import Cnn14Block, Cnn14Layers
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
