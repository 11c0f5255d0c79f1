"""The published networks that can be trained on, by name."""

from sklearn.base import clone

from skaudio.fine_tuning._panns import PANNsBackbone
from skaudio.fine_tuning._transformers import (
    ASTBackbone,
    HTSATBackbone,
    Wav2Vec2Backbone,
)
from skaudio.fine_tuning._yamnet import YAMNetBackbone
from skaudio.pretrained import (
    ASTEmbedder,
    HTSATEmbedder,
    PANNsEmbedder,
    Wav2Vec2Embedder,
    YAMNetEmbedder,
)

EMBEDDERS = {
    "ast": ASTEmbedder,
    "htsat": HTSATEmbedder,
    "panns": PANNsEmbedder,
    "wav2vec2": Wav2Vec2Embedder,
    "yamnet": YAMNetEmbedder,
}
BACKBONES = tuple(EMBEDDERS)
_KINDS = {
    ASTEmbedder: ASTBackbone,
    HTSATEmbedder: HTSATBackbone,
    PANNsEmbedder: PANNsBackbone,
    Wav2Vec2Embedder: Wav2Vec2Backbone,
    YAMNetEmbedder: YAMNetBackbone,
}
# What an embedder may be set to: the others say what becomes of its output.
_USED = ("model_path", "sample_rate", "window", "batch_size", "n_jobs", "verbose")
_USED += ("cache_dir", "device", "views")


def open_backbone(embedder, window):
    """Open the network of an embedder.

    Parameters
    ----------
    embedder : WaveformEmbedder
        One of `EMBEDDERS`.
    window : float or None
        Seconds that the network hears; None is what the embedder says.

    Returns
    -------
    backbone : Backbone

    Raises
    ------
    ValueError
        Where the embedder is of another kind, or set to what a net that trains
        cannot do.
    """
    kind = _KINDS.get(type(embedder))
    if kind is None:
        raise ValueError(
            f"backbone={type(embedder).__name__}(...): its network runs, but cannot "
            f"be trained here; expected one of {', '.join(BACKBONES)}."
        )
    usual = type(embedder)().get_params()
    for parameter, value in embedder.get_params().items():
        if parameter not in _USED and value != usual[parameter]:
            raise ValueError(
                f"backbone={type(embedder).__name__}({parameter}={value!r}): expected "
                f"the default, {usual[parameter]!r}; it is not for nets that train."
            )
    window = getattr(embedder, "window", None) if window is None else window
    return kind(_opened(embedder), window)


def backbone_weights(embedder):
    """Give the weights of an embedder's network, by the names of `Backbone.body`.

    Returns
    -------
    weights : dict of name to Tensor
        Those of the network itself, which must not be changed.
    """
    return _KINDS[type(embedder)].weights(_opened(embedder))


def _opened(embedder):
    embedder = clone(embedder)
    embedder._validate()
    if hasattr(embedder, "device"):  # the classifier has one of its own
        embedder.set_params(device="cpu")
    return embedder._opened(embedder._weights())
