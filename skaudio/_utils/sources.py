"""The source recording of a clip, from its file name or its hash."""

import functools
import os
import re

from skaudio._utils.public_clips import read_registry

_FREESOUND_NAME = re.compile(r"\d+-(\d+)-[A-Z]+(?:-\d+)?", re.ASCII)


def freesound_source(path):
    """Return the source id in a Freesound-style file name, or None.

    >>> freesound_source("Dog/1-100032-A-0.wav")
    '100032'
    >>> freesound_source("Dog/Dog_49.wav") is None
    True
    """
    match = _FREESOUND_NAME.fullmatch(os.path.splitext(os.path.basename(path))[0])
    return match[1] if match else None


def sources_of(files, hashes):
    """Find the source recordings of files, by name or as known public clips.

    Parameters
    ----------
    files : sequence of str
    hashes : sequence of str or None
        sha256 of each file. It identifies renamed clips of public data sets.

    Returns
    -------
    sources : list of str or None
        Freesound ids.
    source_from : list of "name", "sha256" or None
    """
    sources, source_from = [], []
    for file, sha256 in zip(files, hashes, strict=True):
        by_name, by_hash = freesound_source(file), _public_sources().get(sha256)
        sources.append(by_name or by_hash)
        source_from.append("name" if by_name else "sha256" if by_hash else None)
    return sources, source_from


@functools.cache
def _public_sources():
    """Map the sha256 of registered public clips to the Freesound ids in their names."""
    known = {}
    for name in ("esc10", "animals_sounds"):
        for clip in read_registry(name).itertuples():
            source = freesound_source(clip.path)
            if source:
                known[clip.sha256] = source
    return known
