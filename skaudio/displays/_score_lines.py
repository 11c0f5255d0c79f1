"""Lines of a score with its intervals, one line per model; the names of scores."""

import numpy as np

from skaudio._utils.plotting import MARKERS, colour, new_axes, one_of
from skaudio.metrics import SCORES


def score_title(score):
    """Return the name of a score as it is drawn, such as "Macro F1"."""
    return score.replace("_", " ").capitalize().replace("f1", "F1")


def draw_score_lines(ax, tables, score, places_of):
    """Draw a score of each model as a line, and its interval at each point.

    Parameters
    ----------
    ax : matplotlib axes or None
    tables : dict of str to DataFrame
        For each model a table with the columns `score`, ``<score>_low`` and
        ``<score>_high``.
    score : str
        One of `SCORES` that all tables have.
    places_of : callable
        ``places_of(table, offset)`` gives the place of each row on the x axis.
        Offsets differ by 1 between neighbouring models and have mean 0, so that lines
        can be drawn side by side and no interval hides another.

    Returns
    -------
    ax : matplotlib axes
    lines : dict of str to matplotlib Line2D
    """
    known = [name for name in SCORES if all(name in table for table in tables.values())]
    one_of("score", score, known)
    ax = new_axes((5.6, 3.6)) if ax is None else ax
    lines = {}
    for number, (name, table) in enumerate(tables.items()):
        values = table[score]
        low, high = table[f"{score}_low"], table[f"{score}_high"]
        drawn = ax.errorbar(
            places_of(table, number - (len(tables) - 1) / 2),
            values,
            yerr=np.maximum([values - low, high - values], 0),
            marker=MARKERS[number % len(MARKERS)],
            color=colour(number),
            markersize=5,
            linewidth=1.5,
            elinewidth=0.8,
            capsize=2,
            label=name,
        )
        lines[name] = drawn.lines[0]
    ax.set(ylim=(0, 1), ylabel=score_title(score))
    ax.grid(alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    return ax, lines
