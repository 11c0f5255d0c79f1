"""Fine-tuning of YAMNet."""

from typing import NamedTuple

import torch
from torch import nn

from skaudio._nets.yamnet_front_end import PATCH_SAMPLES, SILENCE, log_mel
from skaudio.fine_tuning._backbone import Backbone

_WINDOW = 10.0  # seconds, the length of the clips that it was trained on


class YAMNetBackbone(Backbone):
    """Fourteen layers: a convolution, and thirteen of two, along and across channels.

    The convolutions take the whole window at once, where the published network takes
    patches of 0.96 s; their output is averaged over bands and time. Its inputs are
    log-mels minus the level of silence, so that 0 is silence.
    """

    def __init__(self, opened, window):
        self._convolutions = [
            convolution._replace(weights=None) for convolution in convolutions(opened)
        ]
        window = _WINDOW if window is None else window
        n_samples = max(PATCH_SAMPLES, round(window * opened.sample_rate))
        super().__init__(opened.sample_rate, n_samples)

    def state(self):
        convolutions = [tuple(one)[:-1] for one in self._convolutions]
        return {
            "sample_rate": self.sample_rate,
            "n_samples": self.n_samples,
            "convolutions": convolutions,
        }

    @classmethod
    def from_state(cls, state, embedder):
        backbone = cls.__new__(cls)
        backbone._convolutions = [
            Convolution(*one, weights=None) for one in state["convolutions"]
        ]
        Backbone.__init__(backbone, state["sample_rate"], state["n_samples"])
        return backbone

    def network_input(self, waveform):
        return log_mel(waveform).T - SILENCE

    def body(self):
        return _Body(self._convolutions)

    @staticmethod
    def weights(opened):
        layers = convolutions(opened)
        with torch.device("meta"):
            names = _Body(layers).state_dict()
        tensors = [tensor for layer in layers for tensor in layer.weights]
        return dict(zip(names, tensors, strict=True))


class Convolution(NamedTuple):
    """How a convolution is built, and its weights."""

    shape: tuple
    stride: int
    padding: tuple  # left, right, top, bottom
    groups: int
    weights: tuple | None


def convolutions(opened):
    """Read the convolutions of an opened YAMNet, with batch normalisation folded in."""
    import onnx

    graph = opened.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    layers = []
    for node in graph.node:
        if node.op_type != "Conv":
            continue
        options = {entry.name: entry for entry in node.attribute}
        top, left, bottom, right = options["pads"].ints
        weights = tuple(
            torch.tensor(onnx.numpy_helper.to_array(tensors[name]))
            for name in node.input[1:]
        )
        layers.append(
            Convolution(
                tuple(weights[0].shape),
                options["strides"].ints[0],
                (left, right, top, bottom),
                options["group"].i,
                weights,
            )
        )
    return layers


class _Body(nn.Module):
    def __init__(self, layers):
        super().__init__()
        first, *others = map(_convolution, layers)
        pairs = zip(others[::2], others[1::2], strict=True)
        self.layers = nn.Sequential(Layer(*first), *(Layer(*a, *b) for a, b in pairs))
        self.n_features = layers[-1].shape[0]
        self.layer_types = (Layer,)
        # Convolutions of few channels run fastest in this memory format.
        self.to(memory_format=torch.channels_last)

    def forward(self, X):
        log_mels = (X + float(SILENCE)).transpose(1, 2)[:, None]
        log_mels = log_mels.contiguous(memory_format=torch.channels_last)
        return self.layers(log_mels).mean(dim=(2, 3))


class Layer(nn.Sequential):
    """Modules that are frozen or trained together."""


def _convolution(layer):
    n_out, n_in, *size = layer.shape
    return (
        nn.ZeroPad2d(layer.padding),
        nn.Conv2d(n_in * layer.groups, n_out, size, layer.stride, groups=layer.groups),
        nn.ReLU(),
    )
