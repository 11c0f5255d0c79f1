"""From annotated recordings to windows with labels, to train on."""

import warnings
from numbers import Integral, Real

import numpy as np
import pandas as pd

from skaudio._utils.annotation_table import read_table, refuse_outside
from skaudio._utils.background import is_background
from skaudio._utils.bunch import Bunch
from skaudio._utils.clip_columns import listed
from skaudio._utils.labels import as_groups, warn_of_look_alikes
from skaudio._utils.random_state import own_random_state
from skaudio._utils.same_recording import find_recordings
from skaudio._utils.warn import warn_user
from skaudio._utils.window_labels import label_windows, overlapping_pairs
from skaudio.io import clip_windows
from skaudio.recordings._effort.recording_effort import recording_effort

_BACKGROUND = "background"


def annotations_to_windows(
    annotations,
    recordings,
    clip_duration,
    clip_overlap=None,
    *,
    min_overlap=0.5,
    min_label_fraction=0.5,
    classes=None,
    multilabel=True,
    max_background=None,
    background_margin=1.0,
    final_clip="full",
    groups="recording",
    on_error="warn",
    n_jobs=None,
    random_state=None,
):
    """Cut annotated recordings into windows with labels, ready for `fit`.

    A window is labelled with each class of which it holds an annotation, or enough of
    it. Windows far from every annotation are background. Windows that hold less of an
    annotation than is enough, or lie near one, are left out: they are neither.

    Parameters
    ----------
    annotations : DataFrame
        All that is heard of the classes in the recordings: ``audio_file``,
        ``annotation``, ``start_time`` and ``end_time`` (seconds), as `read_annotations`
        returns it. Annotations of a background class (``background``, ``noise``,
        ``other``, ``silence``) count as none.
    recordings : path or list of paths
        Sound files, or folders of them. A recording without annotations is background
        throughout. An annotation is of the recording of its path, or else of its file
        name, or its name without extension.
    clip_duration : float
        Length of a window in seconds.
    clip_overlap : float or None, default=None
        Overlap of consecutive windows in seconds; None is none.
    min_overlap : float, default=0.5
        Seconds of an annotation that a window must hold to be labelled with it.
    min_label_fraction : float or None, default=0.5
        Share of an annotation that is enough as well, for short ones.
    classes : list or None, default=None
        The classes to label. None takes all. A window with other classes alone is
        labelled with none, but is no background.
    multilabel : bool, default=True
        False is for classifiers of one label per clip: `target` is then an array of
        labels, "background" among them, and windows with several classes are left out.
    max_background : int or None, default=None
        How many of the background windows are kept, drawn at random. None keeps all,
        which in most recordings are most of the windows.
    background_margin : float, default=1.0
        Least seconds from a background window to any annotation.
    final_clip : {"full", "extend", "remainder"} or None, default="full"
        What to do at the end of a recording, as in `clip_windows`. "full" makes all
        windows equally long, where the recordings are longer than one.
    groups : "recording", "recorder_day", callable, dict, Series or None, \
            default="recording"
        What windows are related: those of one recording; of the recordings of one
        recorder on one day, as `recording_effort` tells site and start (a recording
        whose start is not known is a group); or of recordings to which a function of
        the list of files, or a table from file to group, gives the same group.
    on_error : {"warn", "raise"}, default="warn"
        What to do with recordings that cannot be opened, as in `clip_windows`.
    n_jobs : int or None, default=None
        Threads that open files in parallel; -1 uses all cores.
    random_state : int, RandomState instance or None, default=None
        Determines which background windows are kept.

    Returns
    -------
    windows : Bunch
        With the attributes:

        - ``data`` (DataFrame): without columns, with the index ``file``,
          ``start_time``, ``end_time``: what `WavLoader` takes;
        - ``target`` (DataFrame of int, shape (n, n_classes)): 1 where a class is in a
          window, else 0: what classifiers take as `y`. Where `multilabel` is False the
          label of each window, an ndarray of str, shape (n,);
        - ``target_names`` (list of str): the classes; "background" among them where
          `multilabel` is False and there is any;
        - ``groups`` (ndarray of int, shape (n,), or None);
        - ``frame`` (DataFrame): the clip table: 0 and 1 per window and class, with the
          index of `data`;
        - ``n_background`` (int): how many of the windows are background;
        - ``left_out`` (dict of str to int): how many windows are not there:
          ``near_annotation``, ``several_classes``, ``other_classes``, ``background``.

    Raises
    ------
    ValueError
        Where an annotation lies outside its recording or has no length, all are of
        other files, a class has no annotation, or a parameter is out of its range.
    AudioFileError
        With ``on_error="raise"``, naming the recordings that cannot be opened.

    Warns
    -----
    UserWarning
        Counting annotations of other files, annotations that no window holds, and
        windows with several classes that are left out.

    See Also
    --------
    skaudio.io.clip_windows : The windows.
    skaudio.datasets.load_audio_table : One clip per annotation instead.

    Notes
    -----
    The rule of labels is that of OpenSoundscape [1]_ (``min_label_overlap`` and
    ``min_label_fraction``): either of the two is enough.

    References
    ----------
    .. [1] S. Lapp et al., "OpenSoundscape: An open-source bioacoustics analysis package
       for Python", Methods in Ecology and Evolution 14 (2023).

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.datasets import make_animal_sounds, make_soundscape
    >>> from skaudio.recordings import annotations_to_windows
    >>> clips = make_animal_sounds(4, n_classes=2, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     scene = make_soundscape(
    ...         clips, clips.noise, 60, output=f"{folder}/dawn.wav", random_state=0
    ...     )
    ...     windows = annotations_to_windows(scene.truth, folder, clip_duration=3.0)
    >>> windows.frame.reset_index()[["start_time", "end_time", "cat", "cow"]].head(3)
       start_time  end_time  cat  cow
    0         0.0       3.0    0    0
    1         3.0       6.0    0    1
    2         9.0      12.0    0    0
    """
    options = {"on_error": on_error, "n_jobs": n_jobs}
    cut = (recordings, clip_duration, clip_overlap)
    windows = whole = clip_windows(*cut, final_clip="full", **options)
    _check_number("min_overlap", min_overlap, clip_duration)
    if min_label_fraction is not None:
        _check_number("min_label_fraction", min_label_fraction, 1)
    _check_number("background_margin", background_margin, np.inf)
    if max_background is not None:
        _check_number("max_background", max_background, np.inf, Integral)
    if final_clip != "full":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the same again
            windows = clip_windows(*cut, final_clip=final_clip, **options)
    # The last of these windows ends with its recording.
    seconds = whole.index.to_frame(index=False).groupby("file")["end_time"].max()
    annotations = _located(annotations, seconds)
    found = sorted(annotations["annotation"].unique(), key=str)
    warn_of_look_alikes(found)
    names = found if classes is None else _checked_classes(classes, found)

    index = windows.index.to_frame(index=False)
    labels = np.zeros((len(index), len(found)), bool)
    is_free = np.ones(len(index), bool)
    n_held = 0
    of_file = annotations.groupby("audio_file").indices
    for file, rows in index.groupby("file", sort=False).indices.items():
        own = annotations.iloc[of_file.get(file, [])]
        starts, ends = (index[n].to_numpy()[rows] for n in ("start_time", "end_time"))
        labels[rows], is_held = label_windows(
            starts, ends, own, found, min_overlap, min_label_fraction
        )
        n_held += is_held.sum()
        near, _ = overlapping_pairs(
            starts,
            ends,
            own["start_time"].to_numpy() - background_margin,
            own["end_time"].to_numpy() + background_margin,
        )
        is_free[rows[near]] = False
    _warn_of_lost(len(annotations) - n_held, len(annotations))

    wanted = labels[:, [found.index(name) for name in names]]
    n_classes = labels.sum(axis=1)
    is_several = (n_classes > 1) & (not multilabel)
    is_other = (n_classes == 1) & ~wanted.any(axis=1) & (not multilabel)
    is_labelled = (n_classes > 0) & ~is_several & ~is_other
    background = np.flatnonzero(is_free)
    if max_background is not None and max_background < len(background):
        rng = own_random_state(random_state)
        background = rng.choice(background, max_background, replace=False)
    if is_several.any():
        warn_user(
            f"{is_several.sum()} of {len(labels)} windows hold several classes and are "
            "left out: pass multilabel=True to keep them."
        )
    kept = np.sort(np.r_[np.flatnonzero(is_labelled), background])
    frame = pd.DataFrame(
        wanted[kept].astype(int), index=windows.index[kept], columns=names
    )
    target = frame
    if not multilabel:
        target = np.full(len(kept), _BACKGROUND, dtype=object)
        row, column = np.nonzero(wanted[kept])
        target[row] = np.array(names, dtype=object)[column]
        target = target.astype(str)
    return Bunch(
        data=pd.DataFrame(index=frame.index),
        target=target,
        target_names=names if multilabel else sorted({*target}),
        groups=_groups(groups, index["file"].to_numpy()[kept]),
        frame=frame,
        n_background=len(background),
        left_out={
            "near_annotation": int((~is_free & (n_classes == 0)).sum()),
            "several_classes": int(is_several.sum()),
            "other_classes": int(is_other.sum()),
            "background": int(is_free.sum() - len(background)),
        },
    )


