"""Held-out clips that training knows already."""

import numpy as np


def mark_kin(predictions, shared):
    """Mark the predictions of clips that have kin in training.

    Parameters
    ----------
    predictions : DataFrame
        As of `Report`; gets the column ``kin``, where that is known.
    shared : DataFrame or None
        As from `check_split`; None where training is not known.

    Returns
    -------
    doubts : list of str
        For the warnings of the report.
    """
    if shared is None:
        return [
            "the model does not tell its training clips, so that copies of them among "
            "these clips go unseen: pass train=, or note them with remember_training"
        ]
    files = predictions["file"].astype(str)
    predictions["kin"] = np.isin(files, shared["test_file"].astype(str))
    doubts = []
    if len(shared):
        kinds = shared["relation"].value_counts()
        told = ", ".join(f"{kind}: {count}" for kind, count in kinds.items())
        doubts.append(
            f"{len(shared)} of {files.nunique()} clips have kin in training ({told}), "
            "so that the scores are too good: look at the accuracy without them"
        )
    if not shared.attrs["near"]:
        doubts.append(
            "the training clips are no longer where they were, so that near copies of "
            "them go unseen; exact copies and sources are still known"
        )
    return doubts
