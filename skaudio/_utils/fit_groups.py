"""The parameter by which the fit of a classifier takes groups."""

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter


def groups_for_fit(estimator, groups):
    """Give groups as the keyword argument that an estimator's ``fit`` takes.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Of a pipeline the last step gets them.
    groups : array-like of shape (n,) or None

    Returns
    -------
    parameters : dict
        ``{"groups": groups}``, ``{"clf__groups": groups}``, or empty where `groups` is
        None or the estimator takes none.
    """
    last = estimator.steps[-1] if isinstance(estimator, Pipeline) else ("", estimator)
    name, classifier = last
    if groups is None or not has_fit_parameter(classifier, "groups"):
        return {}
    return {f"{name}__groups" if name else "groups": groups}
