"""Audit a data set: copies, leakage, label conflicts, damaged clips."""

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from skaudio._utils.clips import as_clips, clip_table
from skaudio._utils.labels import as_groups, as_labels
from skaudio._utils.levels import LEAST_KEPT, SILENCE_PEAK
from skaudio._utils.multilabel import refuse_matrix
from skaudio.audit._audit_report import AuditReport
from skaudio.audit._metadata import score_metadata
from skaudio.audit._related_clips import inspect_related, list_leaks, loaded_groups
from skaudio.io import list_class_folders

_CANCELLING = "cancelling in the mix"  # as decode_audio calls it
_CLIPPED = 1e-3  # share of samples in flattened crests
_SHORT = 0.1  # s
_RATES = {8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 192000}
_RATES |= {250000, 256000, 384000, 500000}  # recorders of ultrasound
_CONTAINERS = {
    ".wav": {"WAV", "WAVEX", "RF64"},
    ".flac": {"FLAC"},
    ".ogg": {"OGG"},
    ".opus": {"OGG"},
    ".w64": {"W64"},
    ".caf": {"CAF"},
    ".au": {"AU"},
    ".mp3": {"MP3"},
    ".aif": {"AIFF"},
    ".aiff": {"AIFF"},
}


def audit_dataset(
    data,
    target=None,
    split=None,
    *,
    test=None,
    groups=None,
    near=True,
    cv=5,
    random_state=0,
    n_jobs=None,
    verbose=0,
):
    """Report what makes scores on a data set misleading.

    Finds clips that are unreadable, empty, silent, clipped, above the band of most
    models or odd; copies and clips of one source recording, within and across splits;
    copies under two labels; and how well the metadata of the files alone predicts the
    classes.

    Parameters
    ----------
    data : str or path-like, Bunch, or list of paths or table
        A folder that has one sub-folder per class, a Bunch from `load_audio_folder`,
        or clips as `WavLoader` takes them.
    target : array-like of shape (n,) or None, default=None
        Labels; None takes the name of each clip's folder.
    split : array-like of shape (n,) or None, default=None
        "train" or "test" for each clip. None takes all clips as training clips.
    test : str or path-like, Bunch or None, default=None
        Test clips, where `data` holds only training clips.
    groups : callable, array-like of shape (n,) or None, default=None
        Groups of your own, which connect clips as copies do: a test clip of a training
        clip's group is leaked. A function takes the list of files and returns the group
        of each, such as `groups_from_names` with its pattern. An array has an entry per
        clip, those of `test` last. None takes those that a Bunch was loaded with.
    near : bool, default=True
        Whether to look for near copies.
    cv : int, default=5
        Number of folds for the metadata baseline.
    random_state : int, default=0
        For the metadata baseline.
    n_jobs : int or None, default=None
        Threads that decode in parallel; -1 uses all cores.
    verbose : int, default=0
        1 shows how many clips are read, and the time left.

    Returns
    -------
    report : AuditReport
        Tables; ``print(report)`` shows a summary, `write_audit_html` writes a page.

    Raises
    ------
    ValueError
        Where `target`, `split` or `groups` does not fit `data`, or has empty entries.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skaudio.audit import audit_dataset
    >>> from skaudio.datasets import make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = make_animal_sounds(
    ...         6, n_classes=2, output_dir=folder, random_state=0
    ...     )
    ...     copy = Path(clips.data[0]).with_name("copy.wav")
    ...     _ = copy.write_bytes(Path(clips.data[0]).read_bytes())
    ...     report = audit_dataset(Path(folder, "Training"), cv=2)
    >>> [Path(file).name for file in report.exact_copies["file"]]
    ['cat_000_000.wav', 'copy.wav']
    """
    clips, labels, own = _listed(data)
    if target is not None:
        refuse_matrix(target, "target", "Where a clip has several, leave it out.")
        labels = as_labels(target, "target", warn=False).tolist()
    target = _as_column("target", labels, clips)
    split = ["train"] * len(clips) if split is None else split
    split = _as_column("split", split, clips)
    if test is not None:
        test_clips, labels, test_own = _listed(test)
        clips, own = [*clips, *test_clips], [*own, *test_own]
        target, split = [*target, *labels], [*split, *["test"] * len(labels)]
    unknown = set(split) - {"train", "test"}
    if unknown:
        raise ValueError(
            f"split holds {sorted(map(str, unknown))}: expected 'train' or 'test'."
        )
    if groups is not None:
        files = [clip.file for clip in clips]
        own = as_groups(groups(files) if callable(groups) else groups, len(clips))
    elif all(group is None for group in own):
        own = None
    facts, pairs = inspect_related(
        clip_table(clips), own, near=near, n_jobs=n_jobs, verbose=verbose
    )
    facts.insert(1, "label", target)
    facts.insert(2, "split", split)
    train, test = (facts[facts["split"] == name] for name in ("train", "test"))
    exact = _exact_copies(facts)
    leaks = list_leaks(train, test, pairs)
    leaks.attrs["near"] = near
    return AuditReport(
        clips=facts,
        classes=_classes(facts),
        problems=_problems(facts),
        exact_copies=exact,
        near_copies=_named_pairs(facts, pairs),
        same_source=_same_source(facts),
        label_conflicts=_label_conflicts(facts, exact, pairs),
        leaks=leaks,
        metadata_baseline=_metadata_baseline(train, test, cv, random_state),
        groups_=facts["group"].to_numpy(),
    )


