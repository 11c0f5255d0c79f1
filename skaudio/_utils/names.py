"""Models by name, and what is at the end of each."""

from collections.abc import Iterable, Mapping

from sklearn.pipeline import Pipeline


def final_estimator(estimator):
    """Give the classifier at the end of pipelines, or of the best of a search."""
    while hasattr(estimator, "best_estimator_") or isinstance(estimator, Pipeline):
        is_pipeline = isinstance(estimator, Pipeline)
        estimator = estimator[-1] if is_pipeline else estimator.best_estimator_
    return estimator


def model_name(estimator, name=None):
    """Give the name chosen, or else that of the classifier."""
    return type(final_estimator(estimator)).__name__ if name is None else name


def by_model(models, name=None):
    """Give models, or their predictions, by name.

    Parameters
    ----------
    models : dict, or one model or array of predictions
    name : str or None
        Of the one. None is the classifier's, "model" for predictions.

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
    """Give reports by their names.

    Parameters
    ----------
    reports : Report or list of Report

    Returns
    -------
    dict of str to Report
        Where reports of one model differ in kind, the kind is part of the name: "cnn1d,
        held-out".

    Raises
    ------
    ValueError
        Where two reports have the same name and kind, or there is none.
    """
    reports = list(reports) if isinstance(reports, Iterable) else [reports]
    if not reports:
        raise ValueError("[] holds no reports: expected at least one.")
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
            f"{twice} are names of more than one report: expected a name for each, "
            "pass name= where they are made."
        )
    return dict(zip(named, reports, strict=True))
