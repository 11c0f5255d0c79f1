"""Files on the web sites of their publishers, fetched once."""

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from skaudio._utils.download import download
from skaudio.datasets import get_data_home
from skaudio.pretrained._weights import checksum, own_weights


class PublishedFile(NamedTuple):
    """A file, its address, and its sha256 where it is known."""

    name: str
    url: str
    sha256: str | None = None

    def path(self, *, n_retries, instead):
        """Find the file and check it, or else fetch it.

        Parameters
        ----------
        n_retries : int
            Further attempts where a transfer fails.
        instead : str
            What else one can do without a network, for the error message.

        Returns
        -------
        path : str
            In the folder ``SKAUDIO_WEIGHTS``, or in ``pretrained/`` of the folder of
            data sets, where it is put if it is in neither.

        Raises
        ------
        OSError
            Where it cannot be fetched; says where to put it.
        ValueError
            Where the file that is there is another one.
        """
        path = own_weights(self.name)
        if path is None:
            path = get_data_home() / "pretrained" / self.name
            if not path.is_file():
                self._fetch(path, n_retries, instead)
        checksum(path, self.sha256)
        return str(path)

    def _fetch(self, path, n_retries, instead):
        path.parent.mkdir(parents=True, exist_ok=True)
        hint = f"Without a network, put the file there yourself: {path}, or {instead}."
        with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as scratch:
            downloaded = Path(scratch, self.name)
            download(
                *(self.url, downloaded),
                timeout=10,
                n_retries=n_retries,
                delay=1,
                hint=hint,
            )
            try:
                checksum(downloaded, self.sha256)
            except ValueError as error:
                raise OSError(
                    f"{self.url}: what came is another file, not of sha256 "
                    f"{self.sha256}. {hint}"
                ) from error
            os.replace(downloaded, path)
