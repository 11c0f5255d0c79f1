"""Lengths of files made of chunks: WAV, RF64, W64, AIFF and CAF; of AU and NIST."""

import re

from skaudio.io._length import Length, second_file

# Programs that write to a pipe cannot know the length. They announce about as much as
# a header can: 2 or 4 GB (arecord, ffmpeg, SoX; the third is SoX's for AIFF).
_OPEN_ENDED = (1 << 31, 1 << 32, 0x7F000000)
_MARGIN = 8192
_JUNK = 512  # bytes after the sound that may be some program's remark
_MAGICS = (b"RIFF", b"RIFX", b"RF64", b"FORM", b"caff", b"fLaC", b"OggS")
_W64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_LARGEST_HEAD = 1 << 24
_PIECE = 1 << 20
_LARGE = 1 << 26


class _Layout:
    """Where a container has its first chunk, and how a chunk begins.

    Parameters
    ----------
    first : int
        Position of the first chunk.
    order : {"little", "big"}
    id_size, size_size : int
        Bytes of a chunk's id and of its size.
    data : bytes
        Beginning of the id of the chunk that holds the sound.
    skipped : int
        Bytes of that chunk before the sound.
    align : int
        Chunks begin at multiples of this many bytes.
    counts_itself : bool
        Whether the size of a chunk includes id and size.
    """

    def __init__(
        self,
        first,
        order,
        id_size=4,
        size_size=4,
        data=b"data",
        skipped=0,
        align=2,
        counts_itself=False,
    ):
        self.first, self.order = first, order
        self.id_size, self.size_size = id_size, size_size
        self.data, self.skipped, self.align = data, skipped, align
        self.own = id_size + size_size if counts_itself else 0

    def chunk(self, stream, position):
        """Read the id and the size (bytes after both) of the chunk at a position."""
        stream.seek(position)
        begin = stream.read(self.id_size + self.size_size)
        size = int.from_bytes(begin[self.id_size :], self.order)
        return begin[: self.id_size], size - self.own

    def end(self, position, size):
        """Return where the chunk after one at `position` begins."""
        end = position + self.id_size + self.size_size + size
        return end + -end % self.align

    def chunks_follow(self, stream, position, n_bytes):
        """Return whether chunks begin at a position, rather than samples."""
        is_first = True
        while True:
            name, size = self.chunk(stream, position)
            printable = all(32 <= byte < 127 for byte in name[:4])
            whole = 0 <= size <= n_bytes - position
            if len(name) < self.id_size or not (printable and whole):
                break
            position, is_first = self.end(position, size), False
        # In a file of gigabytes any four bytes are a size that fits.
        return not is_first and (n_bytes < _LARGE or n_bytes - position < 8)


LAYOUTS = {
    b"RIFF": _Layout(12, "little"),
    b"RF64": _Layout(12, "little"),
    b"RIFX": _Layout(12, "big"),
    b"FORM": _Layout(12, "big", data=b"SSND", skipped=8),
    b"caff": _Layout(8, "big", size_size=8, skipped=4, align=1),
    b"riff": _Layout(40, "little", 16, 8, align=8, counts_itself=True),
}


def chunk_length(stream, n_bytes, magic):
    """Measure a file made of chunks.

    Parameters
    ----------
    stream : binary file
    n_bytes : int
        Size of the file.
    magic : bytes
        Its first bytes, 16 or more.

    Returns
    -------
    length : Length or None
        In bytes of sound; None where the file is of another kind.
    """
    if magic[:4] == b".snd":
        start = int.from_bytes(magic[4:8], "big")
        size = int.from_bytes(magic[8:12], "big")
        return _compare(stream, n_bytes, start, size, 8, 4, "big", 0)
    if magic.startswith(b"NIST_1A"):
        stream.seek(0)
        count = re.search(rb"sample_count -i (\d+)", stream.read(1024))
        return Length(announced=int(count[1]), in_samples=True) if count else None
    layout = LAYOUTS.get(magic[:4])
    if layout is None or (magic[:4] == b"riff" and magic[:16] != _W64):
        return None
    position = layout.first
    while position < n_bytes:
        name, size = layout.chunk(stream, position)
        if name.startswith(layout.data):
            return _length_of_data(stream, n_bytes, magic, layout, position, size)
        if size < 0:
            return None
        position = layout.end(position, size)
    return None


