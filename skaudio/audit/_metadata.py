"""The metadata baseline: predictions from facts about the files alone."""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

_NUMBERS = ["sample_rate", "channels", "n_bytes", "duration"]
_NAMES = ["container", "encoding"]


def score_metadata(facts, target, groups, *, test=None, cv=5, random_state=0):
    """Score the baselines: the largest class, and a forest on metadata.

    Parameters
    ----------
    facts : DataFrame
        As from `inspect_clips`, without unreadable clips.
    target, groups : array-like of shape (n,)
    test : (DataFrame, array-like) or None, default=None
        Facts and target of a test set, to be scored by a forest fitted on all `facts`.
    cv : int, default=5
        Number of grouped, stratified folds.
    random_state : int, default=0

    Returns
    -------
    baseline : DataFrame
        Rows "majority" and "metadata"; columns ``accuracy`` and
        ``balanced_accuracy`` by cross-validation and, with `test`, ``test_accuracy``
        and ``test_balanced_accuracy``.
    """
    target = np.asarray(target)
    labels, counts = np.unique(target, return_counts=True)
    largest = labels[counts.argmax()]
    forest = metadata_classifier(random_state)
    folds = StratifiedGroupKFold(cv, shuffle=True, random_state=random_state)
    predicted = cross_val_predict(forest, facts, target, groups=groups, cv=folds)
    rows = {
        "majority": _scores(target, np.full(len(target), largest)),
        "metadata": _scores(target, predicted),
    }
    if test is not None:
        test_target = np.asarray(test[1])
        guesses = {
            "majority": np.full(len(test_target), largest),
            "metadata": forest.fit(facts, target).predict(test[0]),
        }
        for name, guess in guesses.items():
            scores = _scores(test_target, guess)
            rows[name] |= {f"test_{key}": score for key, score in scores.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def metadata_classifier(random_state=0):
    """Build a random forest on metadata: rate, channels, codec, bytes, duration.

    Its score needs no audio, so a classifier on audio should score more.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=0

    Returns
    -------
    classifier : Pipeline
        Unfitted; takes a table as from `inspect_clips`, without unreadable clips.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.audit import inspect_clips, metadata_classifier
    >>> from skaudio.datasets import make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = make_animal_sounds(
    ...         4, n_classes=2, output_dir=folder, random_state=0
    ...     )
    ...     facts = inspect_clips(clips.data)
    >>> metadata_classifier().fit(facts, clips.target).score(facts, clips.target)
    1.0
    """
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), _NAMES),
        ("passthrough", _NUMBERS),
    )
    forest = RandomForestClassifier(300, random_state=random_state)
    return make_pipeline(columns, forest)


def _scores(target, predicted):
    return {
        "accuracy": accuracy_score(target, predicted),
        "balanced_accuracy": balanced_accuracy_score(target, predicted),
    }
