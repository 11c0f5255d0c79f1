"""Draw the table of docs/results.md: `python docs/figures/how_good.py`.

The table stands beside the commands that measure it. `tests/test_docs.py` fails when
the figure no longer shows its numbers.
"""

import re
from html import escape
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[1]
RESULTS, FIGURE = DOCS / "results.md", DOCS / "_static" / "how_good.svg"

BASELINES = ("majority", "metadata", "mfcc_svm")
WIDTH, LEFT, RIGHT, TOP, ROW = 760, 204, 28, 84, 40
# A white background keeps the figure readable on dark pages.
INK, MUTED, RULE, OURS, STUDY = "#1c2126", "#5b656f", "#e2e5e8", "#0072b2", "#c4500a"


class Row(NamedTuple):
    """A row of the table: (value, low, high) of each score; None where it is empty."""

    name: str
    folds: tuple
    test: tuple
    study: float | None


def read_table(text):
    """Read the rows of the table.

    Parameters
    ----------
    text : str
        docs/results.md.

    Returns
    -------
    rows : list of Row
    """
    rows = []
    for line in re.findall(r"^\| `.*", text, re.M):
        cells = [cell.strip(" `") for cell in line.strip("|").split("|")]
        if len(cells) != 8:
            continue
        study = float(cells[5]) if cells[5] else None
        rows.append(Row(cells[0], _spread(cells[1]), _spread(cells[3]), study))
    return rows


def _spread(cell):
    value, *ends = map(float, re.findall(r"[\d.]+", cell))
    return (value, *(ends or (value, value)))


def draw(rows):
    """Draw the rows as SVG.

    Parameters
    ----------
    rows : list of Row

    Returns
    -------
    svg : str
    """
    bottom = TOP + ROW * len(rows)
    height = bottom + 48
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="system-ui, -apple-system, '
        "'Segoe UI', Roboto, 'DejaVu Sans', sans-serif\" font-size=\"14\">",
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8" '
        f'fill="#fff" stroke="{RULE}"/>',
        *_keys(),
    ]
    for tenth in range(0, 11, 2):
        x = _place(tenth / 10)
        parts.append(_line(x, TOP - 6, x, bottom, RULE, 1))
        parts.append(_text(x, bottom + 18, f"{tenth / 10:g}", MUTED, "middle"))
    middle = _place(0.5)
    parts.append(_text(middle, bottom + 38, "accuracy", MUTED, "middle"))
    for number, row in enumerate(rows):
        y = TOP + ROW * (number + 0.5)
        shade = MUTED if row.name in BASELINES else OURS
        if number:
            parts.append(_line(16, y - ROW / 2, WIDTH - 16, y - ROW / 2, RULE, 1))
        parts.append(_text(LEFT - 14, y + 5, row.name, INK, "end"))
        parts += _mark(y - 8, row.folds, shade, filled=True)
        parts += _mark(y + 8, row.test, shade, filled=False)
        if row.study is not None:
            parts.append(_diamond(_place(row.study), y + 8))
    return "\n".join([*parts, "</svg>", ""])


def _keys():
    yield _mark_at(28, 24, OURS, True)
    yield _text(
        *(42, 29, "590 training clips, grouped 5-fold, 95 % interval", INK, "start")
    )
    yield _mark_at(28, 50, OURS, False)
    yield _text(42, 55, "65 test clips as given, 5 seeds, range", INK, "start")
    yield _diamond(428, 50)
    yield _text(442, 55, "the study, on the same test clips", INK, "start")
    yield _mark_at(428, 24, MUTED, True)
    yield _text(442, 29, "grey: baselines", INK, "start")


def _mark(y, spread, shade, filled):
    value, low, high = map(_place, spread)
    if high > low:
        yield _line(low, y, high, y, shade, 2.5)
    yield _mark_at(value, y, shade, filled)


def _mark_at(x, y, shade, filled):
    fill = shade if filled else "#fff"
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{fill}" stroke="{shade}" '
        'stroke-width="2"/>'
    )


def _diamond(x, y):
    return f'<path d="M{x:.1f} {y - 6.5:.1f}l6.5 6.5-6.5 6.5-6.5-6.5z" fill="{STUDY}"/>'


def _place(accuracy):
    return LEFT + accuracy * (WIDTH - LEFT - RIGHT)


def _line(x1, y1, x2, y2, shade, width):
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{shade}" stroke-width="{width}"/>'
    )


def _text(x, y, text, shade, anchor):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{shade}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )


if __name__ == "__main__":
    FIGURE.write_text(draw(read_table(RESULTS.read_text("utf-8"))), "utf-8")
    print(f"wrote {FIGURE}")
