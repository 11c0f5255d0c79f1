"""Whether a file is of the type of an output, so that the output may replace it."""

import os
import re
import zlib

# The module of a pickled object's class, in protocols 2, 3 and 4, 5.
_PICKLED_CLASS = re.compile(
    rb"\x80[\x02-\x05](?:\x95.{8})?(?:"
    rb"c(?P<old>[\w.]+)\n|\x8c.(?P<new>[\w.]+)\x94\x8c.[\w.]+\x94\x93)",
    re.DOTALL,
)
# Pickles of these hold data.
_DATA = {b"builtins", b"collections", b"joblib", b"numpy", b"pandas", b"torch"}
_PAGE = re.compile(rb"\s*<(!doctype html|html)\b", re.IGNORECASE)


def is_replaceable(path, kind):
    """Return whether an output may replace a file: one of its type, or an empty one.

    Name and content must agree. Under another name, a file must begin as one that
    skaudio wrote.

    Parameters
    ----------
    path : str or path-like
        An existing file.
    kind : {"model", "onnx", "html", "json", "csv"}

    Returns
    -------
    bool

    Raises
    ------
    OSError
        Where the file cannot be read.
    """
    with open(path, "rb") as file:
        head = file.read(2**12).removeprefix(b"\xef\xbb\xbf")
    name = os.fspath(path).lower()
    if kind == "model":
        is_archive = name.endswith(".skaudio") and head.startswith(b"PK\x03\x04")
        return not head or is_archive or _is_pickled_estimator(head)
    if kind == "onnx":
        # The version of the format comes first.
        return not head or (name.endswith(".onnx") and head.startswith(b"\x08"))
    if kind == "html":
        return not head or _PAGE.match(head) is not None
    is_json = head.lstrip().startswith((b"{", b"["))
    own, of_skaudio = {
        "json": (is_json, is_json and b'"skaudio"' in head),
        "csv": (
            _is_text(head) and not is_json and not _PAGE.match(head),
            head.startswith((b"file,", b"pipeline,")),
        ),
    }[kind]
    return not head or of_skaudio or (own and name.endswith(f".{kind}"))


def _is_pickled_estimator(head):
    if head.startswith((b"x", b"\x1f\x8b")):  # compressed by joblib
        try:
            head = zlib.decompressobj(wbits=47).decompress(head, 2**12)
        except zlib.error:
            return False
    found = _PICKLED_CLASS.match(head)
    if found is None:
        return False
    module = found["old"] or found["new"]
    return module.split(b".")[0] not in _DATA


def _is_text(head):
    """Return whether bytes are text of one byte or more per character, not UTF-16."""
    return re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head) is None
