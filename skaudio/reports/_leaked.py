"""Leaked test clips, marked among the predictions."""

import numpy as np

from skaudio._utils.findings import LEAVE_OUT, PASS_TRAINING, Finding

UNKNOWN = Finding(
    "the training clips of the model are not known, so leaked test clips cannot be "
    "found: pass train=, or save the model with training_clips=",
    PASS_TRAINING,
)


def mark_leaked(predictions, leaks):
    """Mark the predictions of leaked test clips.

    Parameters
    ----------
    predictions : DataFrame
        As of `Report`; the column ``leaked`` is added in place.
    leaks : DataFrame
        As from `find_leaks`.

    Returns
    -------
    warnings : list of str
        For the report.
    """
    files = predictions["file"].astype(str)
    predictions["leaked"] = np.isin(files, leaks["test_file"].astype(str))
    warnings = []
    if len(leaks):
        kinds = leaks["relation"].value_counts()
        counts = ", ".join(f"{kind}: {count}" for kind, count in kinds.items())
        text = (
            f"{len(leaks)} of {files.nunique()} test clips are leaked from training "
            f"({counts}), so the scores are too high: see the accuracy without leaked "
            "clips"
        )
        warnings.append(Finding(text, LEAVE_OUT))
    if not leaks.attrs["near"]:
        text = (
            "near copies of training clips were not looked for, because the training "
            "files have moved; exact copies and clips of the same source were"
        )
        warnings.append(Finding(text, PASS_TRAINING))
    return warnings


def unleaked_rows(predictions):
    """Return a mask of the predictions of clips that are not leaked, shape (n,)."""
    if "leaked" not in predictions:
        return np.ones(len(predictions), bool)
    return ~predictions["leaked"].to_numpy(bool)
