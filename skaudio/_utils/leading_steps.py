"""Leading steps of a pipeline that treat each clip by itself and learn nothing.

Computing them before a split into folds changes no result. Augmenters act in fit, so
they are not among them. A class whose steps are declares ``_row_by_row = True``.
"""

from sklearn.pipeline import FeatureUnion, Pipeline


def n_leading_steps(estimator):
    """Count the leading steps that learn nothing.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    n_leading : int
        Without the last step, so that what remains is an estimator; 0 where
        `estimator` is no pipeline.
    """
    steps = estimator.steps if isinstance(estimator, Pipeline) else []
    n_leading = 0
    while n_leading < len(steps) - 1 and _leads(steps[n_leading][1]):
        n_leading += 1
    return n_leading


def is_skipped(step):
    """Return whether a pipeline passes over a step."""
    return step is None or (isinstance(step, str) and step == "passthrough")


def _leads(step):
    if isinstance(step, Pipeline):
        return all(_leads(part) for _, part in step.steps)
    if isinstance(step, FeatureUnion):
        return all(part == "drop" or _leads(part) for _, part in step.transformer_list)
    return is_skipped(step) or getattr(step, "_row_by_row", False) is True
