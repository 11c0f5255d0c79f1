"""Damaged variants of sound files of every format, for the tests and the benchmark."""

import io
import random
import struct

import numpy as np
import soundfile

RATE = 8000
# (suffix, format, subtype)
FORMATS = (
    (".wav", "WAV", "PCM_16"),
    (".wav", "WAV", "FLOAT"),
    (".wav", "WAVEX", "PCM_24"),
    (".wav", "RF64", "PCM_16"),
    (".flac", "FLAC", "PCM_16"),
    (".ogg", "OGG", "VORBIS"),
    (".opus", "OGG", "OPUS"),
    (".mp3", "MP3", "MPEG_LAYER_III"),
    (".aiff", "AIFF", "PCM_16"),
    (".au", "AU", "PCM_16"),
    (".caf", "CAF", "PCM_16"),
    (".w64", "W64", "PCM_16"),
)
# Where formats keep sizes, counts and rates.
_HEAD = 128
_NUMBERS = (0, 1, 2, 7, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)


def mutated(n, seed=0):
    """Yield n damaged files as (kind, suffix, content), of all formats in turn.

    Parameters
    ----------
    n : int
    seed : int, default=0
    """
    rng = random.Random(seed)
    sounds = [
        (f"{form} {subtype}", suffix, _encoded(form, subtype, channels))
        for suffix, form, subtype in FORMATS
        for channels in (1, 2)
    ]
    for number in range(n):
        kind, suffix, content = sounds[number % len(sounds)]
        damage = _DAMAGES[number // len(sounds) % len(_DAMAGES)]
        yield kind, suffix, damage(bytearray(content), rng)


def _encoded(form, subtype, channels):
    noise = np.random.RandomState(0).uniform(-0.5, 0.5, (RATE, channels))
    file = io.BytesIO()
    soundfile.write(file, noise, RATE, format=form, subtype=subtype)
    return file.getvalue()


def _bits(content, rng):
    for _ in range(rng.choice((1, 4, 64))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content)


def _header_bytes(content, rng):
    for _ in range(rng.choice((1, 2, 8))):
        content[rng.randrange(min(_HEAD, len(content)))] = rng.randrange(256)
    return bytes(content)


def _header_numbers(content, rng):
    """Replace a number of 16, 32 or 64 bits, of either byte order."""
    number = rng.choice((*_NUMBERS, rng.randrange(2**32)))
    size, code = rng.choice(((2, "H"), (4, "I"), (8, "Q")))
    packed = struct.pack(rng.choice("<>") + code, number % 2 ** (8 * size))
    place = rng.randrange(_HEAD - size)
    content[place : place + size] = packed
    return bytes(content)


def _cut(content, rng):
    return bytes(
        content[: rng.choice((rng.randrange(64), rng.randrange(len(content))))]
    )


def _inserted(content, rng):
    place = rng.randrange(len(content))
    return bytes(
        content[:place] + rng.randbytes(rng.randrange(1, 300)) + content[place:]
    )


def _doubled(content, rng):
    start, end = sorted(rng.randrange(len(content)) for _ in range(2))
    return bytes(content[:end] + content[start:])


def _zeros(content, rng):
    start = rng.randrange(len(content))
    end = min(len(content), start + rng.randrange(1, 3000))
    content[start:end] = bytes(end - start)
    return bytes(content)


def _noise(content, rng):
    keep = rng.randrange(_HEAD)
    return bytes(content[:keep]) + rng.randbytes(len(content) - keep)


_DAMAGES = (
    *(_bits, _header_bytes, _header_numbers, _cut),
    *(_inserted, _doubled, _zeros, _noise, _header_numbers),
)
