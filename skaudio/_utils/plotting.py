"""What all displays share: axes, colours, legends."""

from skaudio._utils.optional import import_optional

# Okabe and Ito's colours, which people of any colour vision tell apart.
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
    """Give the colour of the model of this number; they come again after eight."""
    return COLOURS[number % len(COLOURS)]


def legend_above(ax, **options):
    """Put the legend above the axes, where it hides nothing."""
    handles, labels = ax.get_legend_handles_labels()
    # As many columns as fit, by the longest name; a letter takes about 0.09 inches.
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


def one_of(name, value, allowed):
    """Raise where an option is none of those allowed."""
    if value not in allowed:
        expected = ", ".join(map(repr, allowed))
        raise ValueError(f"{name}={value!r}: expected one of {expected}.")
