"""The embedder of an index: by name, and as a folder keeps it."""

import json
import os

from skaudio import pretrained
from skaudio._utils.hashing import model_hash
from skaudio.pretrained import EMBEDDERS, EfficientATEmbedder, WaveformEmbedder

# Parameters on which no embedding depends.
_OF_NO_ACCOUNT = ("batch_size", "cache_dir", "device", "n_jobs", "verbose")


def as_embedder(embedder, clip_duration):
    """Return the embedder of a name, for windows of some seconds.

    Parameters
    ----------
    embedder : str or transformer
    clip_duration : float

    Returns
    -------
    embedder : transformer

    Raises
    ------
    ValueError
        For another name or thing.
    """
    if hasattr(embedder, "transform") and hasattr(embedder, "sample_rate"):
        return embedder
    if not isinstance(embedder, str) or embedder not in EMBEDDERS:
        raise ValueError(
            f"embedder={embedder!r}: expected one of {', '.join(EMBEDDERS)}, or a "
            "transformer of waveforms that has a sample_rate."
        )
    if embedder == "efficientat":
        # A second speed finds no more (benchmarks/search.py), and takes half as long
        # again. Its window is ours: a longer one would hold each window twice.
        longest = EfficientATEmbedder().window
        return EfficientATEmbedder(speeds=(1,), window=min(longest, clip_duration))
    return EMBEDDERS[embedder](pooling="max", speeds=(1,))


def describe_embedder(embedder):
    """Describe an embedder in plain values.

    Parameters
    ----------
    embedder : transformer

    Returns
    -------
    facts : dict
        ``name``, and of a published network ``parameters`` and the checksum of its
        ``weights``; of others a ``hash``.
    """
    if not isinstance(embedder, WaveformEmbedder):
        instead = "define its class in a module, not in a function"
        return {
            "name": type(embedder).__name__,
            "hash": model_hash(embedder, instead),
        }
    parameters = {
        name: os.fspath(value) if isinstance(value, os.PathLike) else value
        for name, value in embedder.get_params().items()
        if name not in _OF_NO_ACCOUNT
    }
    facts = {
        "name": type(embedder).__name__,
        "parameters": parameters,
        "weights": embedder._weights().checksum,
    }
    return json.loads(json.dumps(facts))  # as it is read back


def described_embedder(facts):
    """Make the embedder of a description.

    Parameters
    ----------
    facts : dict

    Returns
    -------
    embedder : WaveformEmbedder

    Raises
    ------
    ValueError
        Where it is no published network of skaudio, or its weights have changed since.
    """
    kind = getattr(pretrained, facts["name"], None)
    if kind is None or "parameters" not in facts:
        raise ValueError(
            f"The index is of {facts['name']}, which cannot be made from its name: "
            "pass the embedder that it was made with."
        )
    embedder = kind(**facts["parameters"])
    check_embedder(embedder, facts)
    return embedder


def check_embedder(embedder, facts):
    """Raise ValueError where an embedder is not that of a description."""
    own = describe_embedder(embedder)
    if own != facts:
        names = [name for name in {**facts, **own} if own.get(name) != facts.get(name)]
        raise ValueError(
            f"{facts['name']} is not as the index was made with it ({', '.join(names)} "
            "changed): expected the same, or embed the recordings again."
        )
