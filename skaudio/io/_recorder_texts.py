"""The remarks of recorders in sound files: comment, artist and GUANO."""

import os

from skaudio.io._chunk_length import LAYOUTS

_LARGEST = 1 << 20  # bytes of remarks; more is something else
_N_CHUNKS = 200
_OF_LIST = {b"ICMT": "comment", b"IART": "artist"}


def recorder_texts(file):
    """Read what a recorder has written beside the sound.

    Of a WAV file the heads of all chunks are read, the sound is skipped; of others the
    comment, where the decoder gives it.

    Parameters
    ----------
    file : str

    Returns
    -------
    texts : dict of str to str
        Any of ``comment``, ``artist`` and ``guano``.

    Raises
    ------
    OSError
        Where the file cannot be opened.
    """
    with open(file, "rb") as stream:
        magic = stream.read(12)
        if magic[:4] in (b"RIFF", b"RF64", b"RIFX") and magic[8:] == b"WAVE":
            return _of_chunks(stream, LAYOUTS[magic[:4]])
    return _of_decoder(file)


def _of_chunks(stream, layout):
    n_bytes = stream.seek(0, os.SEEK_END)
    position, size_of_data, texts = layout.first, None, {}
    for _ in range(_N_CHUNKS):
        name, size = layout.chunk(stream, position)
        if len(name) < 4 or position >= n_bytes:
            break
        if name == b"ds64":  # the lengths of a file beyond 4 GB
            size_of_data = int.from_bytes(stream.read(16)[8:], layout.order)
        elif name == b"data" and size == 0xFFFFFFFF and size_of_data is not None:
            size = size_of_data
        elif name == b"guan" and size <= _LARGEST:
            texts["guano"] = _decoded(stream.read(size))
        elif name == b"LIST" and size <= _LARGEST:
            texts |= _of_list(stream.read(size), layout.order)
        end = position + 8 + size
        # Some programs, guano-py among them, do not align the chunk after.
        is_aligned = layout.chunk(stream, end)[0] not in (b"guan", b"LIST")
        position = layout.end(position, size) if is_aligned else end
    return texts


def _of_list(content, order):
    """Read the comment and the artist of a list of facts."""
    texts, position = {}, 4
    if content[:4] != b"INFO":
        return texts
    while position + 8 <= len(content):
        name = content[position : position + 4]
        size = int.from_bytes(content[position + 4 : position + 8], order)
        if name in _OF_LIST:
            text = content[position + 8 : position + 8 + size]
            texts[_OF_LIST[name]] = _decoded(text)
        position += 8 + size + size % 2
    return texts


def _of_decoder(file):
    import soundfile

    try:
        with soundfile.SoundFile(
            os.fsencode(file) if os.name == "posix" else file
        ) as f:
            found = f.copy_metadata()
    except Exception:  # whatever a decoder may raise: reading the sound will tell
        return {}
    return {name: found[name] for name in ("comment", "artist") if found.get(name)}


def _decoded(content):
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.strip("\0 \r\n")
