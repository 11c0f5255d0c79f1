"""The architectures by name, and their bodies without the last layer."""

from skaudio._nets.alexnet_mel import AlexNetMel
from skaudio._nets.cnn1d import CNN1D
from skaudio._nets.enhanced_cnn1d import EnhancedCNN1D
from skaudio._nets.resnet_mel import ResNetMel
from skaudio._nets.statistics_mel import StatisticsMel
from skaudio._nets.transformer_mel import TransformerMel

ARCHITECTURES = {
    "alexnet_mel": AlexNetMel,
    "cnn1d": CNN1D,
    "enhanced_cnn1d": EnhancedCNN1D,
    "resnet_mel": ResNetMel,
    "statistics_mel": StatisticsMel,
    "transformer_mel": TransformerMel,
}


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
    return ARCHITECTURES[architecture](*input_shape, n_classes=None)
