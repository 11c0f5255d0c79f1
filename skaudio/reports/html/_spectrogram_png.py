"""Spectrograms as small PNG files, without a plotting library."""

import struct
import zlib

import numpy as np

# Nine stops of matplotlib's "magma" (CC0), interpolated linearly, so that a page needs
# no plotting library. More than 48 colours make no visible difference here.
_STOPS = "000004 1d1147 51127c 832681 b73779 e75263 fc8961 fec488 fcfdbf".split()
_N_COLOURS = 48


def spectrogram_png(levels, n_colours=_N_COLOURS):
    """Colour a spectrogram and encode it as PNG.

    Parameters
    ----------
    levels : ndarray of shape (n_mels, n_frames)
        From 0 (dark) to 1 (bright); low frequencies in the first rows, drawn below.
    n_colours : int, default=48
        At most 256. Fewer make a smaller file; 16 or less make half of one.

    Returns
    -------
    png : bytes
    """
    colours = np.rint(np.clip(levels, 0, 1) * (n_colours - 1)).astype(np.uint8)
    height, width = colours.shape
    n_bits = 4 if n_colours <= 16 else 8
    if n_bits == 4:  # two pixels a byte
        colours = np.pad(colours, [(0, 0), (0, width % 2)])
        colours = colours[:, ::2] << 4 | colours[:, 1::2]
    # Each line begins with its filter type: 0, none, which suits palettes.
    lines = np.zeros((height, 1 + colours.shape[1]), np.uint8)
    lines[:, 1:] = colours[::-1]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, content)
        for name, content in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, n_bits, 3, 0, 0, 0)),
            (b"PLTE", _palette(n_colours).tobytes()),
            (b"IDAT", zlib.compress(lines.tobytes(), 9)),
            (b"IEND", b""),
        )
    )


def _palette(n_colours):
    stops = np.array([list(bytes.fromhex(stop)) for stop in _STOPS])
    at = np.linspace(0, len(stops) - 1, n_colours)
    channels = [np.interp(at, np.arange(len(stops)), channel) for channel in stops.T]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


def _chunk(name, content):
    checksum = zlib.crc32(name + content)
    return (
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
    )
