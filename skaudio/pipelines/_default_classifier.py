"""The classifier that is built where none is named."""

from skaudio._utils.warn import warn_user
from skaudio.pretrained import EfficientATEmbedder

_FROM_SCRATCH = ("mel_ensemble", None)


def default_classifier(noise=None):
    """Choose the best classifier that everybody may use and that can run here.

    A linear head on EfficientAT's embeddings, where its weights are here or can be
    fetched (4 MB, MIT licence); else, with a warning, the best network that is trained
    from scratch.

    Parameters
    ----------
    noise : folder, list of files or arrays, or None, default=None
        Noise for training. Only a network that is trained from scratch mixes it in, so
        that one is chosen.

    Returns
    -------
    name : str
        "logistic" or "mel_ensemble", as `audio_pipeline` takes it.
    features : str or None
        "efficientat" or None.

    Examples
    --------
    >>> from skaudio.pipelines import default_classifier
    >>> default_classifier(noise="clips/Noise")
    ('mel_ensemble', None)
    """
    if noise is not None:
        return _FROM_SCRATCH
    try:
        EfficientATEmbedder()._weights()
    except OSError as error:
        warn_user(
            f"{error} Until then the default is mel_ensemble, trained from scratch."
        )
        return _FROM_SCRATCH
    return "logistic", "efficientat"
