"""Load a table of clips or annotations as data, target and groups."""

import os

import numpy as np
import pandas as pd

from skaudio._utils.choices import one_of
from skaudio._utils.clip_columns import GROUPS, LABELS, find_column, listed
from skaudio._utils.clips import Clip
from skaudio._utils.labels import as_groups, as_labels
from skaudio._utils.warn import warn_user
from skaudio.datasets._loaded import loaded
from skaudio.io import read_clip_table

_CLIP = ["file", "start_time", "end_time"]


def load_audio_table(
    table,
    root=None,
    *,
    label=None,
    groups="auto",
    on_error="warn",
    n_jobs=None,
    verbose=0,
):
    r"""List the labelled clips of a table: of spans of recordings, or of whole files.

    Parameters
    ----------
    table : str, path-like or DataFrame
        As `read_clip_table` takes it: a table of Raven, BirdNET, Kaleidoscope,
        OpenSoundscape or Audacity, ESC-50's, or your own with ``file, start_time,
        end_time, label``. Rows that occur twice are taken once.
    root : str, path-like or None, default=None
        Folder that paths are relative to, as in `read_clip_table`.
    label : str or None, default=None
        Column of the labels. None takes the first that the table has of ``label,
        annotation, label:species, species, MANUAL ID, Common name, class, category,
        Scientific name, TOP1MATCH, AUTO ID``.
    groups : "auto", str, callable, array-like of shape (n,) or None, default="auto"
        As in `load_audio_folder`; spans of one file always share a group. "auto" also
        takes a column ``group``, ``groups`` or ``src_file``, another text the column of
        that name. An array has an entry for each row; its values mean nothing in other
        sets of clips, while those of a column or function do.
    on_error : {"warn", "raise"}, default="warn"
        What to do with clips that cannot be read, such as spans after the end of a
        file: leave them out with a warning that names each and its reason, or raise.
    n_jobs : int or None, default=None
        Threads that decode in parallel; -1 uses all cores.
    verbose : int, default=0
        1 shows how many clips are read, and the time left.

    Returns
    -------
    bunch : Bunch
        As from `load_audio_folder`, in the order of the table. ``data`` is a DataFrame
        of ``file, start_time, end_time`` where clips are spans; ``frame`` has the other
        columns of the table as well; ``rejected`` also has times and label; ``columns``
        says which columns of the table were taken: a dict with ``file``,
        ``start_time``, ``end_time``, ``label`` and ``group``.

    Raises
    ------
    ValueError
        Naming the table and its row or column: as `read_clip_table`, and where a row
        has no label or no group.
    OSError
        Where there is no such table.

    Warns
    -----
    UserWarning
        Where rows occur twice, one clip has two labels, labels differ only by case or
        space, or clips end after their file, cannot be read or are silent.

    See Also
    --------
    load_audio_folder : Labels are names of folders.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np, soundfile
    >>> from skaudio.datasets import load_audio_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     noise = np.random.default_rng(0).uniform(-0.5, 0.5, 8000 * 4)
    ...     soundfile.write(Path(folder, "dawn.wav"), noise, 8000)
    ...     path = Path(folder, "birds.csv")
    ...     _ = path.write_text(
    ...         "Start (s),End (s),Common name,File\n"
    ...         "0,1.5,Wren,dawn.wav\n"
    ...         "2,3.5,Robin,dawn.wav\n"
    ...     )
    ...     clips = load_audio_table(path)
    >>> clips.target.tolist(), clips.data["start_time"].tolist()
    (['Wren', 'Robin'], [0.0, 2.0])
    >>> clips.columns["start_time"], clips.columns["label"]
    ('Start (s)', 'Common name')
    """
    one_of("on_error", on_error, ("warn", "raise"))
    where = "The table" if isinstance(table, pd.DataFrame) else os.fspath(table)
    frame = read_clip_table(table, root)
    columns = dict(frame.attrs.pop("columns"))
    if frame.empty:
        raise ValueError(f"{where}: has no rows, expected at least one clip.")
    columns["label"] = _column(label, LABELS, "labels", frame, where)
    labels = _cells(frame, columns["label"], where, as_labels)
    found = _own_groups(frame, groups, columns, where)
    if columns["label"] != "label":
        frame = frame.rename(columns={"label": "label_in_table"})
    frame["label"] = labels.astype(str)
    frame, found = _distinct(frame, found, where)
    clips = loaded(frame, where, found, on_error, n_jobs, verbose)
    if not (groups is None or isinstance(groups, str) or callable(groups)):
        clips.frame = clips.frame.drop(columns="own_group")
    clips.columns = columns
    return clips


def _own_groups(frame, groups, columns, where):
    """Return the groups of the rows, or what `loaded` finds them by."""
    if isinstance(groups, str):
        found = find_column(list(frame.columns), GROUPS)
        if groups != "auto":
            found = _column(groups, (), "groups", frame, where)
        if found is None:
            return groups
        columns["group"] = found
        return _cells(frame, found, where, as_groups)
    if groups is None or callable(groups):
        return groups
    return as_groups(groups, len(frame))


def _distinct(frame, groups, where):
    """Drop repeated rows, as Raven has for two views; warn of clips of two labels."""
    keys = frame[[*_CLIP, "label"]]
    if isinstance(groups, np.ndarray):
        keys = keys.assign(group=groups)
    again = keys.duplicated().to_numpy()
    if again.any():
        warn_user(
            f"{where}: {again.sum()} of {len(again)} rows repeat an earlier one and "
            "are left out."
        )
        frame = frame[~again].reset_index(drop=True)
        groups = groups[~again] if isinstance(groups, np.ndarray) else groups
    labels = frame.groupby(_CLIP, dropna=False, sort=False)["label"].unique()
    several = labels[labels.map(len) > 1]
    if len(several):
        warn_user(
            f"{where}: {len(several)} clips have more than one label, such as "
            f"{Clip(*several.index[0])}: {' and '.join(several.iloc[0])}; each row is "
            "kept."
        )
    return frame, groups


def _column(name, known, what, frame, where):
    """Return the name of a column that the table has once."""
    names = list(frame.columns)
    name = find_column(names, known) if name is None else name
    if names.count(name) != 1:
        called = f"one called {name!r}" if name is not None else f"one of {what}"
        raise ValueError(
            f"{where}: has the columns {listed(names)}, expected {called}."
        )
    return name


def _cells(frame, name, where, check):
    return check(frame[name], name=f"{where}: column {name!r}")
