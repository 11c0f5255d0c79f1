"""Hashes of files."""

import hashlib


def sha256_of(file):
    """Hash the bytes of a file.

    Parameters
    ----------
    file : str or path-like

    Returns
    -------
    sha256 : str or None
        64 hexadecimal digits; None where the file cannot be read.
    """
    try:
        with open(file, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