def _listed(data):
    """Return clips, their labels (else the names of their folders) and own groups."""
    labels, own = None, None
    if isinstance(data, (str, os.PathLike)):
        data, labels = list_class_folders(data)
    if isinstance(data, dict):
        # Clips that loading set aside are listed as problems.
        rejected = data.get("rejected", pd.DataFrame({"file": []}))
        clips = [*as_clips(data.data), *as_clips(rejected[["file"]])]
        names = rejected.get("label", _folder_names(rejected["file"]))
        labels = [*data.target, *names]
        own = [*loaded_groups(data), *[None] * len(rejected)]
    else:
        clips = as_clips(data)
    files = [clip.file for clip in clips]
    labels = _folder_names(files) if labels is None else labels
    return clips, labels, [None] * len(clips) if own is None else own


def _as_column(name, values, clips):
    values = list(values)
    if len(values) != len(clips):
        raise ValueError(
            f"{name} has {len(values)} entries, expected one for each of the "
            f"{len(clips)} clips."
        )
    return values


def _folder_names(files):
    return [Path(file).parent.name for file in files]


def _problems(facts):
    """Return one row per problem of a clip: file, label, problem, detail."""
    rows = []
    for clip in facts.itertuples():
        rows += [
            (clip.file, clip.label, problem, detail)
            for problem, detail in _problems_of(clip)
        ]
    return pd.DataFrame(rows, columns=["file", "label", "problem", "detail"])


def _problems_of(clip):
    if not pd.isna(clip.error):
        empty = "empty" in clip.error or "no samples" in clip.error
        yield ("empty" if empty else "unreadable"), clip.error
        return
    # Channels that cancel are not silent: one of them can be taken.
    if clip.peak < SILENCE_PEAK and _CANCELLING not in (clip.odd or {}):
        yield "silent", f"peak {clip.peak:.1e} of full scale"
    if clip.clipped > _CLIPPED:
        yield "clipped", f"{clip.clipped:.1%} of the samples"
    if clip.above_8_khz > 1 - LEAST_KEPT:
        yield "above 8 kHz", f"{clip.above_8_khz:.1%} of the energy"
    yield from (clip.odd or {}).items()
    if clip.duration < _SHORT:
        yield "odd", f"{clip.duration * 1000:.0f} ms long"
    if clip.sample_rate not in _RATES:
        yield "odd", f"sample rate {clip.sample_rate:.0f} Hz"
    if clip.channels > 2:
        yield "odd", f"{clip.channels:.0f} channels"
    expected = _CONTAINERS.get(Path(clip.file).suffix.lower())
    if expected and clip.container not in expected:
        yield "odd", f"named {Path(clip.file).suffix}, holds {clip.container}"