def _check_number(name, value, most, kind=Real):
    if not (isinstance(value, kind) and 0 <= value <= most):
        what = "a number" if kind is Real else "an integer"
        raise ValueError(f"{name}={value!r}: expected {what} from 0 to {most}.")


def _located(annotations, seconds):
    """Return the annotations of the recordings, which have these lengths."""
    annotations = read_table(annotations, "annotations")
    found = find_recordings(annotations["audio_file"].unique(), seconds.index)
    others = [file for file, recording in found.items() if recording is None]
    if others:
        text = (
            f"annotations: {listed(others)} ({len(others)} of {len(found)} files) are "
            f"none of the {len(seconds)} recordings"
        )
        if len(others) == len(found):
            raise ValueError(f"{text}: expected their paths or file names.")
        warn_user(f"{text}, and are left out.")
    annotations = annotations.assign(audio_file=annotations["audio_file"].map(found))
    annotations = annotations.dropna(subset="audio_file").reset_index(drop=True)
    lengths = annotations["audio_file"].map(seconds).to_numpy(dtype=float)
    refuse_outside(annotations, lengths, "annotations")
    return annotations


def _checked_classes(classes, found):
    classes = [classes] if isinstance(classes, str) else list(classes)
    wrong = [name for name in classes if name not in found or is_background(name)]
    if wrong or not classes:
        raise ValueError(
            f"classes {listed(wrong)}: expected some of those that are annotated, "
            f"{listed(found)}."
        )
    return classes


