"""Losses over weighted targets."""

import numpy as np
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch import nn


class WeightedLoss(nn.Module):
    """Cross-entropy or focal loss over targets that carry their rows' weights.

    A target is a row of (n, n_classes) whose sum is the weight of the row: a one-hot
    row times the weight, or under mixup the sum of two such rows.

    Parameters
    ----------
    label_smoothing : float in [0, 1), default=0.0
        Share of each target that is spread over all classes.
    gamma : float, default=0.0
        Exponent of the focal factor ``(1 - p) ** gamma`` (Lin et al. 2017); 0 is
        cross-entropy.
    """

    def __init__(self, label_smoothing=0.0, gamma=0.0):
        super().__init__()
        self.label_smoothing = label_smoothing
        self.gamma = gamma

    def forward(self, logits, targets):
        """Give the weighted mean over rows.

        Parameters
        ----------
        logits : Tensor of shape (n, n_classes)
        targets : Tensor of shape (n, n_classes)

        Returns
        -------
        loss : Tensor of no dimension
        """
        weights = targets.sum(dim=1, keepdim=True)
        even = weights / targets.shape[1]
        smooth = targets + self.label_smoothing * (even - targets)
        log_p = torch.log_softmax(logits, dim=1)
        terms = smooth * log_p
        if self.gamma:
            # 1 - p by expm1, which is accurate where p is close to 1.
            terms = terms * (-torch.expm1(log_p)).clamp_min(1e-12) ** self.gamma
        return -terms.sum() / weights.sum().clamp_min(1e-12)


def class_weights(class_weight, beta, classes, y_train):
    """Compute the weights of the classes in the loss.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
    beta : float in [0, 1) or None
        Weights by `effective_number_weights`; None by `class_weight`.
    classes : ndarray of shape (n_classes,)
        The labels.
    y_train : ndarray of int
        Encoded classes of the training rows.

    Returns
    -------
    weights : ndarray of float32, shape (n_classes,)
    """
    present = np.arange(len(classes))
    if beta is not None:
        if class_weight is not None:
            raise ValueError(
                f"class_weight={class_weight!r} with the class-balanced loss, which "
                "weights the classes itself: expected None."
            )
        counts = np.bincount(y_train, minlength=len(present))
        weights = effective_number_weights(counts, beta)
    elif isinstance(class_weight, dict):
        weights = np.array(values_by_class("class_weight", class_weight, classes, 1))
    else:
        weights = compute_class_weight(class_weight, classes=present, y=y_train)
    return weights.astype(np.float32)


def values_by_class(parameter, values, classes, default):
    """List the value of each class; raise ValueError for names of no class.

    Parameters
    ----------
    parameter : str
        The parameter that errors name.
    values : dict of label to value
    classes : ndarray of shape (n_classes,)
    default : value of classes that `values` does not name

    Returns
    -------
    values : list of length n_classes
    """
    names = classes.tolist()
    unknown = set(values) - set(names)
    if unknown:
        raise ValueError(
            f"{parameter} names {sorted(map(str, unknown))}, which are not among the "
            f"classes {names}."
        )
    return [values.get(name, default) for name in names]


def effective_number_weights(counts, beta):
    """Compute weights by the effective number of samples of each class.

    Parameters
    ----------
    counts : ndarray of int, shape (n_classes,)
        Training rows of each class.
    beta : float in [0, 1)

    Returns
    -------
    weights : ndarray of float, shape (n_classes,)
        ``(1 - beta) / (1 - beta ** count)``, scaled to a mean of 1.

    References
    ----------
    Y. Cui et al., "Class-balanced loss based on effective number of samples", CVPR
    2019.
    """
    # 1 - beta ** count, accurate for betas close to 1 as well.
    weights = (
        (1 - beta) / -np.expm1(counts * np.log(beta)) if beta else 0.0 * counts + 1
    )
    return weights / weights.mean()