def _classes(facts):
    """Return one row per split and class."""
    rows = []
    for (split, label), clips in facts.groupby(["split", "label"], sort=True):
        readable = clips[clips["error"].isna()]
        rows.append(
            {
                "split": split,
                "label": label,
                "clips": len(clips),
                "groups": clips["group"].nunique(),
                "min_s": readable["duration"].min(),
                "median_s": readable["duration"].median(),
                "max_s": readable["duration"].max(),
                "sample_rates": _counts(readable["sample_rate"]),
                "channels": _counts(readable["channels"]),
                "codecs": _counts(readable["container"] + " " + readable["encoding"]),
                "above_8_khz": int((readable["above_8_khz"] > 1 - LEAST_KEPT).sum()),
            }
        )
    table = pd.DataFrame(rows)
    # The training split first.
    order = table["split"].map({"train": 0, "test": 1})
    return table.iloc[np.lexsort([table["label"], order])].reset_index(drop=True)


def _counts(values):
    counts = values.value_counts()
    return ", ".join(f"{_plain(value)} ({n})" for value, n in counts.items())


def _plain(value):
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _exact_copies(facts):
    copies = facts[facts["digest"].notna() & facts.duplicated("digest", keep=False)]
    copies = copies.assign(
        set=1 + pd.factorize(copies["digest"])[0].astype(int)
    ).sort_values(["set", "file"])
    return copies[["set", "file", "label", "split"]].reset_index(drop=True)


def _named_pairs(facts, pairs):
    one, other = (facts.loc[pairs[end]].reset_index(drop=True) for end in ("i", "j"))
    return pd.DataFrame(
        {
            "file": one["file"],
            "label": one["label"],
            "split": one["split"],
            "other_file": other["file"],
            "other_label": other["label"],
            "other_split": other["split"],
            "similarity": pairs["similarity"],
            "offset": pairs["offset"],
            "overlap": pairs["overlap"],
        }
    )


def _same_source(facts):
    known = facts[facts["source"].notna()]
    shared = known[known.duplicated("source", keep=False)].sort_values(
        ["source", "file"]
    )
    columns = ["source", "file", "label", "split", "source_from"]
    return shared[columns].reset_index(drop=True)


def _label_conflicts(facts, exact, pairs):
    rows = []
    for _, clips in exact.groupby("set"):
        if clips["label"].nunique() > 1:
            first, second = clips.drop_duplicates("label").iloc[:2].itertuples()
            rows.append(
                ("exact copy", first.file, first.label, second.file, second.label)
            )
    for i, j in pairs[["i", "j"]].to_numpy():
        one, other = facts.loc[i], facts.loc[j]
        if one["label"] != other["label"]:
            rows.append(
                ("near copy", one["file"], one["label"], other["file"], other["label"])
            )
    columns = ["relation", "file", "label", "other_file", "other_label"]
    return pd.DataFrame(rows, columns=columns)


def _metadata_baseline(train, test, cv, random_state):
    """Score the baseline, or return None where the classes have too few groups."""
    train, test = (clips[clips["error"].isna()] for clips in (train, test))
    groups_of_class = train.groupby("label")["group"].nunique()
    cv = min(cv, groups_of_class.max()) if len(groups_of_class) > 1 else 0
    if cv < 2:
        return None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")
        return score_metadata(
            train,
            train["label"],
            train["group"],
            test=(test, test["label"]) if len(test) else None,
            cv=cv,
            random_state=random_state,
        )
