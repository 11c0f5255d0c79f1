"""EfficientAT's MobileNetV3, with the layer names of its published weights."""

from itertools import count

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_N_BLOCKS = 15
_HALVING = (2, 4, 7, 13)  # blocks with a stride of 2
_FIRST_HARDSWISH = 7  # blocks before it have ReLU


class MobileNetV3(nn.Module):
    """From log-mels to the means of its layers; the weights determine all widths.

    Parameters
    ----------
    shapes : dict of name to tuple
        Of the published weights.
    """

    def __init__(self, shapes):
        super().__init__()
        self.features = nn.Sequential(
            ConvNorm(shapes["features.0.0.weight"], nn.Hardswish, stride=2),
            *(Block(number, shapes) for number in range(1, _N_BLOCKS + 1)),
            ConvNorm(shapes[f"features.{_N_BLOCKS + 1}.0.weight"], nn.Hardswish),
        )
        n_hidden, n_embedding = shapes["classifier.2.weight"]
        self.n_classes, _ = shapes["classifier.5.weight"]
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(n_embedding, n_hidden),
            nn.Hardswish(),
            nn.Dropout(),
            nn.Linear(n_hidden, self.n_classes),
        )
        widths = [stage.n_channels for stage in self.features[1:]]
        self.n_features = {"all": sum(widths) + n_hidden, "embedding": n_embedding}

    @classmethod
    def from_weights(cls, weights):
        """Build the network of published weights, in evaluation mode.

        Parameters
        ----------
        weights : dict of name to Tensor

        Raises
        ------
        LookupError, AttributeError, RuntimeError
            Where names or shapes are those of another network.
        """
        with torch.device("meta"):  # no random weights
            network = cls({name: tuple(one.shape) for name, one in weights.items()})
        network.load_state_dict(weights, assign=True)
        return network.eval()

    def fold_batch_norms(self):
        """Multiply the scales of batch normalisation into the convolutions."""
        for layer in self.modules():
            if isinstance(layer, ConvNorm):
                layer[0] = fuse_conv_bn_eval(layer[0], layer[1])
                layer[1] = nn.Identity()
        return self

    def forward(self, log_mels, layers):
        """Compute (n, n_outputs) of log-mels (n, n_mels, n_frames).

        Parameters
        ----------
        log_mels : Tensor
        layers : {"all", "embedding", "scores"}
            The means over time and frequency of every block and of the last
            convolution, which is the published embedding, and after them the hidden
            layer of the classifier; or the embedding alone; or the logits of classes.
        """
        X = self.features[0](log_mels[:, None])
        means = []
        for stage in self.features[1:]:
            X = stage(X)
            means.append(X.mean(dim=(2, 3)))
        if layers == "embedding":
            return means[-1]
        hidden = self.classifier[2:4](means[-1])
        if layers == "scores":
            return self.classifier[4:](hidden)
        return torch.cat([*means, hidden], dim=1)


class ConvNorm(nn.Sequential):
    """A convolution without bias, batch normalisation, and an activation or none."""

    def __init__(self, shape, activation=None, stride=1, depthwise=False):
        n_out, n_in, *size = shape
        groups = n_out if depthwise else 1
        layers = [
            nn.Conv2d(
                *(n_in * groups, n_out, size, stride),
                padding=size[0] // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(n_out, eps=1e-3),
        ]
        super().__init__(*layers, *([activation(inplace=True)] if activation else []))
        self.n_channels = n_out


class Block(nn.Module):
    """Expand, filter each channel, weigh channels (some blocks), and project."""

    def __init__(self, number, shapes):
        super().__init__()
        activation = nn.Hardswish if number >= _FIRST_HARDSWISH else nn.ReLU
        stride = 2 if number in _HALVING else 1
        layers = []
        for place in count():
            prefix = f"features.{number}.block.{place}"
            gate = f"{prefix}.conc_se_layers.0.fc1.weight"
            if gate in shapes:
                layers.append(SqueezeExcitation(*shapes[gate]))
                continue
            shape = shapes.get(f"{prefix}.0.weight")
            if shape is None:
                break
            is_depthwise = shape[2] > 1
            layers.append(
                ConvNorm(shape, activation, stride if is_depthwise else 1, is_depthwise)
            )
        del layers[-1][2]  # the projection is linear
        self.block = nn.Sequential(*layers)
        self.n_channels = layers[-1].n_channels
        self.adds_input = stride == 1 and layers[0][0].in_channels == self.n_channels

    def forward(self, X):
        return X + self.block(X) if self.adds_input else self.block(X)


class SqueezeExcitation(nn.Module):
    """Weigh channels by what is in all of them."""

    def __init__(self, n_hidden, n_channels):
        super().__init__()
        gate = nn.Module()
        gate.fc1 = nn.Linear(n_channels, n_hidden)
        gate.fc2 = nn.Linear(n_hidden, n_channels)
        self.conc_se_layers = nn.ModuleList([gate])

    def forward(self, X):
        gate = self.conc_se_layers[0]
        hidden = gate.fc1(X.mean(dim=(2, 3))).relu()
        return X * gate.fc2(hidden).sigmoid()[..., None, None]
