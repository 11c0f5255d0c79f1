"""The private parts of scikit-learn that skaudio uses.

The package `sklearn-compat` covers what became public in scikit-learn 1.6 to 1.8, the
oldest version that skaudio supports, but not these names. Where a new version of
scikit-learn moves one of them, change it here.
"""

from sklearn.utils._param_validation import HasMethods, Interval, Options, StrOptions
from sklearn.utils.metaestimators import _BaseComposition as BaseComposition
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

__all__ = [
    "BaseComposition",
    "HasMethods",
    "Interval",
    "Options",
    "StrOptions",
    "check_sample_weight",
    "side_by_side",
    "validate_parameters",
]


def validate_parameters(estimator):
    """Check the parameters of an estimator against its ``_parameter_constraints``.

    Parameters
    ----------
    estimator : BaseEstimator

    Raises
    ------
    ValueError
        Where a parameter has a value that is not allowed.
    """
    estimator._validate_params()


def side_by_side(names, estimators):
    """Return what ``_sk_visual_block_`` gives for estimators of equal rank.

    Parameters
    ----------
    names : list of str
    estimators : list of estimator

    Returns
    -------
    block : object
        Shown as boxes side by side, each with its own parameters, in notebooks.
    """
    from sklearn.utils._repr_html.estimator import _VisualBlock

    return _VisualBlock("parallel", estimators, names=names)
