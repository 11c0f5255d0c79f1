"""The published networks that can be fine-tuned, of their embedders."""

from skaudio.fine_tuning._efficientat import EfficientATBackbone
from skaudio.fine_tuning._embedders import EMBEDDERS
from skaudio.fine_tuning._panns import PANNsBackbone
from skaudio.fine_tuning._transformers import (
    ASTBackbone,
    HTSATBackbone,
    Wav2Vec2Backbone,
)
from skaudio.fine_tuning._yamnet import YAMNetBackbone
from skaudio.pretrained import (
    ASTEmbedder,
    EfficientATEmbedder,
    HTSATEmbedder,
    PANNsEmbedder,
    Wav2Vec2Embedder,
    YAMNetEmbedder,
)

_KINDS = {
    ASTEmbedder: ASTBackbone,
    EfficientATEmbedder: EfficientATBackbone,
    HTSATEmbedder: HTSATBackbone,
    PANNsEmbedder: PANNsBackbone,
    Wav2Vec2Embedder: Wav2Vec2Backbone,
    YAMNetEmbedder: YAMNetBackbone,
}
# Parameters of an embedder that are used here; the others set how it runs and pools.
_USED = ("model", "layers", "model_path", "sample_rate", "window", "n_jobs", "verbose")


def open_backbone(embedder, window):
    """Open the network of an embedder.

    Parameters
    ----------
    embedder : WaveformEmbedder
        One of `EMBEDDERS`.
    window : float or None
        Length of the network's window in seconds; None is the embedder's own.

    Returns
    -------
    backbone : Backbone

    Raises
    ------
    ValueError
        Where the embedder's network cannot be trained, or one of its parameters has no
        effect here.
    """
    kind = _KINDS.get(type(embedder))
    if kind is None:
        raise ValueError(
            f"backbone={type(embedder).__name__}(...): its network cannot be "
            f"trained here; expected one of {', '.join(EMBEDDERS)}."
        )
    usual = type(embedder)().get_params()
    for parameter, value in embedder.get_params().items():
        value = tuple(value) if isinstance(value, list) else value
        if parameter not in _USED and value != usual[parameter]:
            raise ValueError(
                f"backbone={type(embedder).__name__}({parameter}={value!r}): expected "
                f"the default, {usual[parameter]!r}; only {', '.join(_USED)} of an "
                "embedder are used here, device and batch_size are the classifier's "
                "own."
            )
    window = getattr(embedder, "window", None) if window is None else window
    return kind(_opened(embedder), window)


def backbone_state(backbone):
    """Give what a saved classifier keeps of a backbone: numbers, text and arrays."""
    kinds = {
        _KINDS[embedder]: name
        for name, embedder in EMBEDDERS.items()
        if embedder in _KINDS
    }
    return {"name": kinds[type(backbone)], **backbone.state()}


def backbone_from(state):
    """Make a backbone from what `backbone_state` gave, without its weights' file."""
    embedder = EMBEDDERS[state["name"]]
    return _KINDS[embedder].from_state(state, embedder())


def backbone_weights(embedder):
    """Give the weights of an embedder's network, by the names of `Backbone.body`.

    Returns
    -------
    weights : dict of name to Tensor
        Those of the network itself, which must not be changed.
    """
    return _KINDS[type(embedder)].weights(_opened(embedder))


def _opened(embedder):
    embedder._validate()
    return embedder._opened(embedder._weights())
