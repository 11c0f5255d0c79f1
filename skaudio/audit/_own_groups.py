"""Groups that the user knows of: from file names, or from a table."""

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from skaudio._utils.clip_columns import (
    EXPECTED,
    GROUPS,
    find_clip_columns,
    find_column,
    listed,
)
from skaudio._utils.clips import as_clips
from skaudio._utils.table_text import read_table_text


def groups_from_names(files, pattern):
    r"""Read the group of each clip from its file name.

    Parameters
    ----------
    files : sequence of str
    pattern : str or re.Pattern
        A regular expression with a group in parentheses, looked for anywhere in the
        file name without its folder. The group is what the first parentheses that
        match hold, such as the recording, the recorder or the animal.

    Returns
    -------
    groups : ndarray of str, shape (n,)

    Raises
    ------
    ValueError
        Where `pattern` is no regular expression or has no parentheses, or a name does
        not match.

    See Also
    --------
    groups_from_table : For names that say nothing.
    skaudio.datasets.load_audio_folder : Takes such a function as `groups`.

    Examples
    --------
    >>> from skaudio.audit import groups_from_names
    >>> files = ["cat/tom_01.wav", "cat/tom_02.wav", "cat/kitty_01.wav"]
    >>> groups_from_names(files, r"^([a-z]+)_").tolist()
    ['tom', 'tom', 'kitty']

    The recording in names such as SMA0321_20240601_050000_0012.wav:

    >>> name = "SMA0321_20240601_050000_0012.wav"
    >>> groups_from_names([name], r"(\w+_\d{8}_\d{6})").tolist()
    ['SMA0321_20240601_050000']
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(
            f"pattern={pattern!r} is no regular expression: {error}."
        ) from error
    if not compiled.groups:
        raise ValueError(
            f"pattern={compiled.pattern!r} has no group: expected parentheses around "
            "what the clips of one group share, such as ([a-z]+)_."
        )
    groups = []
    for file in files:
        match = compiled.search(os.path.basename(file))
        found = [part for part in match.groups() if part] if match else []
        groups.append(found[0] if found else None)
    what = f"pattern={compiled.pattern!r} finds no group"
    _refuse_ungrouped(files, groups, what, "a pattern that fits every name")
    return np.array(groups, dtype=str)


def groups_from_table(files, table, column=None):
    """Look up the group of each clip in a table.

    Parameters
    ----------
    files : sequence of str
    table : str, path-like or DataFrame
        One row per clip, with a column of files as `read_clip_table` finds it. A
        relative path stands for the clip whose path ends with it: ``cat/tom_01.wav``,
        or just ``tom_01.wav`` where only one clip has this name.
    column : str or None, default=None
        The column of groups. None is ``group``, ``groups`` or ``src_file``.

    Returns
    -------
    groups : ndarray of str, shape (n,)

    Raises
    ------
    ValueError
        Where there is no such column, a clip has no row, no group, or two groups, or a
        row fits several clips.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.audit import groups_from_table
    >>> table = pd.DataFrame({"file": ["a.wav", "b.wav"], "group": ["tom", "kitty"]})
    >>> groups_from_table(["clips/cat/b.wav", "clips/cat/a.wav"], table).tolist()
    ['kitty', 'tom']
    """
    is_frame = isinstance(table, pd.DataFrame)
    where = "The table" if is_frame else os.fspath(table)
    if is_frame:
        frame = table.reset_index(drop=table.index.names == [None])
    else:
        frame = read_table_text(Path(table))
    group_of = _group_of_path(frame, column, where)
    groups, user = [], {}
    for file in files:
        path = os.path.abspath(file).replace(os.sep, "/")
        parts = path.split("/")
        ends = (path, *("/".join(parts[place:]) for place in range(1, len(parts))))
        row = next((end for end in ends if end in group_of), None)
        if row is not None and user.setdefault(row, path) != path:
            raise ValueError(
                f"{where}: the row of {row} fits {user[row]} and {path}: expected "
                "paths with the folders that tell them apart."
            )
        groups.append(group_of.get(row))
    _refuse_ungrouped(files, groups, f"{where} has no group", "a row for every clip")
    return np.array(groups, dtype=str)


def _group_of_path(frame, column, where):
    """Map the paths of a table, with forward slashes, to groups; None where empty."""
    names = list(frame.columns)
    columns = find_clip_columns(names)
    if columns is None:
        raise ValueError(f"{where} has the columns {listed(names)}; {EXPECTED}.")
    called = "group, groups or src_file" if column is None else repr(column)
    if column is None:
        # A column of another name may be anything, such as a duration.
        column = find_column(names, GROUPS)
    if names.count(column) != 1:
        raise ValueError(
            f"{where} has the columns {listed(names)}: expected one of groups, called "
            f"{called}; rename it."
        )
    files = [clip.file for clip in as_clips(frame[[*columns.file]])]
    group_of = {}
    for file, group in zip(files, frame[column], strict=True):
        group = None if pd.isna(group) or not str(group).strip() else str(group)
        path = os.path.normpath(file.replace("\\", "/")).replace(os.sep, "/")
        if group_of.setdefault(path, group) != group:
            raise ValueError(
                f"{where} gives {file} the groups {group_of[path]!r} and {group!r}: "
                "expected one."
            )
    return group_of


def _refuse_ungrouped(files, groups, what, expected):
    lacking = [file for file, group in zip(files, groups, strict=True) if group is None]
    if lacking:
        raise ValueError(
            f"{what} for {len(lacking)} of {len(groups)} clips, such as {lacking[0]}: "
            f"expected {expected}."
        )
