"""A report of a fitted model on held-out clips."""

import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import (
    as_test_targets,
    is_matrix,
    refuse_multilabel,
)
from skaudio._utils.names import final_estimator, nested_attribute
from skaudio.audit import find_leaks, group_clips
from skaudio.reports._leaked import UNKNOWN
from skaudio.reports._multilabel_report import MultilabelReport
from skaudio.reports._predict_clips import predict_clips
from skaudio.reports._predictions import clip_columns
from skaudio.reports._report import Report


def report_on(
    estimator,
    X_test,
    y_test,
    groups=None,
    *,
    train=None,
    leaks=None,
    name=None,
    n_jobs=None,
    journal=None,
    verbose=0,
):
    """Score a fitted model on held-out clips.

    Parameters
    ----------
    estimator : fitted classifier or Pipeline
    X_test : list of clips or array of shape (n, ...)
        What `estimator` takes; usually paths. No choice should depend on these clips.
    y_test : array-like of shape (n,) or (n, n_classes)
        Labels, or an indicator matrix where the model was fitted on one.
    groups : array-like of shape (n,) or None, default=None
        Clips of one group are drawn together for the intervals. None finds groups where
        `X_test` lists files, as `group_clips` does; else each row is a group.
    train : Bunch, list of paths or table, default=None
        The training clips of the model. Leaked test clips are marked in the
        predictions, counted in the warnings, and left out of ``accuracy_unleaked``.
        None takes the training clips that were saved with the model.
    leaks : DataFrame or None, default=None
        As from `find_leaks`, which None calls. With two Bunches it also knows the
        groups that they were loaded with.
    name : str or None, default=None
        None takes the class name of the classifier.
    n_jobs : int or None, default=None
        Threads that decode clips at the same time, to find groups and leaks.
    journal : path or None, default=None
        Where `X_test` lists files: a file that keeps what is predicted, so that a
        stopped call continues. Predictions of another model, or of files that have
        changed, are not used.
    verbose : int, default=0
        1 shows how many clips are done, and the time left.

    Returns
    -------
    report : Report or MultilabelReport
        With one repeat and one fold. ``fit_seconds`` is NaN, ``predict_seconds`` the
        time of the last step.

    Raises
    ------
    ValueError
        Where `y_test` has classes that the model was not trained on, or clips cannot be
        read.
    OSError
        Where `journal` cannot be written, or holds something else.

    See Also
    --------
    held_out_report : Fits the model first, over several seeds.
    cross_validated_report : Needs no test set.

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
    check_consistent_length(X_test, y_test, groups)
    several = _gives_several(estimator, y_test)
    if not several:
        refuse_multilabel(estimator)
    classes = _classes(estimator)
    y_test = as_test_targets(y_test, classes, several)
    if several:
        classes = y_test.columns.to_numpy()
    clips = clip_columns(X_test)
    said = []
    if clips is None:
        groups = range(len(y_test)) if groups is None else groups
    else:
        groups = group_clips(X_test, n_jobs=n_jobs) if groups is None else groups
        is_known = train is not None or hasattr(estimator, "training_clips_")
        if leaks is None and is_known:
            known = estimator if train is None else train
            leaks = find_leaks(known, X_test, n_jobs=n_jobs)
        elif leaks is None:
            said = [UNKNOWN]
    report = MultilabelReport if several else Report
    return report.from_fits(
        [predict_clips(estimator, X_test, len(y_test), several, journal, verbose)],
        estimator,
        X_test,
        y_test,
        as_groups(groups),
        classes,
        kind="held-out",
        name=name,
        leaks=leaks,
        facts={"n_train_background": nested_attribute(estimator, "n_background_")},
        warnings=said,
    )


def _gives_several(estimator, y_test):
    """Return whether a model, scored on these labels, gives several classes per clip.

    Networks, and `OneVsRestClassifier`, say so; others of scikit-learn are taken at
    the word of the labels.
    """
    several = getattr(final_estimator(estimator), "multilabel_", None)
    return is_matrix(y_test) and several is not False


def _classes(estimator):
    """Return the classes; scikit-learn lists 0 and 1 for each where there are several.

    ``OneVsRestClassifier`` numbers them.
    """
    classes = estimator.classes_
    if isinstance(classes, list):
        return np.arange(len(classes))
    return np.asarray(classes)
