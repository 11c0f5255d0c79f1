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

    @staticmethod
    def targets(y, weight, class_weight):
        """Give the targets of rows.

        Parameters
        ----------
        y : ndarray of int, shape (n,)
            Encoded classes.
        weight : ndarray of float32, shape (n,)
            Weights of the rows.
        class_weight : ndarray of float32, shape (n_classes,)
            Weights of the classes.

        Returns
        -------
        targets : ndarray of float32, shape (n, n_classes)
        """
        targets = np.zeros((len(y), len(class_weight)), np.float32)
        targets[np.arange(len(y)), y] = weight * class_weight[y]
        return targets

    @staticmethod
    def probabilities(logits):
        """Give the probability of each class; those of a row sum to 1."""
        return torch.softmax(logits, dim=1)

    @staticmethod
    def correct(logits, labels):
        """Give whether each row is predicted correctly."""
        return logits.argmax(dim=1) == labels

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


class MultiLabelLoss(WeightedLoss):
    """Binary cross-entropy or focal loss of each class, present or absent.

    Each class of a row is a decision between two, so that this is `WeightedLoss` over
    rows and classes. Targets of (n, 2 * n_classes) hold for each class the weight with
    which it is present, then for each the weight with which it is absent; one of the
    two is 0, except under mixup. Without weights it equals torch's BCEWithLogitsLoss.

    Parameters
    ----------
    label_smoothing : float in [0, 1), default=0.0
        Share of each target that is spread over present and absent.
    gamma : float, default=0.0
        As of `WeightedLoss`.
    """

    @staticmethod
    def targets(y, weight, class_weight):
        """Give the targets of rows.

        Parameters
        ----------
        y : ndarray of bool, shape (n, n_classes)
            Which classes are present.
        weight : ndarray of float32, shape (n,)
            Weights of the rows.
        class_weight : ndarray of float32, shape (n_classes,)
            Weights of the classes where they are present.

        Returns
        -------
        targets : ndarray of float32, shape (n, 2 * n_classes)
        """
        weight = weight[:, np.newaxis]
        return np.hstack([y * class_weight * weight, ~y * weight]).astype(np.float32)

    @staticmethod
    def probabilities(logits):
        """Give the probability of each class, independent of the others."""
        return torch.sigmoid(logits)

    @staticmethod
    def correct(logits, labels):
        """Give whether each row is predicted correctly in all classes."""
        return ((logits > 0) == labels).all(dim=1)

    def forward(self, logits, targets):
        """Give the weighted mean over rows and classes.

        Parameters
        ----------
        logits : Tensor of shape (n, n_classes)
        targets : Tensor of shape (n, 2 * n_classes)

        Returns
        -------
        loss : Tensor of no dimension
        """
        # The softmax of (logit, 0) is (sigmoid, 1 - sigmoid).
        pairs = torch.stack([logits, torch.zeros_like(logits)], dim=1)
        return super().forward(pairs, targets.view_as(pairs))


def class_weights(class_weight, beta, classes, y_train):
    """Compute the weights of the classes in the loss.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
    beta : float in [0, 1) or None
        Weights by `effective_number_weights`; None by `class_weight`.
    classes : ndarray of shape (n_classes,)
        The labels.
    y_train : ndarray of int, shape (n,), or of bool, shape (n, n_classes)
        Encoded classes of the training rows, or their indicator matrix.

    Returns
    -------
    weights : ndarray of float32, shape (n_classes,)
        Of an indicator matrix: of the rows where the class is present, while those
        where it is absent weigh 1. "balanced" gives both the same sum of weights, beta
        weighs them by their effective numbers.
    """
    if beta is not None and class_weight is not None:
        raise ValueError(
            f"class_weight={class_weight!r} with the class-balanced loss, which "
            "weights the classes itself: expected None."
        )
    present = np.arange(len(classes))
    if isinstance(class_weight, dict):
        weights = np.array(values_by_class("class_weight", class_weight, classes, 1))
    elif y_train.ndim == 2:
        weights = _weights_of_present(class_weight, beta, y_train)
    elif beta is not None:
        counts = np.bincount(y_train, minlength=len(present))
        weights = effective_number_weights(counts, beta)
    else:
        weights = compute_class_weight(class_weight, classes=present, y=y_train)
    return weights.astype(np.float32)


def _weights_of_present(class_weight, beta, y):
    """Weigh the rows where a class is present against those where it is absent."""
    # A class without any row has no weight, whatever it is.
    present = np.maximum(y.sum(axis=0), 1)
    absent = np.maximum(len(y) - present, 1)
    if beta is not None:
        pairs = np.stack([present, absent], axis=1)
        weights = [effective_number_weights(pair, beta) for pair in pairs]
        return np.array([one / other for one, other in weights])
    return absent / present if class_weight == "balanced" else np.ones(len(present))


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
