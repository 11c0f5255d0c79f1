"""The verdicts of two people as one, and how well they agree."""

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

from skaudio._utils.bunch import Bunch
from skaudio._utils.verdicts import VERDICT_COLUMNS, VERDICTS
from skaudio.recordings._review.read_verdicts import (
    WINDOW,
    check_verdicts,
    with_none,
)

_SAID = ["verdict", "verdict_label", "reviewer"]


def merge_verdicts(tables):
    """Make one verdict of those of two people, and measure how well they agree.

    Parameters
    ----------
    tables : list of two DataFrame
        The verdicts of each, as `read_verdicts` gives them. The windows may differ.

    Returns
    -------
    merged : Bunch
        With the attributes:

        verdicts : DataFrame
            A row per window that either table has. Where two people judged a window and
            do not say the same, the verdict is "unsure", which counts as not right and
            is left out of training; `reviewer` then names both.
        kappa : float
            Cohen's kappa of yes, no and unsure, over the windows that both judged: 1 is
            perfect agreement, 0 that of chance. NaN where there are none, or where both
            only ever say one and the same word.
        agreement : float
            The share of these windows of which both say the same word.
        n_both : int
            How many windows both judged.
        disagreements : DataFrame
            Those of which they do not say the same, the class that a window is instead
            included: ``file, start_time, end_time, label``, and of each person
            ``verdict_1, verdict_label_1, reviewer_1`` and so on.

    Raises
    ------
    ValueError
        Where there are not two tables, a column lacks, or a table has a window twice.

    References
    ----------
    J. Cohen, "A coefficient of agreement for nominal scales", Educational and
    Psychological Measurement 20 (1960).

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.recordings import merge_verdicts
    >>> ann = pd.DataFrame(
    ...     {
    ...         "file": "dawn.wav",
    ...         "start_time": [0.0, 3.0, 6.0, 9.0],
    ...         "end_time": [3.0, 6.0, 9.0, 12.0],
    ...         "label": "Wren",
    ...         "score": [0.9, 0.8, 0.6, 0.5],
    ...         "stratum": "1",
    ...         "inclusion_probability": 0.5,
    ...         "verdict": ["yes", "yes", "no", "no"],
    ...         "verdict_label": None,
    ...         "reviewer": "Ann",
    ...     }
    ... )
    >>> ben = ann.assign(verdict=["yes", "no", "no", "no"], reviewer="Ben")
    >>> merged = merge_verdicts([ann, ben])
    >>> merged.kappa, merged.verdicts["verdict"].tolist()
    (0.5, ['yes', 'unsure', 'no', 'no'])
    >>> merged.disagreements[["start_time", "verdict_1", "verdict_2"]].values.tolist()
    [[3.0, 'yes', 'no']]
    """
    tables = list(tables)
    if len(tables) != 2:
        raise ValueError(
            f"tables: got {len(tables)}, expected two, one of each person; read the "
            "files of one person together."
        )
    first, second = (_judged(table) for table in tables)
    both = first.merge(second[[*WINDOW, *_SAID]], on=WINDOW, suffixes=("_1", "_2"))
    words = [both[f"verdict_{k}"].to_numpy(dtype=object) for k in (1, 2)]
    same_word = words[0] == words[1]
    same = same_word & (
        both["verdict_label_1"].fillna("") == both["verdict_label_2"].fillna("")
    ).to_numpy(dtype=bool)
    everything = pd.concat([first, second, *map(check_verdicts, tables)])
    merged = everything.drop_duplicates(WINDOW).set_index(WINDOW)
    places = pd.MultiIndex.from_frame(both[WINDOW])
    names = [both[f"reviewer_{k}"].fillna("") for k in (1, 2)]
    merged.loc[places, "reviewer"] = (names[0] + " and " + names[1]).to_numpy()
    merged.loc[places[~same], "verdict"] = "unsure"
    merged.loc[places[~same], "verdict_label"] = None
    shown = [f"{name}_{k}" for k in (1, 2) for name in _SAID]
    return Bunch(
        verdicts=with_none(merged.reset_index()[VERDICT_COLUMNS]),
        kappa=_kappa(*words),
        agreement=float(same_word.mean()) if len(both) else np.nan,
        n_both=len(both),
        disagreements=both.loc[~same, [*WINDOW, *shown]].reset_index(drop=True),
    )


def _judged(table):
    table = check_verdicts(table)
    return table[table["verdict"].notna()]


def _kappa(first, second):
    if not len(first) or len({*first, *second}) == 1:
        return np.nan  # nothing, or chance alone would agree as well
    return float(cohen_kappa_score(first, second, labels=list(VERDICTS)))
