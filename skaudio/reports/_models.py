"""Models by name, and what is at the end of each."""

from collections.abc import Mapping

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
