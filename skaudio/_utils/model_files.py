"""The container of a saved model: a zip of four entries, checked before it is read.

Nothing here executes, unpacks to disk or follows a name that a file contains: entries
are found by the names that this module lists, are stored without compression, and are
read into memory one at a time.
"""

import json
import os
import re
import struct
import zipfile
from contextlib import contextmanager

from skaudio._utils.atomic import atomic_write
from skaudio._utils.version import NewerVersionError, __version__, check_saved_version

FORMAT_VERSION = 1
SUFFIX, JOBLIB = ".skaudio", ".joblib"

FACTS, ESTIMATOR = "model.json", "estimator.json"
TENSORS, CARD = "tensors.safetensors", "README.md"
ENTRIES = (CARD, FACTS, ESTIMATOR, TENSORS)

CLIPS = "training_clips_"  # the attribute of a model
CLIP_COLUMNS = ["file", "label", "digest", "source"]

# The record that ends a zip without a comment: entries and bytes of the directory.
_END = struct.Struct("<4s4xHHIIH")
_LOCATOR = b"PK\6\7"  # of the end of a zip of more than 4 GB, 20 bytes before
_LONGEST_DIRECTORY = 2**14  # bytes; our four entries take 260
# A value of JSON costs Python some 60 bytes, however few it has in the file.
_FREE_VALUES, _BYTES_PER_VALUE = 100_000, 16
_LONGEST_REASON = 300  # characters
# What others are that read_entries does not open, by the ending of their names.
_OTHERS = {
    JOBLIB: "a joblib file, from which nothing can be read without executing code in "
    f"it: expected a {SUFFIX} file; if you trust its maker, open it in Python with "
    "skaudio.load_model",
    ".onnx": "an ONNX file, which skaudio.export.load_onnx opens in Python: expected a "
    f"{SUFFIX} file",
}


class ModelFileError(ValueError):
    """A model cannot be saved in a file as it is, or a file holds no sound model.

    The message is one line, which names the file or the parameter, and what to do.
    """


def check_model_name(path):
    """Raise where the name of a file to save in says no format.

    Parameters
    ----------
    path : str or path-like

    Raises
    ------
    ModelFileError
    """
    if os.path.splitext(path)[1] not in (SUFFIX, JOBLIB):
        raise ModelFileError(
            f"{path}: expected a name that ends in {SUFFIX}, or in {JOBLIB} for a file "
            "that executes code when it is loaded"
        )


def check_is_file(path):
    """Raise where there is no file to open a model from.

    Raises
    ------
    FileNotFoundError
    """
    if os.path.isdir(path):
        raise FileNotFoundError(f"{path}: is a folder, expected the file of a model")
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path}: no such model")


def write_entries(path, entries):
    """Write a model file whole, or leave an older one as it was.

    Parameters
    ----------
    path : str or path-like
    entries : dict of str to bytes
        All of `ENTRIES`.

    Raises
    ------
    OSError
        Where the file cannot be written, naming it and the reason.
    ModelFileError
        Where it would be larger than 4 GB.
    """
    with (
        atomic_write(path, "the model", "model") as file,
        zipfile.ZipFile(file, "w", allowZip64=False) as archive,
    ):
        for name in ENTRIES:
            # Without the time, so that the same model is the same file.
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o644 << 16
            try:
                archive.writestr(info, entries[name])
            except zipfile.LargeZipFile as error:
                raise ModelFileError(
                    f"{path}: the model takes more than 4 GB, the most that a "
                    f"{SUFFIX} file holds: save it to a name that ends in .joblib"
                ) from error


def read_entries(path, names):
    """Read entries of a model file, after its format and all sizes are checked.

    Parameters
    ----------
    path : str or path-like
    names : sequence of str
        Of `ENTRIES`.

    Returns
    -------
    entries : dict of str to bytes

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ModelFileError
        Where it is no model file, is damaged, or is of a newer format.
    """
    check_is_file(path)
    with open(path, "rb") as file, errors_naming(path):
        _check_zip(file, os.path.splitext(path)[1])
        with zipfile.ZipFile(file) as archive:
            _check_stored(archive, os.fstat(file.fileno()).st_size)
            _check_version(json_value(archive.read(FACTS), FACTS))
            _check_names(archive)
            return {name: archive.read(name) for name in names}


def read_facts(path):
    """Read what a model file says of its model, without opening the model.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    facts : dict

    Raises
    ------
    FileNotFoundError, ModelFileError
        As `read_entries`.
    """
    data = read_entries(path, [FACTS])[FACTS]
    with errors_naming(path):
        return json_value(data, FACTS)


