"""What a fitted classifier says about rows: probabilities, logits and features."""

from typing import NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline

from skaudio._utils.estimator_rows import missing_rows
from skaudio._utils.rows import take_rows

LEAST = 1e-12  # of a probability


class Outputs(NamedTuple):
    """Outputs of a classifier, row by row; NaN where a clip could not be read."""

    probabilities: np.ndarray  # (n, n_classes)
    logits: np.ndarray | None  # (n, n_classes)
    features: np.ndarray  # (n, n_features)

    def take(self, rows):
        """Return the outputs of some rows."""
        return Outputs(*(None if part is None else part[rows] for part in self))

    def missing(self):
        """Return a mask of the rows that are NaN."""
        features = np.isnan(self.features).any(axis=1)
        return features | np.isnan(self.probabilities).any(axis=1)


def logs(probabilities):
    """Compute logarithms, finite where a probability is 0."""
    return np.log(np.maximum(probabilities, LEAST))


def first_view(rows):
    """Return the clips themselves, where log-mels have noisy views beside them."""
    return rows[:, 0] if getattr(rows, "ndim", 1) == 4 else rows


def outputs_of(model, X):
    """Compute the outputs of a fitted classifier.

    Parameters
    ----------
    model : fitted classifier or Pipeline
    X : what it takes

    Returns
    -------
    outputs : Outputs
        Features are what the last step of a pipeline takes (also of one within
        `GroupedCalibrator` or `WindowClassifier`), where these are vectors; of a
        network what its last layer takes (``embed``); else the centred logarithms of
        the probabilities. Logits are None where the
        classifier has no ``decision_function``.
    """
    classifier = model
    if isinstance(model, Pipeline):
        classifier = model.steps[-1][1]
        X = model[:-1].transform(X) if len(model.steps) > 1 else X
    missing = missing_rows(X)
    if not missing.any():
        return _of_readable(classifier, X)
    if missing.all():
        nothing = np.full((len(missing), len(classifier.classes_)), np.nan)
        return Outputs(nothing, nothing, nothing)
    # Heads of scikit-learn refuse NaN.
    outputs = _of_readable(classifier, take_rows(X, np.flatnonzero(~missing)))
    return Outputs(*(_spread(part, missing) for part in outputs))


def _of_readable(classifier, X):
    probabilities = np.asarray(classifier.predict_proba(X), dtype=float)
    logits = None
    if hasattr(classifier, "decision_function"):
        logits = np.asarray(classifier.decision_function(X), dtype=float)
        if logits.ndim == 1:
            logits = np.column_stack([-logits, logits]) / 2
    inner, rows = _innermost(classifier, X)
    if _has_vectors(inner, rows):
        features = np.asarray(rows, dtype=float)
    elif hasattr(inner, "embed"):
        features = np.asarray(inner.embed(rows), dtype=float)
    else:
        features = logs(probabilities)
        features -= features.mean(axis=1, keepdims=True)
    return Outputs(probabilities, logits, features)


def _innermost(classifier, X):
    """Return the classifier within others, and what it takes."""
    while hasattr(classifier, "estimator_") or isinstance(classifier, Pipeline):
        if isinstance(classifier, Pipeline):
            if len(classifier.steps) > 1:
                X = classifier[:-1].transform(X)
            classifier = classifier.steps[-1][1]
        else:
            classifier = classifier.estimator_
    return classifier, X


def _spread(part, missing):
    if part is None:
        return None
    whole = np.full((len(missing), part.shape[1]), np.nan)
    whole[~missing] = part
    return whole


def _has_vectors(classifier, X):
    """Return whether rows are vectors of features, rather than sounds or log-mels."""
    takes_log_mels = classifier.__sklearn_tags__().input_tags.three_d_array
    kind = getattr(getattr(X, "dtype", None), "kind", "O")
    return not takes_log_mels and np.ndim(X) == 2 and kind in "fiub"
