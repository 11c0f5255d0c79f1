"""The source recording of a clip, where its name or its hash tells."""

import functools
import os
import re

_FREESOUND_NAME = re.compile(r"\d+-(\d+)-[A-Z]+(?:-\d+)?", re.ASCII)


def freesound_source(path):
    """Give the source id of a Freesound-style file name, or None.

    >>> freesound_source("Dog/1-100032-A-0.wav")
    '100032'
    >>> freesound_source("Dog/Dog_49.wav") is None
    True
    """
    match = _FREESOUND_NAME.fullmatch(os.path.splitext(os.path.basename(path))[0])
    return match[1] if match else None


def sources_of(files, hashes):
    """Tell the source recordings of files, by name or as known public clips.

    Parameters
    ----------
    files : sequence of str
    hashes : sequence of str or None
        sha256 of each file. A renamed clip of a public data set is known by it.

    Returns
    -------
    sources : list of str or None
        Freesound ids.
    told_by : list of "name", "sha256" or None
    """
    sources, told_by = [], []
    for file, sha256 in zip(files, hashes, strict=True):
        by_name, by_hash = freesound_source(file), _public_sources().get(sha256)
        sources.append(by_name or by_hash)
        told_by.append("name" if by_name else "sha256" if by_hash else None)
    return sources, told_by


@functools.cache
def _public_sources():
    """Freesound ids of the registered public clips whose names tell, by sha256."""
    from skaudio.datasets._public_archives import read_registry

    known = {}
    for name in ("esc10", "animals_sounds"):
        for clip in read_registry(name).itertuples():
            source = freesound_source(clip.path)
            if source:
                known[clip.sha256] = source
    return known
