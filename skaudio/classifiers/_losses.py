"""The losses that networks are trained with."""

from numbers import Real

from sklearn.base import BaseEstimator

from skaudio._utils.sklearn_compat import Interval, validate_parameters


class FocalLoss(BaseEstimator):
    """Cross-entropy that reduces the weight of easy rows.

    Parameters
    ----------
    gamma : float, default=2.0
        Exponent of the factor ``(1 - p) ** gamma``; 0 is cross-entropy. p is the
        probability of the true class; with several labels per clip, of each class that
        it is present or absent, as it truly is.

    References
    ----------
    T.-Y. Lin et al., "Focal loss for dense object detection", ICCV 2017.

    Examples
    --------
    >>> from skaudio import CNN1DClassifier
    >>> from skaudio.classifiers import FocalLoss
    >>> classifier = CNN1DClassifier(loss=FocalLoss(gamma=1.0))
    >>> classifier.set_params(loss__gamma=3.0).loss
    FocalLoss(gamma=3.0)
    """

    _parameter_constraints = {"gamma": [Interval(Real, 0, None, closed="left")]}

    def __init__(self, gamma=2.0):
        self.gamma = gamma


class ClassBalancedLoss(BaseEstimator):
    """Cross-entropy with classes weighted by their effective number of samples.

    It replaces `class_weight`. With several labels per clip it weights, of each class,
    the clips where it is present against those where it is absent.

    Parameters
    ----------
    beta : float in [0, 1), default=0.99
        0 weights all classes equally, near 1 by inverse counts.

    References
    ----------
    Y. Cui et al., "Class-balanced loss based on effective number of samples", CVPR
    2019.

    Examples
    --------
    >>> from skaudio import CNN1DClassifier
    >>> from skaudio.classifiers import ClassBalancedLoss
    >>> CNN1DClassifier(loss=ClassBalancedLoss(0.999)).get_params()["loss__beta"]
    0.999
    """

    _parameter_constraints = {"beta": [Interval(Real, 0, 1, closed="left")]}

    def __init__(self, beta=0.99):
        self.beta = beta


# What the names of the parameter `loss` stand for.
LOSSES = {
    "cross_entropy": None,
    "focal": FocalLoss(),
    "class_balanced": ClassBalancedLoss(),
}


def loss_parameters(loss):
    """Give gamma of the focal factor, and beta of the class weights or None."""
    loss = LOSSES[loss] if isinstance(loss, str) else loss
    if loss is None:
        return 0.0, None
    validate_parameters(loss)
    return getattr(loss, "gamma", 0.0), getattr(loss, "beta", None)
