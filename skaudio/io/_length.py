"""How much sound a file holds, beside what its header announces."""

from typing import NamedTuple


class Length(NamedTuple):
    """What a file holds and what its header announces, in bytes or in samples.

    libsndfile believes the header. Where that is wrong, the file is read with another
    header: `head`, then the bytes of the file from `start` on.

    Attributes
    ----------
    held : int or None
        None: as much as the decoder finds.
    announced : int or None
        None: the header leaves it open, as that of a stream does.
    head : bytes or None
        A header that announces what is held.
    start : int
        Number of bytes of the file that `head` replaces.
    unusable : str or None
        Why the file cannot be read at all.
    cut : str or None
        Why it is known to be cut short, where that is not plain from the two lengths.
    damage : str or None
        What is wrong with a file that can be read.
    tolerance : int
        Difference of the two lengths that is of no account.
    in_samples : bool
        Whether the unit is a sample (of every channel), else a byte.
    """

    held: int | None = None
    announced: int | None = None
    head: bytes | None = None
    start: int = 0
    unusable: str | None = None
    cut: str | None = None
    damage: str | None = None
    tolerance: int = 0
    in_samples: bool = False

    @property
    def is_short(self):
        """Whether the file holds less than its header announces."""
        return self._known and self.announced - self.held > self.tolerance

    @property
    def is_long(self):
        """Whether the file holds more than its header announces."""
        return self._known and self.held - self.announced > self.tolerance

    def differs_from(self, n_samples):
        """Whether the decoder takes the file for longer or shorter than it is.

        Decoders of MP3 leave out the padding, which is up to five frames.
        """
        return self.held is not None and abs(n_samples - self.held) > 3 * self.tolerance

    @property
    def _known(self):
        return self.held is not None and self.announced is not None


def second_file(kind, position):
    """Give the reason why joined files cannot be read."""
    return (
        f"holds several {kind} files one after the other, the second from byte "
        f"{position} on: split it"
    )
