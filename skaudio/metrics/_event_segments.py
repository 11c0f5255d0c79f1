"""Average precision of the scores of windows."""

import numpy as np
import pandas as pd

from skaudio._utils.annotation_table import read_table
from skaudio._utils.same_recording import find_recordings
from skaudio._utils.score_table import as_score_table
from skaudio._utils.window_labels import label_windows
from skaudio.metrics._event_tables import recording_groups
from skaudio.metrics._score_curves import (
    average_precision,
    mean_of_classes,
    resampled,
    with_interval,
)


def segment_average_precision(
    scores,
    truth,
    *,
    min_overlap=0.5,
    min_label_fraction=0.5,
    classes=None,
    groups=None,
    n_resamples=2000,
    seed=0,
):
    """Compute the average precision of the windows' scores, per class and over all.

    It needs no threshold: it is 1 where all windows with an annotation score higher
    than all others, and near the share of such windows for scores at random.

    Parameters
    ----------
    scores : DataFrame
        A clip table as `score_recordings` returns it. Windows that failed are left out.
    truth : DataFrame
        Annotations of all that is heard in these recordings: ``audio_file``,
        ``annotation``, ``start_time`` and ``end_time``.
    min_overlap : float, default=0.5
        Seconds of an annotation that make a window positive.
    min_label_fraction : float or None, default=0.5
        Share of an annotation that does so as well, for short ones.
    classes : list or None, default=None
        None takes the classes that have scores. Background classes are left out.
    groups : dict or Series, default=None
        The group of each recording, as in `event_scores`.
    n_resamples : int, default=2000
        Bootstrap samples for the intervals; 0 leaves them NaN.
    seed : int, default=0
        Of the bootstrap.

    Returns
    -------
    scores : DataFrame
        A row per class, then "micro" (all windows of all classes together) and "macro"
        (the mean over the classes with positive windows): ``n_windows``,
        ``n_positive``, ``average_precision`` (NaN without positive windows), and its
        95 % interval ``average_precision_low``, ``average_precision_high`` from a
        bootstrap that draws whole recordings (NaN with a single one). Its ``attrs``
        hold ``n_windows``, and ``n_background``, those without a positive class.

    Raises
    ------
    ValueError
        Where a table is at fault, annotations are of a recording or a class without
        scores, or no window has a score.

    See Also
    --------
    sklearn.metrics.average_precision_score : Gives the same numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.metrics import segment_average_precision
    >>> index = pd.MultiIndex.from_tuples(
    ...     [("a.wav", 0.0, 3.0), ("a.wav", 3.0, 6.0), ("a.wav", 6.0, 9.0)],
    ...     names=["file", "start_time", "end_time"],
    ... )
    >>> scores = pd.DataFrame({"frog": [0.2, 0.9, 0.4]}, index=index)
    >>> truth = pd.DataFrame(
    ...     [("a.wav", "frog", 1.0, 1.5), ("a.wav", "frog", 4.0, 5.0)],
    ...     columns=["audio_file", "annotation", "start_time", "end_time"],
    ... )
    >>> segment_average_precision(scores, truth)["average_precision"].round(2)
    frog     0.83
    micro    0.83
    macro    0.83
    Name: average_precision, dtype: float64
    """
    table = as_score_table(scores, classes)
    truth = read_table(truth, "truth")
    unknown = sorted({*truth["annotation"]} - {*table.classes}, key=str)
    if unknown:
        raise ValueError(
            f"truth has the classes {unknown}, expected those that have scores, "
            f"{table.classes}: leave their rows out."
        )
    found = find_recordings(truth["audio_file"].unique(), table.files)
    missing = [file for file, recording in found.items() if recording is None]
    if missing:
        raise ValueError(
            f"truth: {missing[0]} ({len(missing)} of {len(found)} files) has no "
            "scores: expected scores of every recording with annotations."
        )
    truth["audio_file"] = truth["audio_file"].map(found)
    labels = np.zeros(table.values.shape, bool)
    of_truth = truth.groupby("audio_file").indices
    for k, file in enumerate(table.files):
        rows = slice(*np.searchsorted(table.file_index, [k, k + 1]))
        labels[rows], _ = label_windows(
            table.starts[rows],
            table.ends[rows],
            truth.iloc[of_truth.get(file, [])],
            table.classes,
            min_overlap,
            min_label_fraction,
        )
    ok = ~np.isnan(table.values).any(axis=1)
    if not ok.any():
        raise ValueError("scores: no window has a score; expected at least one.")
    index = recording_groups(table.files, groups)
    values, labels, index_of = table.values[ok], labels[ok], index[table.file_index[ok]]
    n_groups, n_classes = index.max() + 1, len(table.classes)
    rows = {
        name: (values[:, k], labels[:, k], index_of)
        for k, name in enumerate(table.classes)
    }
    rows["micro"] = (values.ravel(), labels.ravel(), np.repeat(index_of, n_classes))
    found = [
        resampled(average_precision, *row, n_groups, n_resamples, seed)
        for row in rows.values()
    ]
    n_positive = [row[1].sum() for row in rows.values()]
    result = pd.DataFrame(
        {
            "n_windows": [len(row[0]) for row in rows.values()] + [values.size],
            "n_positive": [*n_positive, n_positive[-1]],
        },
        index=[*rows, "macro"],
    )
    n_background = int((~labels.any(axis=1)).sum())
    result.attrs = {"n_windows": len(labels), "n_background": n_background}
    name = "average_precision"
    result[[name, f"{name}_low", f"{name}_high"]] = [
        with_interval(one) for one in (*found, mean_of_classes(found[:-1]))
    ]
    return result