def _length_of_data(stream, n_bytes, magic, layout, position, size):
    start = position + layout.id_size + layout.size_size + layout.skipped
    field, width, order = position + layout.id_size, layout.size_size, layout.order
    if magic[:4] == b"RF64" and size == 0xFFFFFFFF:
        # The size stands in the chunk ds64, which comes first.
        field, width = 28, 8
        stream.seek(field)
        size = int.from_bytes(stream.read(width), order)
    announced = max(0, size - layout.skipped)
    if 0 <= n_bytes - start - announced <= 1:
        return Length(announced, announced)
    if start + announced <= n_bytes:
        after = layout.end(position, size)
        joined = _joined(stream, after)
        if joined:
            return Length(unusable=second_file(joined, after))
        # Some programs write the next chunk without the byte that aligns it.
        if any(
            layout.chunks_follow(stream, place, n_bytes)
            for place in {after, start + announced}
        ):
            return Length(announced, announced)
    return _compare(
        *(stream, n_bytes, start, announced, field, width, order),
        layout.skipped + layout.own,
    )


def _joined(stream, position):
    stream.seek(position)
    magic = stream.read(4)
    if magic in _MAGICS:
        return {b"FORM": "AIFF", b"caff": "CAF", b"fLaC": "FLAC", b"OggS": "Ogg"}.get(
            magic, "WAV"
        )
    return None


def _compare(stream, n_bytes, start, announced, field, width, order, extra):
    """Compare the size that is announced with the bytes up to the end of the file.

    The announced size stands at `field` and counts `extra` more than the sound.
    """
    held = max(0, n_bytes - start)
    open_ended = (
        any(abs(announced - limit) <= _MARGIN for limit in _OPEN_ENDED)
        if width == 4
        else announced >= 1 << 62
    )
    if open_ended:
        announced = None
    elif announced < held and not _is_sound(stream, start + announced, n_bytes):
        held = announced
    # A few bytes are a slip of the program that wrote the file. Of a short clip they
    # would be much.
    least = _JUNK if announced is not None and announced < held else 64
    tolerance = max(least, (announced or 0) // 100)
    if announced is not None and announced > held:
        tolerance = min(tolerance, 4096)
    length = Length(held, announced, start=start, tolerance=tolerance)
    is_right = announced is not None and not (length.is_short or length.is_long)
    if is_right or start > _LARGEST_HEAD:
        return length
    stream.seek(0)
    head = stream.read(min(start, n_bytes))
    head = _with_size(head, field, width, order, held + extra)
    return length._replace(head=head)


def _is_sound(stream, start, end):
    """Return whether there is more than zeros, with which recorders fill up files."""
    stream.seek(start)
    while start < end:
        piece = stream.read(min(_PIECE, end - start))
        if not piece:
            return False
        if piece.count(0) < len(piece):
            return True
        start += len(piece)
    return False


def _with_size(head, field, width, order, size):
    """Write another size into a header; a WAV of 4 GB or more becomes RF64."""
    if size < 1 << 8 * width:
        return head[:field] + size.to_bytes(width, order) + head[field + width :]
    if head[:4] != b"RIFF":
        return None
    sizes = b"".join(n.to_bytes(8, "little") for n in (len(head) + 28 + size, size, 0))
    ds64 = b"ds64" + (28).to_bytes(4, "little") + sizes + bytes(4)
    rest = head[12:field] + b"\xff" * 4 + head[field + width :]
    return b"RF64" + b"\xff" * 4 + b"WAVE" + ds64 + rest
