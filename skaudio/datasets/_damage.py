"""Find files of a data set that are missing, cut short or changed."""

from skaudio._utils.hashing import sha256_of
from skaudio.io import AudioFileError, read_audio


def find_damage(root, listing, full):
    """Return the listed files that are missing or differ from what is expected.

    Parameters
    ----------
    root : pathlib.Path
    listing : DataFrame
    full : bool
        Compare the hash (or, where none is known, decode the file), not just the size
        (or the length that a WAV file announces).

    Returns
    -------
    dict of {path: reason}
    """
    check = _check_known if "sha256" in listing else _check_wav
    reasons = {
        row.path: check(root / row.path, row, full) for row in listing.itertuples()
    }
    return {path: reason for path, reason in reasons.items() if reason}


def _check_known(file, expected, full):
    if not file.is_file():
        return "missing"
    size = file.stat().st_size
    if not full:
        return size != expected.bytes and f"{size} bytes, expected {expected.bytes}"
    found = sha256_of(file)
    return found != expected.sha256 and (
        f"sha256 {found} ({size} bytes), expected {expected.sha256} "
        f"({expected.bytes} bytes)"
    )


def _check_wav(file, _, full):
    if not file.is_file():
        return "missing"
    with open(file, "rb") as stream:
        head = stream.read(12)
    size, announced = file.stat().st_size, int.from_bytes(head[4:8], "little") + 8
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return f"no WAV file ({size} bytes)"
    if size != announced:
        return f"{size} bytes, expected the {announced} that it announces"
    if full:
        try:
            read_audio(file)
        except AudioFileError as error:
            return error.reason
    return None


def damage_summary(damage):
    """Summarise the damage in one line."""
    path, reason = next(iter(damage.items()))
    first = "" if len(damage) == 1 else "the first is "
    return f"{len(damage)} file(s) missing or wrong: {first}{path}: {reason}"
