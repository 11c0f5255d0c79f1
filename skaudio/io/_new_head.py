"""A file with another header than its own."""

import io


class NewHead(io.RawIOBase):
    """The bytes `head`, then those of a file from `start` on.

    Parameters
    ----------
    path : str
    head : bytes
    start : int
    """

    def __init__(self, path, head, start):
        self._file = open(path, "rb", buffering=0)
        self._head, self._start = head, start
        self._n_bytes = len(head) + max(0, self._file.seek(0, io.SEEK_END) - start)
        self._position = 0

    def readable(self):
        """Return True."""
        return True

    def seekable(self):
        """Return True."""
        return True

    def seek(self, offset, whence=io.SEEK_SET):
        """Move as any file does."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}
        self._position = max(0, origin.get(whence, self._n_bytes) + offset)
        return self._position

    def readinto(self, buffer):
        """Read some bytes as any raw file does."""
        if self._position < len(self._head):
            piece = self._head[self._position : self._position + len(buffer)]
        else:
            self._file.seek(self._position - len(self._head) + self._start)
            piece = self._file.read(len(buffer))
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self):
        """Close the file."""
        self._file.close()
        super().close()