def training_clips_of(facts):
    """Make the table of the training clips.

    Parameters
    ----------
    facts : dict
        As from `read_facts`.

    Returns
    -------
    clips : DataFrame or None
        ``file``, ``label``, ``digest`` and ``source``; None where the model was saved
        without them.

    Raises
    ------
    ModelFileError
        Where they are no such table.
    """
    import pandas as pd

    columns = facts.get("training_clips")
    if columns is None:
        return None
    if not isinstance(columns, dict) or list(columns) != CLIP_COLUMNS:
        raise ModelFileError(f"training_clips: expected {', '.join(CLIP_COLUMNS)}")
    for name, cells in columns.items():
        if not isinstance(cells, list) or len(cells) != len(columns["file"]):
            raise ModelFileError(f"training_clips: {name} is no column of its rows")
        if not all(cell is None or isinstance(cell, str) for cell in cells):
            raise ModelFileError(f"training_clips: {name} holds more than text")
    return pd.DataFrame(columns)


@contextmanager
def errors_naming(path):
    """Turn whatever a file's content raises into a ModelFileError that names it."""
    try:
        yield
    except (ModelFileError, NewerVersionError) as error:
        raise ModelFileError(f"{path}: {one_line(error)}") from error
    except Exception as error:
        raise ModelFileError(
            f"{path}: no sound model file; it is damaged, or was not written by "
            f"skaudio ({type(error).__name__}: {one_line(error)})"
        ) from error


def one_line(error):
    """Write an error as a line that cannot steer a terminal, shortened."""
    text = printable(" ".join(str(error).split()))
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "..."


def printable(text):
    """Replace characters that steer a terminal, except the ends of lines."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\ufffd"
        for character in text
    )


def json_bytes(value, name, indent=None):
    """Write an entry as JSON.

    Raises
    ------
    ModelFileError
        Where `json_value` would refuse it for its length.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    data = text.encode("utf-8", errors="surrogatepass")
    _check_length(data, name)
    return data


def json_value(data, name):
    """Read an entry that is JSON.

    Raises
    ------
    ModelFileError
        Where it would take far more memory than it has bytes, or holds NaN.
    """
    _check_length(data, name)
    text = data.decode("utf-8", errors="surrogatepass")
    return json.loads(text, parse_constant=_refuse_constant)


def _check_length(data, name):
    n_values = sum(data.count(mark) for mark in (b",", b"[", b"{"))
    most = _FREE_VALUES + len(data) // _BYTES_PER_VALUE
    if n_values > most:
        raise ModelFileError(
            f"{name} has {n_values} values in {len(data)} bytes: expected at most "
            f"{most}; long series of numbers belong into numpy arrays"
        )


def _refuse_constant(text):
    raise ModelFileError(f"{text} in JSON")


def _check_zip(file, suffix):
    """Check first and last bytes; zipfile would read a directory of any length."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if file.read(2) != b"PK":
        raise ModelFileError(
            _OTHERS.get(
                suffix,
                "no skaudio model file; a joblib file, which executes code when it is "
                "loaded, needs a name that ends in .joblib",
            )
        )
    if size < _END.size:
        raise ModelFileError(f"cut short, {size} bytes are left")
    file.seek(max(0, size - _END.size - 20))
    end = file.read()
    mark, _, _, n_bytes, offset, n_comment = _END.unpack(end[-_END.size :])
    sound = mark == b"PK\5\6" and not n_comment and not end.startswith(_LOCATOR)
    if not sound or offset + n_bytes + _END.size != size:
        raise ModelFileError("cut short or damaged: its end is missing")
    if n_bytes > _LONGEST_DIRECTORY:
        raise ModelFileError(f"its directory of {n_bytes} bytes is none of skaudio's")
    file.seek(0)


def _check_version(facts):
    version = facts.get("format_version") if isinstance(facts, dict) else None
    if type(version) is not int or version < 1:
        raise ModelFileError(f"{FACTS} gives no format_version")
    by = facts["versions"]["skaudio"]
    if not re.fullmatch(r"\d{1,6}\.\d{1,6}(\.\w{1,20})*", by):
        raise ModelFileError(f"{FACTS} gives no version of skaudio")
    if version > FORMAT_VERSION:
        raise ModelFileError(
            f"is of format {version}, saved by skaudio {by}, but skaudio {__version__} "
            f"opens formats up to {FORMAT_VERSION}: pip install 'skaudio>={by}', or "
            "train again"
        )
    check_saved_version({"_skaudio_version": by}, "model")


def _check_stored(archive, size):
    """Refuse what would be longer than the file once it is read."""
    entries = archive.infolist()
    for entry in entries:
        stored = entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1
        if not stored or entry.file_size != entry.compress_size:
            raise ModelFileError(
                f"{entry.filename!r} is compressed or encrypted: expected it stored"
            )
    if sum(entry.file_size for entry in entries) > size:
        raise ModelFileError("its entries are longer than the file")


def _check_names(archive):
    names = sorted(archive.namelist())
    if names != sorted(ENTRIES):
        raise ModelFileError(
            f"holds the entries {', '.join(map(repr, names[:8]))}: expected "
            f"{', '.join(ENTRIES)}, each once"
        )
