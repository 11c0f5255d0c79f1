"""FixMatch: pseudo-labels for clips without a label, where the net is confident."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd
import torch
from sklearn.utils import column_or_1d
from torch.nn.functional import one_hot
from torch.utils.data import Dataset

from skaudio._nets.losses import WeightedLoss, values_by_class
from skaudio._utils.related_rows import related_rows
from skaudio.augment import Mixup, SpecAugmenter

_DEFAULT_CONFIDENCE = 0.95


def known_labels(y):
    """Find the rows that have labels, and fill the others with one of the labels.

    Parameters
    ----------
    y : array-like of shape (n,)
        -1, None, NaN or ``pandas.NA`` where a row has no label.

    Returns
    -------
    y : ndarray of shape (n,)
        With the dtype of the labels.
    labelled : ndarray of bool, shape (n,)

    Raises
    ------
    ValueError
        If no row has a label, or -1 has become a string.
    """
    y = y if hasattr(y, "dtype") else np.array(y, dtype=object)
    y = column_or_1d(y, dtype=object, warn=True)
    labelled = np.array([not _is_missing(label) for label in y], bool)
    if not labelled.any():
        raise ValueError(
            f"None of the {len(y)} rows has a label: expected some that are not -1."
        )
    if any(isinstance(label, str) and label == "-1" for label in y):
        raise ValueError(
            'y holds the string "-1": where labels are strings, expected an array of '
            "dtype object with -1 (the number) or None for rows without a label."
        )
    known = np.array(y[labelled].tolist())
    filled = np.full(len(y), known[0], known.dtype)
    filled[labelled] = known
    return filled, labelled


def _is_missing(label):
    if isinstance(label, Real):
        return label == -1 or label != label
    return label is None or label is pd.NA


def without_related(rows, valid_rows, X, groups):
    """Leave out rows that share a group, or all values, with a validation row.

    Parameters
    ----------
    rows, valid_rows : ndarray of int
    X : ndarray of shape (n, n_bands, n_frames)
        View 0 of all rows.
    groups : ndarray of shape (n,) or None

    Returns
    -------
    rows : ndarray of int
    """
    components = related_rows(X, groups)
    return rows[~np.isin(components[rows], components[valid_rows])]


class FixMatchBatches(Dataset):
    """Batches of labelled rows, each followed by unlabelled ones, twice.

    Parameters
    ----------
    labelled : ViewBatches
    rows : ndarray of int
        The unlabelled rows of ``labelled.X``.
    ratio : int
        Unlabelled rows for each labelled one.
    strong : BatchAugmentation
        Augments the second of the two; the first is view 0 unchanged.
    """

    def __init__(self, labelled, rows, ratio, strong):
        self.labelled = labelled
        self.rows = rows
        self.ratio = ratio
        self.strong = strong

    def __len__(self):
        return len(self.labelled)

    def __getitems__(self, places):
        """Give log-mels (n + 2 m, ...) and the targets of the first n."""
        X, y = self.labelled.__getitems__(places)
        rows = self.strong.rng.choice(self.rows, size=self.ratio * len(places))
        weak = self.labelled.X[rows, 0]
        strong, _ = self.strong(rows)
        return torch.cat([X, torch.as_tensor(weak), torch.as_tensor(strong)]), y


class FixMatchLoss(WeightedLoss):
    """`WeightedLoss`, plus the cross-entropy to confident pseudo-labels.

    Parameters
    ----------
    thresholds : sequence of n_classes floats
        Least probability at which a class becomes a pseudo-label.
    unlabelled_weight : float
    **options
        Of `WeightedLoss`, for the labelled rows.

    Attributes
    ----------
    pseudo_share : float or None
        Share of the unlabelled rows of the last batch that got a pseudo-label.
    """

    def __init__(self, thresholds, unlabelled_weight, **options):
        super().__init__(**options)
        self.register_buffer("thresholds", torch.tensor(thresholds))
        self.unlabelled_weight = unlabelled_weight
        self.plain = WeightedLoss()
        self.pseudo_share = None

    def forward(self, logits, targets):
        """Give the loss; with an unlabelled part only if logits outnumber targets."""
        n = len(targets)
        loss = super().forward(logits[:n], targets)
        self.pseudo_share = None
        if len(logits) == n:
            return loss
        weak, strong = logits[n:].chunk(2)
        probabilities = torch.softmax(weak.detach(), dim=-1)
        confidence, labels = probabilities.max(dim=1)
        confident = (confidence >= self.thresholds[labels]).to(strong.dtype)
        pseudo = one_hot(labels, targets.shape[1]) * confident[:, None]
        self.pseudo_share = confident.mean().item()
        return loss + (
            self.unlabelled_weight * self.pseudo_share * self.plain(strong, pseudo)
        )


def thresholds(confidence, classes):
    """Return the threshold of each class.

    Parameters
    ----------
    confidence : float or dict of label to float
        Labels that a dict does not name get 0.95.
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    thresholds : list of float
    """
    if not isinstance(confidence, dict):
        return [float(confidence)] * len(classes)
    values = values_by_class("confidence", confidence, classes, _DEFAULT_CONFIDENCE)
    return [float(value) for value in values]


@dataclass
class FixMatch:
    """How a fit uses rows without a label.

    Attributes
    ----------
    labelled : ndarray of bool, shape (n,)
        Which rows have a label.
    confidence : float or dict of label to float
    unlabelled_ratio : int
    unlabelled_weight : float
    """

    labelled: np.ndarray
    confidence: float | dict
    unlabelled_ratio: int
    unlabelled_weight: float

    def prepare(self, trainer, classes):
        """Give a trainer the loss over pseudo-labels."""
        trainer.criterion = FixMatchLoss
        trainer.criterion_options = trainer.criterion_options | {
            "thresholds": thresholds(self.confidence, classes),
            "unlabelled_weight": self.unlabelled_weight,
        }


def strong_augmenters(augmenters):
    """List the augmenters of unlabelled rows: the same, with masks, without mixup."""
    strong = [one for one in augmenters if not isinstance(one, Mixup)]
    return strong or [SpecAugmenter()]
