"""Small figures as inline SVG; the page sets their colours, for light and dark mode."""

from typing import NamedTuple

import numpy as np
from markupsafe import Markup, escape

N_COLOURS = 6
_WIDTH, _HEIGHT = 340, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 10, 36

# One shape per model beside its colour, for print and for colour-blind readers. Each in
# a box of about 10 x 10 around 0.
_SHAPES = (
    '<circle r="4.5"/>',
    '<rect x="-4" y="-4" width="8" height="8"/>',
    '<path d="M0-6 6 0 0 6-6 0Z"/>',
    '<path d="M0-5.5 5.5 4.5h-11Z"/>',
    '<path d="M0 5.5 5.5-4.5h-11Z"/>',
    '<path d="M-1.7-5h3.4v3.3H5v3.4H1.7V5h-3.4V1.7H-5v-3.4h3.3Z"/>',
)


class Line(NamedTuple):
    """One curve, with a band from `low` to `high` around it."""

    x: np.ndarray
    y: np.ndarray
    colour: int  # number of the model
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    dashed: bool = False
    weights: np.ndarray | None = None  # draws points, with areas by these shares


def symbol(number):
    """Return the symbol of a model, around 0: a shape and a colour of its own.

    Returns
    -------
    classes : str
        That give the colour, and make every second set of shapes hollow.
    shape : str
        SVG. After 72 models, their numbers.
    """
    turn, place = divmod(number, N_COLOURS)
    if turn >= 2 * N_COLOURS:
        text = f'<text text-anchor="middle" y="4" font-size="11">{number + 1}</text>'
        return f"c{place}", text
    hollow = " hollow" if turn >= N_COLOURS else ""
    return f"c{place}{hollow}", _SHAPES[(place + turn) % N_COLOURS]


def marker(number):
    """Draw the marker of a model."""
    classes, shape = symbol(number)
    return Markup(
        f'<svg class="marker {classes}" viewBox="-7 -7 14 14" '
        f'width="14" height="14" aria-hidden="true">{shape}</svg>'
    )


def track(points, label, intervals=()):
    """Draw scores from 0 to 1 on one line, as wide as the table cell.

    Parameters
    ----------
    points : list of (number, score)
        Number of the model and its score.
    label : str
        Read out by screen readers.
    intervals : list of (number, low, high)

    Returns
    -------
    svg : Markup
    """
    parts = ['<line class="base" x1="0" x2="100%" y1="50%" y2="50%"/>']
    for at in (0, 50, 100):
        parts.append(f'<line class="tick" x1="{at}%" x2="{at}%" y1="15%" y2="85%"/>')
    for number, low, high in intervals:
        if not np.isfinite([low, high]).all():
            continue
        parts.append(
            f'<line class="interval c{number % N_COLOURS}" x1="{low:.1%}" '
            f'x2="{high:.1%}" y1="50%" y2="50%"/>'
        )
    # The first model is drawn last: where scores are equal, it is on top.
    for number, score in reversed(points):
        if np.isfinite(score):
            classes, shape = symbol(number)
            parts.append(
                f'<svg class="{classes}" x="{score:.1%}" y="50%" '
                f'overflow="visible">{shape}</svg>'
            )
    return Markup(
        f'<svg class="track" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


def line_figure(lines, x_name, x_range, y_range, label, diagonal=False, x_ticks=None):
    """Draw curves on axes.

    Parameters
    ----------
    lines : list of Line
    x_name : str
    x_range, y_range : (float, float)
    label : str
        Read out by screen readers.
    diagonal : bool, default=False
        Draw the line from corner to corner.
    x_ticks : dict of float to str or None, default=None
        None takes round numbers.

    Returns
    -------
    svg : Markup
    """

    def place(x, y):
        across = (np.asarray(x, float) - x_range[0]) / max(np.ptp(x_range), 1e-12)
        up = (np.asarray(y, float) - y_range[0]) / max(np.ptp(y_range), 1e-12)
        x = _LEFT + np.clip(across, 0, 1) * (_WIDTH - _LEFT - _RIGHT)
        y = _HEIGHT - _BOTTOM - np.clip(up, 0, 1) * (_HEIGHT - _TOP - _BOTTOM)
        return x, y

    parts = []
    for value in _ticks(*y_range):
        y = place(x_range[0], value)[1]
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" '
            f'y2="{y:.1f}"/><text x="{_LEFT - 7}" y="{y + 4:.1f}" '
            f'text-anchor="end">{value + 0.0:g}</text>'
        )
    if x_ticks is None:
        x_ticks = {value: f"{value + 0.0:g}" for value in _ticks(*x_range)}
    for value, text in x_ticks.items():
        x = place(value, y_range[0])[0]
        parts.append(
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 16}" '
            f'text-anchor="middle">{escape(text)}</text>'
        )
    parts.append(
        f'<text class="name" x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 3}" '
        f'text-anchor="middle">{escape(x_name)}</text>'
    )
    if diagonal:
        parts.append(_path(*place(x_range, y_range), "diagonal"))
    for line in lines:
        parts.append(_draw(line, place))
    return Markup(
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _draw(line, place):
    colour = f"c{line.colour % N_COLOURS}"
    parts = []
    if line.low is not None:
        x, low = place(line.x, line.low)
        high = place(line.x, line.high)[1]
        outline = np.r_[x, x[::-1]], np.r_[low, high[::-1]]
        parts.append(_path(*outline, f"band {colour}"))
    x, y = place(line.x, line.y)
    dashed = " dashed" if line.dashed else ""
    parts.append(_path(x, y, f"line {colour}{dashed}"))
    classes, shape = symbol(line.colour)
    # Without weights the symbol is at the end of the curve: models share colours.
    weights = [0.3] if line.weights is None else line.weights
    n_marks = len(weights)
    for at, height, weight in zip(x[-n_marks:], y[-n_marks:], weights, strict=True):
        scale = 0.35 + 1.1 * np.sqrt(weight)
        parts.append(
            f'<g class="{classes}" transform="translate({at:.1f} {height:.1f}) '
            f'scale({scale:.2f})">{shape}</g>'
        )
    return "".join(parts)


def _path(x, y, names):
    points = " ".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
    return f'<path class="{names}" d="M{points}"/>'


def _ticks(low, high):
    """List about five round numbers from `low` to `high`."""
    span = max(high - low, 1e-12)
    raw = span / 5
    size = 10.0 ** np.floor(np.log10(raw))
    step = size * next(n for n in (1, 2, 2.5, 5, 10) if n * size >= raw * 0.999)
    first = np.ceil(low / step - 1e-9)
    return [float(step * n) for n in np.arange(first, np.floor(high / step + 1e-9) + 1)]
