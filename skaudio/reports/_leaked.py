"""Leaked test clips, marked among the predictions."""

import numpy as np

UNKNOWN = (
    "the training clips of the model are not known, so that leaked test clips cannot be "
    "found: pass train=, or save the model with training_clips="
)


def mark_leaked(predictions, leaks):
    """Mark the predictions of test clips that training has seen.

    Parameters
    ----------
    predictions : DataFrame
        As of `Report`; gets the column ``leaked``.
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
        warnings.append(
            f"{len(leaks)} of {files.nunique()} test clips are leaked from training "
            f"({counts}), so that the scores are too good: look at the accuracy without "
            "them"
        )
    if not leaks.attrs["near"]:
        warnings.append(
            "near copies of training clips were not looked for: the training clips are "
            "no longer in their place; exact copies and sources are still known"
        )
    return warnings
