"""Axes, colours and legends of the displays."""

from skaudio._utils.choices import one_of as one_of
from skaudio._utils.optional import import_optional

# Okabe and Ito's colours, distinguishable with any type of colour vision.
COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#555555",
)
MARKERS = "osD^vPX*"


def import_matplotlib():
    """Import pyplot, or say how to install it."""
    return import_optional("matplotlib.pyplot", "matplotlib", "plots")


def new_axes(size, n_rows=None, n_columns=None):
    """Make a figure of a size in inches whose labels are not cut off.

    Returns
    -------
    ax : matplotlib axes, or ndarray of them of shape (n_rows, n_columns)
    """
    pyplot = import_matplotlib()
    panels = pyplot.subplots(
        n_rows or 1,
        n_columns or 1,
        figsize=size,
        layout="constrained",
        squeeze=n_rows is None,
    )
    return panels[1]


def colour(number):
    """Return the colour of a model by its number; colours repeat after eight."""
    return COLOURS[number % len(COLOURS)]


def legend_above(ax, **options):
    """Put the legend above the axes, where it hides nothing."""
    handles, labels = ax.get_legend_handles_labels()
    # As many columns as fit the longest name, at about 0.09 inches per letter.
    inches = ax.bbox.width / ax.figure.dpi
    n_columns = max(1, int(inches / (0.6 + 0.09 * max(map(len, labels)))))
    options = {"ncols": min(len(handles), n_columns)} | options
    ax.legend(
        handles,
        labels,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        frameon=False,
        **options,
    )
