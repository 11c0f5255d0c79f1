"""The published networks inside a model, and their licences."""

from typing import NamedTuple

from skaudio.export._model_card import UNKNOWN
from skaudio.fine_tuning import FineTunedClassifier
from skaudio.pretrained import (
    EMBEDDERS,
    ASTEmbedder,
    BirdNETEmbedder,
    EfficientATEmbedder,
    HTSATEmbedder,
    PANNsEmbedder,
    Wav2Vec2Embedder,
    WaveformEmbedder,
    YAMNetEmbedder,
)


class Network(NamedTuple):
    """A published network, and the licence of its weights as the hubs spell it."""

    name: str
    licence: str
    commercial_use: bool = True


NETWORKS = {
    ASTEmbedder: Network("Audio Spectrogram Transformer", "bsd-3-clause"),
    BirdNETEmbedder: Network("BirdNET v2.4", "cc-by-nc-sa-4.0", commercial_use=False),
    EfficientATEmbedder: Network("EfficientAT", "mit"),
    HTSATEmbedder: Network("HTS-AT of CLAP", "apache-2.0"),
    PANNsEmbedder: Network("PANNs Cnn14", "cc-by-4.0"),
    Wav2Vec2Embedder: Network("wav2vec 2.0", "apache-2.0"),
    YAMNetEmbedder: Network("YAMNet", "apache-2.0"),
}


def networks_inside(model):
    """List the published networks that a model computes with.

    Parameters
    ----------
    model : estimator

    Returns
    -------
    networks : list of dict
        ``name``, ``licence``, ``commercial_use`` (None where the weights are a file of
        the user's own) and ``weights_in_file``: whether a saved model holds them.
    """
    parts = [model, *model.get_params().values()]
    tuned = [part.backbone for part in parts if isinstance(part, FineTunedClassifier)]
    networks = [_facts(backbone, weights_in_file=True) for backbone in tuned]
    networks += [
        _facts(part, weights_in_file=False)
        for part in parts
        if isinstance(part, WaveformEmbedder) and not any(part is one for one in tuned)
    ]
    return [
        facts
        for place, facts in enumerate(networks)
        if facts is not None and facts not in networks[:place]
    ]


def _facts(part, weights_in_file):
    if isinstance(part, str):
        # Of EfficientAT it may be the name of a width.
        part = EMBEDDERS[part]() if part in EMBEDDERS else EfficientATEmbedder(part)
    network = NETWORKS.get(type(part))
    if network is None:  # an encoder, trained by its user
        return None
    facts = network._asdict()
    if part.model_path != type(part)().model_path:
        facts |= {"licence": UNKNOWN, "commercial_use": None}
    return facts | {"weights_in_file": weights_in_file}
