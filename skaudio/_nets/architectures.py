"""The architectures by name; a net is imported when it is built."""

import importlib

# The name of the file, and of the class in it.
ARCHITECTURES = {
    "alexnet_mel": "AlexNetMel",
    "cnn1d": "CNN1D",
    "enhanced_cnn1d": "EnhancedCNN1D",
    "resnet_mel": "ResNetMel",
    "statistics_mel": "StatisticsMel",
    "transformer_mel": "TransformerMel",
}


def net_class(architecture):
    """Import the class of a net.

    Parameters
    ----------
    architecture : str
        One of `ARCHITECTURES`.

    Returns
    -------
    net : type
        An `AudioNet`.
    """
    name = ARCHITECTURES[architecture]
    return getattr(importlib.import_module(f"skaudio._nets.{architecture}"), name)


def make_body(architecture, input_shape):
    """Build a net without its last layer.

    Parameters
    ----------
    architecture : str
        One of `ARCHITECTURES`.
    input_shape : tuple (n_bands, n_frames)

    Returns
    -------
    body : Module
        From (n, n_bands, n_frames) to (n, ``body.n_features``). Its weights have the
        names that they have in the classifier.
    """
    return net_class(architecture)(*input_shape, n_classes=None)
