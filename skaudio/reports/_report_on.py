"""A report on clips held out."""

import time

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch, check_consistent_length
from sklearn.utils.validation import check_is_fitted

from skaudio.datasets import group_clips
from skaudio.datasets._kinship import inspect_kinship
from skaudio.model_selection import check_split, check_training
from skaudio.reports._facts import facts_of
from skaudio.reports._kin import mark_kin
from skaudio.reports._models import final_estimator, model_name
from skaudio.reports._predictions import (
    Scored,
    clip_columns,
    history_table,
    predictions_table,
    times_table,
)
from skaudio.reports._report import Report


def report_on(
    estimator, X_test, y_test, groups=None, *, train=None, name=None, n_jobs=None
):
    """Score a fitted model on clips that nothing was chosen on.

    Parameters
    ----------
    estimator : fitted classifier or Pipeline
    X_test : list of clips or array of shape (n, ...)
        What `estimator` takes; paths, as a rule.
    y_test : array-like of shape (n,)
    groups : array-like of shape (n,) or None, default=None
        Clips of one group are drawn together for the intervals. None finds them where
        `X_test` lists files, as `group_clips` does; else each row is a group.
    train : Bunch or list of paths, default=None
        What the model was trained on. Test clips that have kin there are marked in the
        predictions, counted in the warnings, and left out of
        ``accuracy_without_kin``. None takes what `remember_training` noted in the
        model.
    name : str or None, default=None
        None is the classifier's.
    n_jobs : int or None, default=None
        Threads that decode at once, in the search for kin.

    Returns
    -------
    report : Report
        Of one repeat and one fold. ``fit_seconds`` is NaN, ``predict_seconds`` the time
        of the last step.

    Raises
    ------
    ValueError
        Where `y_test` has classes that the model does not know, or clips cannot be
        read.

    See Also
    --------
    held_out_report : Fits, too, over several seeds.
    cross_validated_report : Where there is no test set, or before it is used.

    Examples
    --------
    >>> import numpy as np
    >>> from skaudio.reports import report_on
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.arange(20.0)[:, None], np.repeat(["cat", "cow"], 10)
    >>> model = LogisticRegression().fit(X[::2], y[::2])
    >>> print(report_on(model, X[1::2], y[1::2]))
    LogisticRegression: held-out, 10 clips in 10 groups, 2 classes
      accuracy          1.000  [0.722, 1.000]
      ...
    """
    check_is_fitted(estimator)
    y_test = np.asarray(y_test)
    check_consistent_length(X_test, y_test, groups)
    classes = np.asarray(estimator.classes_)
    unknown = sorted(set(y_test.tolist()) - set(classes.tolist()))
    if unknown:
        raise ValueError(
            f"y_test has classes {unknown}: expected those that the model knows, "
            f"{classes.tolist()}."
        )
    clips = clip_columns(X_test)
    if groups is None:
        found = clips is not None
        groups = group_clips(X_test, n_jobs=n_jobs) if found else range(len(y_test))
    fit = _predict(estimator, X_test, len(y_test))
    predictions = predictions_table([fit], clips, y_test, np.asarray(groups), classes)
    warnings = []
    if clips is not None:
        warnings = mark_kin(predictions, _shared(estimator, clips, train, n_jobs))
    return Report(
        name=model_name(estimator, name),
        kind="held-out",
        classes=classes.tolist(),
        predictions=predictions,
        history=history_table([fit]),
        times=times_table([fit]),
        facts=facts_of(estimator, predictions, classes.tolist()),
        n_parameters=getattr(final_estimator(estimator), "n_parameters_", None),
        warnings=warnings,
    )


def _predict(estimator, X, n_clips):
    final = estimator
    if isinstance(estimator, Pipeline) and len(estimator) > 1:
        # Once for labels and probabilities both.
        X, final = estimator[:-1].transform(X), estimator[-1]
    start = time.perf_counter()
    predicted = final.predict(X)
    seconds = time.perf_counter() - start
    probabilities = final.predict_proba(X) if hasattr(final, "predict_proba") else None
    history = getattr(final_estimator(estimator), "history_", None)
    rows = np.arange(n_clips)
    return Scored(0, 0, rows, predicted, probabilities, history, np.nan, seconds)


def _shared(estimator, clips, train, n_jobs):
    """List the clips that have kin in training; None where that is not known."""
    files = np.array(clips["file"], dtype=object)
    if train is not None:
        return check_split(train, files, n_jobs=n_jobs)
    facts, _ = inspect_kinship(files, near=False, n_jobs=n_jobs)
    return check_training(estimator, Bunch(data=files, frame=facts), n_jobs=n_jobs)
