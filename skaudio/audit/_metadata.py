"""What a forest scores that never hears a sound: the floor under any accuracy."""

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
    """Score container facts: sample rate, channels, codec, bytes and duration.

    Parameters
    ----------
    facts : DataFrame
        As from `inspect_clips`, without unreadable clips.
    target, groups : array-like of shape (n,)
    test : (DataFrame, array-like) or None, default=None
        Facts and target of a test set, to be scored by a forest fitted on all of
        `facts`.
    cv : int, default=5
        Grouped, stratified folds.
    random_state : int, default=0

    Returns
    -------
    floor : DataFrame
        Rows "majority guess" and "format alone"; columns ``accuracy`` and
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
        "majority guess": _scores(target, np.full(len(target), largest)),
        "format alone": _scores(target, predicted),
    }
    if test is not None:
        test_target = np.asarray(test[1])
        guesses = {
            "majority guess": np.full(len(test_target), largest),
            "format alone": forest.fit(facts, target).predict(test[0]),
        }
        for name, guess in guesses.items():
            scores = _scores(test_target, guess)
            rows[name] |= {f"test_{key}": score for key, score in scores.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def metadata_classifier(random_state=0):
    """Build the forest over a table of container facts."""
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
