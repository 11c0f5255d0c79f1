"""What is wrong with recordings that have been scored, in words."""

from skaudio._utils.counts import count
from skaudio._utils.warn import warn_user
from skaudio.io import AudioFileError, OddAudioWarning

_SHOWN = 3  # spans of a recording in a message


def raise_fault(facts):
    """Raise AudioFileError where windows of a recording failed.

    Parameters
    ----------
    facts : dict
        As of `ScoredRecording`.
    """
    if facts["n_failed"]:
        raise AudioFileError(facts["file"], describe_failed(facts))


def report_faults(facts, verb="scored"):
    """Warn of recordings with windows that failed, and of odd ones.

    Parameters
    ----------
    facts : list of dict
        As of `ScoredRecording`.
    verb : str
        What was done with them.
    """
    partly = [
        AudioFileError(one["file"], describe_failed(one))
        for one in facts
        if one["n_failed"]
    ]
    odd = [AudioFileError(one["file"], what) for one in facts for what in one["odd"]]
    for lines, what, category in (
        (partly, f"{verb} in part", UserWarning),
        (odd, f"{verb} although something is wrong", OddAudioWarning),
    ):
        if lines:
            n_files = len({line.file for line in lines})
            are = "is" if n_files == 1 else "are"
            text = f"{n_files} of {count(len(facts), 'recording')} {are} {what}:"
            lines = [text, *sorted(map(str, lines))]
            warn_user("\n  ".join(lines), category)


def describe_failed(facts):
    """Say which windows of a recording failed, and why.

    Parameters
    ----------
    facts : dict
        A row of the journal.

    Returns
    -------
    text : str
    """
    spans = [f"{start:.2f}-{end:.2f} s {why}" for start, end, why in facts["failed"]]
    more = f"; and {len(spans) - _SHOWN} more spans" if len(spans) > _SHOWN else ""
    return (
        f"{facts['n_failed']} of {facts['n_windows']} windows failed: "
        + "; ".join(spans[:_SHOWN])
        + more
    )
