"""Scores of predictions, overall and per class."""

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    precision_recall_fscore_support,
    recall_score,
)

from skaudio._utils.multilabel import one_per_clip
from skaudio.metrics._intervals import accuracy_interval


def score_predictions(y_true, y_pred, groups=None):
    """Score predictions, overall and per class.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,)
        Labels.
    groups : array-like of shape (n,) or None, default=None
        Clips of one group are related. None: each clip is a group.

    Returns
    -------
    scores : dict
        ``n_clips``; ``accuracy`` and its 95 % ``accuracy_interval``, from the
        function of that name (without groups Wilson's);
        ``weighted_f1``; ``macro_f1``; ``balanced_accuracy``; and ``per_class``: for
        each label of either side ``precision``, ``recall``, ``f1`` and ``support``, in
        plain Python numbers, ready for JSON. All equal scikit-learn's; a precision
        that divides by zero is 0.

    Examples
    --------
    >>> from skaudio.metrics import score_predictions
    >>> scores = score_predictions(["cat", "cat", "cow"], ["cat", "cow", "cow"])
    >>> round(scores["accuracy"], 3), round(scores["balanced_accuracy"], 3)
    (0.667, 0.75)
    >>> scores["per_class"]["cat"]["recall"]
    0.5
    """
    y_true, y_pred = one_per_clip(y_true, "y_true"), np.asarray(y_pred)
    if y_true.shape != y_pred.shape or y_true.ndim != 1 or not len(y_true):
        raise ValueError(
            f"y_true of shape {y_true.shape} and y_pred of shape {y_pred.shape}: "
            "expected as many predictions as labels, at least one."
        )
    labels = np.unique(np.concatenate([y_true, y_pred]))
    per_class = precision_recall_fscore_support(
        y_true, y_pred, labels=labels, zero_division=0
    )
    present = np.unique(y_true)
    accuracy = float(accuracy_score(y_true, y_pred))
    return {
        "n_clips": len(y_true),
        "accuracy": accuracy,
        "accuracy_interval": accuracy_interval(y_true, y_pred, groups),
        "weighted_f1": _f1(y_true, y_pred, "weighted"),
        "macro_f1": _f1(y_true, y_pred, "macro"),
        # Mean recall of the classes in y_true, as balanced_accuracy_score.
        "balanced_accuracy": float(
            recall_score(y_true, y_pred, labels=present, average="macro")
        ),
        "per_class": {
            str(label): {
                "precision": float(precision),
                "recall": float(recall),
                "f1": float(f1),
                "support": int(support),
            }
            for label, precision, recall, f1, support in zip(
                labels, *per_class, strict=True
            )
        },
    }


def _f1(y_true, y_pred, average):
    return float(f1_score(y_true, y_pred, average=average, zero_division=0))
