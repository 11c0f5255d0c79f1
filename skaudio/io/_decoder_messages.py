"""What libmpg123 writes to standard error, where it names no file.

libsndfile decodes MP3 with libmpg123 and leaves it no way to be quiet:
https://github.com/libsndfile/libsndfile/issues/958
"""

import os
import re
import tempfile
import threading
from contextlib import contextmanager

_MESSAGE = re.compile(
    rb"\[\S*libmpg123\S*\] *(?:error: |warning: )?|(?:Note|Warning): "
)


class _Collector:
    """Sends the process's standard error to a file while threads decode MP3.

    What other parts of the process write meanwhile is passed on at the end.
    """

    def __init__(self):
        self._changed = threading.Condition()
        self._n_users = self._n_waiting = 0
        self._is_alone = False
        self._stderr = self._file = None

    @contextmanager
    def collect(self, alone=False):
        """Collect messages; yields a list that is filled when the block ends.

        Parameters
        ----------
        alone : bool, default=False
            Wait until no other thread decodes, so that all messages are of this one.
        """
        messages = []
        with self._changed:
            self._n_waiting += alone
            self._changed.wait_for(lambda: self._may_start(alone))
            self._n_waiting -= alone
            self._is_alone = alone
            self._n_users += 1
            if self._n_users == 1:
                self._redirect()
            start = self._size()
        try:
            yield messages
        finally:
            with self._changed:
                messages += self._read(start)[0]
                self._n_users -= 1
                self._is_alone = False
                if not self._n_users:
                    self._restore()
                self._changed.notify_all()

    def _may_start(self, alone):
        if alone:
            return not self._n_users
        return not self._is_alone and not self._n_waiting

    def _redirect(self):
        if not hasattr(os, "pread"):  # Windows
            return
        try:
            self._stderr = os.dup(2)
        except OSError:  # a process without standard error
            return
        self._file = tempfile.TemporaryFile()
        os.dup2(self._file.fileno(), 2)

    def _restore(self):
        if self._stderr is None:
            return
        os.dup2(self._stderr, 2)
        others = self._read(0)[1]
        if others:
            os.write(2, others)
        os.close(self._stderr)
        self._file.close()
        self._stderr = self._file = None

    def _size(self):
        return 0 if self._file is None else os.fstat(self._file.fileno()).st_size

    def _read(self, start):
        """Return libmpg123's messages, and what else was written."""
        if self._file is None or self._size() == start:
            return [], b""
        # The descriptors share one position, at which the decoders go on writing.
        content = os.pread(self._file.fileno(), self._size() - start, start)
        lines = content.splitlines(keepends=True)
        own = [_MESSAGE.match(line) for line in lines]
        messages = [
            line[match.end() :].decode("utf-8", "replace").strip().rstrip(".")
            for line, match in zip(lines, own, strict=True)
            if match
        ]
        others = [line for line, match in zip(lines, own, strict=True) if not match]
        return messages, b"".join(others)


collect_messages = _Collector().collect