def _warn_of_lost(n_lost, n_annotations):
    if n_lost:
        warn_user(
            f"{n_lost} of {n_annotations} annotations are in no window as min_overlap "
            "and min_label_fraction ask: lower these, or overlap the windows more."
        )


def _groups(groups, files):
    """Number the groups of the windows, of which the files are given."""
    if groups is None:
        return None
    recordings = list(dict.fromkeys(files))
    if callable(groups):
        own = dict(zip(recordings, groups(recordings), strict=True))
    elif isinstance(groups, (dict, pd.Series)):
        own = dict(groups)
        missing = [file for file in recordings if file not in own]
        if missing:
            raise ValueError(
                f"groups lacks {missing[0]} ({len(missing)} of {len(recordings)} "
                "recordings): expected the group of each."
            )
    elif groups == "recording":
        own = {file: file for file in recordings}
    elif groups == "recorder_day":
        effort = recording_effort(recordings)
        day = effort["start"].dt.strftime("%Y-%m-%d").fillna(effort["file"])
        own = dict(zip(effort["file"], effort["site"] + "\n" + day, strict=True))
    else:
        raise ValueError(
            f'groups={groups!r}: expected "recording", "recorder_day", None, a '
            "function of the list of files, or a table from file to group."
        )
    own = as_groups([own[file] for file in recordings])
    code = dict(zip(recordings, np.unique(own, return_inverse=True)[1], strict=True))
    return np.array([code[file] for file in files], dtype=int)
