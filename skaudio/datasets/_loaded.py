"""From a list of labelled clips to data, target and groups."""

import numpy as np

from skaudio._utils.bunch import Bunch
from skaudio._utils.clips import Clip
from skaudio._utils.labels import as_groups
from skaudio._utils.levels import SILENCE_PEAK
from skaudio._utils.unreadable import report_unreadable
from skaudio._utils.warn import warn_user
from skaudio.audit import inspect_clips
from skaudio.io import AudioFileError

_CLIP = ["file", "start_time", "end_time"]
_MAX_LOST = 0.05  # s, beside rounding and what encoders pad


def loaded(frame, where, groups, on_error, n_jobs, verbose):
    """Inspect clips, set unreadable ones aside and find groups.

    Parameters
    ----------
    frame : DataFrame
        ``file``, ``label``, where clips are spans ``start_time`` and ``end_time``, and
        any other columns.
    where : str
        Folder or table, for messages.
    groups : "auto", None, callable or array-like of shape (n,)
        As of `load_audio_folder`; an array has an entry for each row.
    on_error : {"warn", "raise"}
    n_jobs : int or None
    verbose : int

    Returns
    -------
    bunch : Bunch
        As of `load_audio_folder`; ``rejected`` also has the times and the label.
    """
    listed = [name for name in _CLIP if name in frame]
    rejected = frame.iloc[:0][[*listed, "label"]].assign(error=[])
    if groups is not None:
        own = True
        if not isinstance(groups, str):
            own = groups(frame["file"].tolist()) if callable(groups) else groups
            own = as_groups(own, len(frame))
        facts = inspect_clips(frame[listed], n_jobs, groups=own, verbose=verbose)
        frame = frame.merge(
            facts.drop(columns="file"),
            left_index=True,
            right_index=True,
            suffixes=("_in_table", ""),
        )
        bad = frame["error"].notna()
        rejected = frame.loc[bad, rejected.columns].reset_index(drop=True)
        _report(rejected, len(frame), where, on_error)
        frame = frame[~bad].drop(columns="error").reset_index(drop=True)
        _warn_of_silence(frame)
        if len(listed) > 1:
            _warn_of_short_spans(frame, where)
        frame["group"] = np.unique(frame["group"], return_inverse=True)[1]
    spans = len(listed) > 1 and frame[listed[1:]].notna().any(axis=None)
    return Bunch(
        data=frame[listed] if spans else frame["file"].to_numpy(dtype=object),
        target=frame["label"].to_numpy(dtype=str),
        groups=None if groups is None else frame["group"].to_numpy(),
        frame=frame,
        target_names=sorted(frame["label"].unique().tolist()),
        rejected=rejected,
    )


def _report(rejected, n_clips, where, on_error):
    errors = [
        AudioFileError(*row) for row in rejected[["file", "error"]].to_numpy().tolist()
    ]
    if len(errors) == n_clips and on_error == "warn":
        raise ValueError(
            f"{where}: none of its {n_clips} clips can be read; {errors[0]}"
        )
    report_unreadable(errors, f"{len(errors)} of {n_clips} clips", on_error)


def _warn_of_short_spans(frame, where):
    lost = frame["end_time"] - frame["start_time"].fillna(0) - frame["duration"]
    short = frame[lost > _MAX_LOST]
    if len(short):
        first = short.iloc[0]
        warn_user(
            f"{where}: {len(short)} clips end after their file, and are shorter than "
            f"listed, such as {Clip(*first[_CLIP])}: {first['duration']:.2f} s."
        )


def _warn_of_silence(frame):
    silent = frame.loc[frame["peak"] < SILENCE_PEAK, "file"]
    if len(silent):
        warn_user(f"{len(silent)} clips are silent, and kept: {', '.join(silent)}")
