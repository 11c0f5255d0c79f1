"""Lengths of FLAC and Ogg files, from their last frame or page."""

from skaudio.io._length import Length, second_file

# Looking for a second file takes reading the first whole: of clips, not of recordings.
_LARGEST_CLIP = 1 << 22
_TAIL = 1 << 18
_OGG_TAIL = (1 << 16) + 27  # a page is smaller

_FLAC_START = b"fLaC\x00\x00\x00\x22"
_FLAC_HEAD = 26  # bytes up to the end of the number of samples
_FLAC_OPEN = (0, (1 << 36) - 1)
_FLAC_SIZES = {1: 192, **{n: 576 << n - 2 for n in range(2, 6)}}
_FLAC_SIZES |= {n: 256 << n - 8 for n in range(8, 16)}


def flac_length(stream, n_bytes, start):
    """Measure a FLAC file by the number of its last frame.

    Parameters
    ----------
    stream : binary file
    n_bytes : int
        Size of the file.
    start : int
        Position of "fLaC", after a tag.

    Returns
    -------
    length : Length or None
        In samples; None where nothing can be said.
    """
    stream.seek(start)
    head = stream.read(_FLAC_HEAD)
    if not head.startswith(_FLAC_START[:5]) or len(head) < _FLAC_HEAD:
        return None
    facts = int.from_bytes(head[18:26], "big")
    announced = facts & (1 << 36) - 1
    block = int.from_bytes(head[8:10], "big")
    largest = int.from_bytes(head[15:18], "big")
    if n_bytes - start <= _LARGEST_CLIP:
        stream.seek(start + 4)
        second = stream.read().find(_FLAC_START)
        if second >= 0:
            return Length(unusable=second_file("FLAC", start + 4 + second))
    n_tail = min(n_bytes - start, 2 * largest + 64 if largest else _TAIL)
    stream.seek(n_bytes - n_tail)
    tail = stream.read(n_tail)
    frames = list(_flac_frames(tail, block))
    ends = {first + size for _, first, size in frames}
    if announced in ends:
        return Length(announced, announced, in_samples=True)
    # Chance makes a frame's beginning out of other bytes now and then, but not one that
    # continues another.
    frames = [frame for frame in frames if frame[1] in ends or not frame[1]]
    if not frames:
        return None
    at, held, size = frames[-1]
    if not _crc(tail[at:], 0x8005, 16):  # as it is where the last frame is whole
        held += size
    facts = facts >> 36 << 36 | held
    new = head[:18] + facts.to_bytes(8, "big")
    if announced in _FLAC_OPEN:
        announced = None
    return Length(held, announced, new, start + _FLAC_HEAD, in_samples=True)


def _flac_frames(tail, block):
    """Find frames: the place, the number of the first sample, and of samples."""
    position = tail.find(b"\xff")
    while position >= 0:
        if tail[position + 1 : position + 2] in (b"\xf8", b"\xf9"):
            frame = _flac_frame(tail[position : position + 16], block)
            if frame is not None:
                yield position, *frame
        position = tail.find(b"\xff", position + 1)


def _flac_frame(head, block):
    if len(head) < 16:
        return None
    size_code, rate_code = head[2] >> 4, head[2] & 15
    n_more = 8 - (~head[4] & 0xFF).bit_length()  # ones at the left, as in UTF-8
    if n_more == 1 or n_more > 7 or head[3] & 1 or not size_code or rate_code == 15:
        return None
    number = head[4] & (0x7F >> n_more)
    at = 5
    for byte in head[5 : 4 + max(n_more, 1)]:
        if byte >> 6 != 2:
            return None
        number = number << 6 | byte & 0x3F
        at += 1
    size = _FLAC_SIZES.get(size_code)
    if size is None:
        width = size_code - 5
        size = int.from_bytes(head[at : at + width], "big") + 1
        at += width
    at += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if at >= len(head) or _crc(head[:at], 0x07, 8) != head[at]:
        return None
    # Frames of one size are numbered, others give their first sample.
    return (number if head[1] & 1 else number * block), size


def _crc(content, polynomial, width):
    crc, top, mask = 0, 1 << width - 1, (1 << width) - 1
    for byte in content:
        crc ^= byte << width - 8
        for _ in range(8):
            crc = (crc << 1 ^ (polynomial if crc & top else 0)) & mask
    return crc


def ogg_length(stream, n_bytes):
    """Check whether an Ogg file ends with the last page of its only stream.

    Parameters
    ----------
    stream : binary file
    n_bytes : int
        Size of the file.

    Returns
    -------
    length : Length or None
    """
    n_tail = min(n_bytes, _OGG_TAIL if n_bytes > _LARGEST_CLIP else n_bytes)
    stream.seek(0)
    first = stream.read(64)
    stream.seek(n_bytes - n_tail)
    tail = stream.read(n_tail)
    at = tail.rfind(b"OggS")
    if at < 0 or not first.startswith(b"OggS"):
        return None
    page = tail[at : at + 27 + 255]
    n_segments = page[26] if len(page) > 26 else 256
    segments = page[27 : 27 + n_segments]
    end = at + 27 + n_segments + sum(segments)
    if len(segments) < n_segments or end > n_tail:
        return Length(cut="its last page is not complete")
    second = tail.find(b"OggS\x00\x02", 4) if n_tail == n_bytes else -1
    if second >= 0 and tail.find(b"OggS\x00\x00", 4, second) >= 0:
        return Length(unusable=second_file("Ogg", second))
    if page[14:18] != first[14:18] and b"OggS" not in first[4:]:
        return Length(unusable="holds several Ogg files one after the other: split it")
    if not page[5] & 4:
        return Length(damage="its last page is not marked as the last: it may be cut")
    return None
