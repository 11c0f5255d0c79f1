"""Training clips, of verdicts."""

import numpy as np
import pandas as pd

from skaudio._utils.bunch import Bunch
from skaudio.recordings._review.read_verdicts import check_verdicts

_CLIP = ["file", "start_time", "end_time"]


def verdicts_to_clips(verdicts, *, background="background"):
    """Make training clips of verdicts, with their recordings as groups.

    A window with the verdict "yes" is a clip of its label, one with "no" a clip of the
    class that it is instead, or of background where nobody named one.

    Parameters
    ----------
    verdicts : DataFrame
        As of `read_verdicts`, each window once per label.
    background : str, default="background"
        The label of windows that hold none of the animals.

    Returns
    -------
    clips : Bunch
        Sorted by recording and time, each window once, with the attributes:

        - ``data`` (DataFrame): without columns, with the index ``file``,
          ``start_time``, ``end_time``: what `WavLoader` takes;
        - ``target`` (ndarray of str, shape (n,));
        - ``target_names`` (list of str);
        - ``groups`` (ndarray of int, shape (n,)): the recording of each clip;
        - ``frame`` (DataFrame): ``file, start_time, end_time, label, group``, as
          `load_audio_table` takes it;
        - ``left_out`` (dict of str to int): how many windows are not there:
          ``not_judged``, ``unsure``, ``several_classes`` (judged to hold two animals)
          and ``near_animal`` (no animal was named, and the window overlaps with one
          that holds one).

    Raises
    ------
    ValueError
        Where a column lacks, a window is there twice with one label, or no clip is
        left.

    See Also
    --------
    read_verdicts : Reads the verdicts.
    skaudio.datasets.load_audio_table : Takes ``frame``, checks that it can be read.

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.recordings import verdicts_to_clips
    >>> verdicts = pd.DataFrame(
    ...     {
    ...         "file": ["dawn.wav", "dawn.wav", "dusk.wav", "dusk.wav"],
    ...         "start_time": [0.0, 3.0, 0.0, 9.0],
    ...         "end_time": [3.0, 6.0, 3.0, 12.0],
    ...         "label": "Wren",
    ...         "score": [0.9, 0.8, 0.6, 0.5],
    ...         "stratum": "1",
    ...         "inclusion_probability": 0.5,
    ...         "verdict": ["yes", "no", "no", "unsure"],
    ...         "verdict_label": [None, "Robin", None, None],
    ...         "reviewer": "Ann",
    ...     }
    ... )
    >>> clips = verdicts_to_clips(verdicts)
    >>> clips.target.tolist(), clips.groups.tolist(), clips.left_out["unsure"]
    (['Wren', 'Robin', 'background'], [0, 0, 1], 1)
    """
    table = check_verdicts(verdicts)
    said = table["verdict"]
    left_out = {
        "not_judged": int(said.isna().sum()),
        "unsure": int(said.eq("unsure").sum()),
    }
    table["animal"] = table["label"].where(said.eq("yes"), table["verdict_label"])
    heard = table[said.isin(["yes", "no"])]
    is_animal = heard["animal"].notna()
    animals = heard[is_animal].drop_duplicates([*_CLIP, "animal"])
    several = animals.duplicated(_CLIP, keep=False)
    rest = heard[~is_animal].drop_duplicates(_CLIP)
    near = _overlaps(rest, animals)
    left_out["several_classes"] = len(animals[several].drop_duplicates(_CLIP))
    left_out["near_animal"] = int(near.sum())
    frame = pd.concat([animals[~several], rest[~near].assign(animal=background)])
    if frame.empty:
        raise ValueError(
            f"verdicts: none of {len(table)} windows is a clip ({left_out}): expected "
            "some with the verdict yes or no."
        )
    frame = frame.sort_values(_CLIP, kind="stable").reset_index(drop=True)
    frame = frame[_CLIP].assign(label=frame["animal"], group=frame["file"])
    target = np.array(frame["label"].tolist())
    return Bunch(
        data=frame.set_index(_CLIP)[[]],
        target=target,
        target_names=sorted({*target.tolist()}),
        groups=pd.factorize(frame["file"])[0],
        frame=frame,
        left_out=left_out,
    )


def _overlaps(windows, others):
    """Return which windows share sound with any of the others."""
    own = dict(tuple(others.groupby("file")))
    return np.array(
        [
            row.file in own
            and bool(
                (
                    (own[row.file]["start_time"] < row.end_time)
                    & (own[row.file]["end_time"] > row.start_time)
                ).any()
            )
            for row in windows.itertuples()
        ],
        dtype=bool,
    )
