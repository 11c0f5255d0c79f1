"""The weights of an encoder, from which a classifier's net can start."""

import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from skaudio._nets.architectures import ARCHITECTURES, net_class
from skaudio._utils.views import times


def starting_weights(classifier, X, rows, seed):
    """Return the weights that the net's body starts from.

    Parameters
    ----------
    classifier : AudioClassifier
        Its `encoder` is None, frozen or unfitted.
    X : ndarray of float32, shape (n, n_views, n_bands, n_frames)
    rows : ndarray of int
        The rows that an unfitted encoder is fitted on.
    seed : int
        For an unfitted encoder, if its `random_state` is None.

    Returns
    -------
    weights : dict of name to Tensor, or None
        Without the last layer.

    Raises
    ------
    ValueError
        If the encoder is not frozen, not fitted, or of another architecture.
    """
    encoder = classifier.encoder
    if encoder is None:
        return None
    if isinstance(encoder, FrozenEstimator) or hasattr(encoder, "body_"):
        encoder = encoder_inside(encoder)
    else:
        _check_architecture(classifier, encoder, "encoder")
        encoder = clone(encoder)
        if encoder.random_state is None:
            encoder.set_params(random_state=seed)
        encoder.fit(X[rows])
    return _weights(classifier, encoder)


def refuse_unfrozen(classifier):
    """Raise if a classifier has a fitted encoder whose weights `clone` would discard.

    Parameters
    ----------
    classifier : AudioClassifier

    Raises
    ------
    ValueError
        If the encoder is fitted and not frozen.
    """
    encoder = classifier.get_params(deep=False).get("encoder")
    if hasattr(encoder, "body_"):
        encoder_inside(encoder)


def encoder_inside(frozen, parameter="encoder"):
    """Return the fitted encoder inside a FrozenEstimator.

    Parameters
    ----------
    frozen : FrozenEstimator
    parameter : str
        The parameter that errors name.

    Returns
    -------
    encoder : SelfSupervisedEncoder

    Raises
    ------
    ValueError
        If `frozen` is anything else.
    """
    name = type(frozen).__name__
    if not isinstance(frozen, FrozenEstimator):
        raise ValueError(
            f"{parameter}={name}(...) is not frozen: clone, which every search and "
            "cross-validation calls, would discard its weights. Pass "
            f"{parameter}=FrozenEstimator(encoder), of sklearn.frozen; to fit a new "
            f"{name} on the training rows of each fit, pass {parameter}={name}(...) "
            "unfitted."
        )
    encoder = frozen.estimator
    if not hasattr(encoder, "architecture"):
        raise ValueError(
            f"{parameter}=FrozenEstimator({type(encoder).__name__}(...)): expected an "
            "encoder of skaudio.self_supervised inside."
        )
    try:
        check_is_fitted(encoder)
    except NotFittedError as error:
        raise ValueError(
            f"{parameter}=FrozenEstimator({type(encoder).__name__}(...)) is not "
            "fitted: fit the encoder before it is frozen."
        ) from error
    return encoder


def _check_architecture(classifier, encoder, parameter):
    theirs = getattr(encoder, "architecture", None)
    own = classifier._module
    if theirs not in ARCHITECTURES or net_class(theirs) is not own:
        names = (name for name in ARCHITECTURES if net_class(name) is own)
        ours = next(names, own.__name__)
        raise ValueError(
            f"{parameter} has the architecture {theirs!r}, but "
            f"{type(classifier).__name__} is {ours!r}: pass "
            f"{type(encoder).__name__}(architecture={ours!r})."
        )


def _weights(classifier, encoder):
    """Check that the weights fit, and copy them to the CPU."""
    _check_architecture(classifier, encoder, "encoder")
    with torch.device("meta"):
        body = classifier._module(*classifier.input_shape_, n_classes=None)
    weights = encoder.body_.state_dict()
    same_bands = encoder.input_shape_[0] == classifier.input_shape_[0]
    if not same_bands or any(
        weight.shape != weights[name].shape
        for name, weight in body.state_dict().items()
    ):
        theirs, ours = (
            times(shape) for shape in (encoder.input_shape_, classifier.input_shape_)
        )
        raise ValueError(
            f"X holds log-mels of {ours} (bands x frames), but the encoder was fitted "
            f"on {theirs}: use one LogMelExtractor for both."
        )
    return {name: weight.cpu().clone() for name, weight in weights.items()}
