"""The name of the data set that clips come from."""

import os

_SPLITS = {"train", "training", "test", "testing", "valid", "validation"}


def data_set_name(reports):
    """Name the folder that holds all clips.

    Parameters
    ----------
    reports : list of Report

    Returns
    -------
    name : str
        Of the folder above, where that of the clips is named like a split; empty where
        there are no files.
    """
    files = {
        os.fspath(file)
        for report in reports
        for file in report.predictions["file"]
        if isinstance(file, (str, os.PathLike))
    }
    try:
        root = os.path.commonpath([os.path.dirname(file) for file in files])
    except ValueError:  # no files
        return ""
    return folder_name(root)


def folder_name(root):
    """Return the name of a folder, or of the one above where it is that of a split."""
    name = os.path.basename(root)
    if name.casefold() in _SPLITS:
        name = os.path.basename(os.path.dirname(root))
    return name
