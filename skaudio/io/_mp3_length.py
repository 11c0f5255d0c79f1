"""Lengths of MP3 files, from their frames."""

from skaudio.io._length import Length

# Beyond these sizes the header is believed where it fits the size of the file, and a
# first part at one bit rate is taken for a file at one bit rate.
_LARGEST_CLIP = 1 << 22
_FIRST_PART = 1 << 20
_SEARCH = 1 << 16  # bytes before the first frame
_TOLERANCE = 2  # frames; some encoders count the header
_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3")
# kbit/s of Layer III; index 0 leaves the rate open.
_BIT_RATES = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
# Of MPEG 1, MPEG 2 and "2.5", by the bits that stand for them.
_SAMPLE_RATES = {
    3: (44100, 48000, 32000),
    2: (22050, 24000, 16000),
    0: (11025, 12000, 8000),
}


def tag_length(head):
    """Return the number of bytes of an ID3v2 tag that begins with `head`, or 0."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    size = sum((byte & 0x7F) << 7 * n for n, byte in enumerate(head[9:5:-1]))
    return 10 + size + (10 if head[5] & 0x10 else 0)


def mp3_length(stream, n_bytes):
    """Measure an MP3 file by counting its frames.

    Parameters
    ----------
    stream : binary file
    n_bytes : int
        Size of the file.

    Returns
    -------
    length : Length or None
        In samples; None where there are no frames of Layer III, and where the file is
        long and its header fits its size.
    """
    is_clip = n_bytes <= _LARGEST_CLIP
    first = _first_frame(stream)
    if first is None:
        return None
    stream.seek(first)
    content = stream.read(n_bytes if is_clip else _FIRST_PART)
    frames = _Frames(content)
    announced, n_bytes_announced = frames.header()
    start = 0 if announced is None else frames.size(0)
    if not is_clip:
        if frames.fits(announced, n_bytes_announced, n_bytes - first):
            return None
        _, bit_rates, _ = frames.count(start)
        if announced is None and len(bit_rates) == 1:
            return None
        stream.seek(first)
        frames = _Frames(stream.read())
    n_frames, _, damage = frames.count(start)
    if announced == 0xFFFFFFFF:
        announced = None
    return Length(
        n_frames * frames.n_samples,
        None if announced is None else announced * frames.n_samples,
        in_samples=True,
        head=frames.new_header(n_frames),
        start=first + start,
        damage=damage,
        tolerance=_TOLERANCE * frames.n_samples,
    )


def _first_frame(stream):
    """Find the first frame, after tags and what else may be there."""
    position = tag = 0
    while tag or not position:
        position += tag
        stream.seek(position)
        tag = tag_length(stream.read(10))
        if not tag:
            break
    stream.seek(position)
    content = stream.read(_SEARCH)
    at = content.find(b"\xff")
    while at >= 0:
        if _is_frame(content[at : at + 4]) and _Frames(content[at:]).begins(0):
            return position + at
        at = content.find(b"\xff", at + 1)
    return None


def _is_frame(head):
    """Return whether these are the first bytes of a frame of Layer III."""
    return (
        len(head) == 4
        and head[0] == 0xFF
        and head[1] >> 5 == 7
        and head[1] >> 3 & 3 in _SAMPLE_RATES
        and head[1] >> 1 & 3 == 1
        and 0 < head[2] >> 4 < 15
        and head[2] >> 2 & 3 < 3
    )


class _Frames:
    """Frames of the kind of the first.

    Parameters
    ----------
    content : bytes
        From the beginning of the first frame on.
    """

    def __init__(self, content):
        self.content = content
        self._mark = content[1] & 0xFE
        self._version = content[1] >> 3 & 3
        self._rate_bits = content[2] & 0x0C
        self.sample_rate = _SAMPLE_RATES[self._version][self._rate_bits >> 2]
        self.n_samples = 1152 if self._version == 3 else 576
        self._sizes = [self._size(byte) for byte in range(256)]
        # Xing's header stands where a frame of sound has its side information.
        is_mono = content[3] >> 6 == 3
        n_side = (17 if is_mono else 32) if self._version == 3 else 9 if is_mono else 17
        self._xing = 4 + n_side

    def _size(self, byte):
        """Return the size of a frame by its third byte; 0 for another kind of frame."""
        index = byte >> 4
        if not 0 < index < 15 or byte & 0x0C != self._rate_bits:
            return 0
        bit_rate = _BIT_RATES[1 if self._version == 3 else 2][index]
        return self.n_samples * bit_rate * 125 // self.sample_rate + (byte >> 1 & 1)

    def size(self, position):
        """Return the size of the frame at a position; 0 where there is none."""
        content = self.content
        if position + 4 > len(content) or content[position] != 0xFF:
            return 0
        if content[position + 1] & 0xFE != self._mark:
            return 0
        return self._sizes[content[position + 2]]

    def begins(self, position):
        """Return whether a frame is here and followed by another, or by the end."""
        after = position + self.size(position)
        return after > position and (
            self.size(after) > 0
            or after + 4 > len(self.content)
            or self.content.startswith(_TAGS, after)
        )

    def header(self):
        """Return the frames and bytes that the first frame announces, or None."""
        content, at = self.content, self._xing
        if content[at : at + 4] in (b"Xing", b"Info"):
            flags, n_frames, n_bytes = (
                int.from_bytes(content[at + n : at + n + 4], "big") for n in (4, 8, 12)
            )
            if flags & 1:
                return n_frames, n_bytes if flags & 2 else None
        elif content[36:40] == b"VBRI":
            n_bytes, n_frames = (
                int.from_bytes(content[n : n + 4], "big") for n in (46, 50)
            )
            return n_frames, n_bytes
        return None, None

    def fits(self, n_frames, n_bytes_announced, n_bytes):
        """Return whether an announced number of frames fits the size of the file."""
        if n_frames is None or n_bytes_announced is None:
            return False
        sizes = [size for size in self._sizes if size]
        return (
            abs(n_bytes - n_bytes_announced) <= 0.01 * n_bytes
            and n_frames * min(sizes) <= n_bytes <= (n_frames + 1) * max(sizes) * 1.01
        )

    def count(self, start):
        """Count the frames from a position on.

        Returns
        -------
        n_frames : int
        bit_rates : set of int
        damage : str or None
            Where other bytes lie between frames.
        """
        content, sizes, mark = self.content, self._sizes, self._mark
        n_frames, bit_rates, damage = 0, set(), None
        position, last = start, len(content) - 4
        while position <= last:
            code = content[position + 2]
            if (
                content[position] == 0xFF
                and content[position + 1] & 0xFE == mark
                and sizes[code]
            ):
                bit_rates.add(code >> 4)
                position += sizes[code]
                n_frames += 1
                continue
            after = self._next_frame(position)
            junk = content[position:after]
            if not junk.startswith(_TAGS) and junk.count(0) < len(junk) > 64:
                seconds = n_frames * self.n_samples / self.sample_rate
                damage = damage or (
                    f"{len(junk)} bytes at {seconds:.2f} s are no MP3 frames"
                )
            position = after
        # The last frame counts only where all of it is there.
        return max(0, n_frames - (position > len(content))), bit_rates, damage

    def _next_frame(self, position):
        after = self.content.find(b"\xff", position + 1)
        while after >= 0 and not self.begins(after):
            after = self.content.find(b"\xff", after + 1)
        return after if after >= 0 else len(self.content)

    def new_header(self, n_frames):
        """Make a first frame that announces a number of frames and holds no sound."""
        head = self.content[:4]
        code = 0xE0 | head[2] & 0x0D  # the largest frame, without padding
        begin = bytes([head[0], head[1] | 1, code, head[3]])  # without a checksum
        xing = b"Xing" + (1).to_bytes(4, "big") + n_frames.to_bytes(4, "big")
        return (
            begin.ljust(self._xing, b"\0")
            + xing
            + bytes(self._sizes[code] - self._xing - len(xing))
        )
