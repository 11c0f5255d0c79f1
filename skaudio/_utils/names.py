"""Names of models and reports, and the classifier at the end of a pipeline."""

from collections.abc import Iterable, Mapping

from skaudio._utils.exported import is_exported


def final_estimator(estimator):
    """Return the last step of a pipeline, or of the best estimator of a search."""
    if is_exported(estimator):
        return estimator
    from sklearn.pipeline import Pipeline

    while hasattr(estimator, "best_estimator_") or isinstance(estimator, Pipeline):
        is_pipeline = isinstance(estimator, Pipeline)
        estimator = estimator[-1] if is_pipeline else estimator.best_estimator_
    return estimator


def nested_estimators(estimator):
    """List the classifier at the end of a fitted pipeline, and those within it.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    nested : list of estimator
        The last one is not a wrapper of another, such as `GroupedCalibrator` is.
    """
    nested = [final_estimator(estimator)]
    while hasattr(nested[-1], "estimator_"):
        nested.append(final_estimator(nested[-1].estimator_))
    return nested


def nested_attribute(estimator, name):
    """Return an attribute of the outermost classifier that has it, or None."""
    for one in nested_estimators(estimator):
        if (value := getattr(one, name, None)) is not None:
            return value
    return None


def is_text(name):
    """Return whether a file name is text that every table can hold, and not bytes."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def model_name(estimator, name=None):
    """Return `name`, or the class name of the classifier where it is None."""
    return type(final_estimator(estimator)).__name__ if name is None else name


def by_model(models, name=None):
    """Return models, or their predictions, by name.

    Parameters
    ----------
    models : dict, or one model or array of predictions
    name : str or None
        Of a single model. None takes the name of the classifier's class, "model"
        for predictions.

    Returns
    -------
    dict
    """
    if isinstance(models, Mapping):
        return dict(models)
    if name is None:
        name = model_name(models) if hasattr(models, "predict") else "model"
    return {name: models}


def by_report_name(reports):
    """Return reports by name.

    Parameters
    ----------
    reports : Report or list of Report

    Returns
    -------
    dict of str to Report
        Where reports of one model differ in kind, the name includes the kind: "cnn1d,
        held-out".

    Raises
    ------
    ValueError
        Where two reports have the same name and kind, or there are no reports.
    """
    reports = list(reports) if isinstance(reports, Iterable) else [reports]
    if not reports:
        raise ValueError("reports=[]: expected at least one report.")
    names = [report.name for report in reports]
    named = [
        report.name
        if names.count(report.name) == 1
        else f"{report.name}, {report.kind}"
        for report in reports
    ]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise ValueError(
            f"{twice}: more than one report has this name, expected unique names: pass "
            "name= to the functions that made the reports."
        )
    return dict(zip(named, reports, strict=True))
