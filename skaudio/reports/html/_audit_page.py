"""The content of the page of an audit."""

import os

import numpy as np
import pandas as pd

from skaudio._utils.findings import by_remedy
from skaudio._utils.tables import number_text
from skaudio.reports.html._clip_cards import clip_media
from skaudio.reports.html._data_set import folder_name

_TABLES = {
    "leaks": "Leaked test clips",
    "label_conflicts": "One clip, two labels",
    "problems": "Clips with problems",
    "metadata_baseline": "The metadata baseline",
    "classes": "Classes",
    "exact_copies": "Exact copies",
    "near_copies": "Near copies",
    "same_source": "Clips of one source recording",
    "clips": "All clips",
}
_BROKEN = ("unreadable", "empty", "silent", "damaged")
_LONG = 12  # rows; longer tables are folded
_N_BINS = 10


def audit_page_of(audit, n_pairs):
    """Collect the variables of the template.

    Parameters
    ----------
    audit : AuditReport
    n_pairs : int

    Returns
    -------
    page : dict
    """
    clips = audit.clips
    data_set = folder_name(audit.root)
    tables = [
        _table(name, title, getattr(audit, name), audit.root)
        for name, title in _TABLES.items()
        if getattr(audit, name) is not None and len(getattr(audit, name))
    ]
    return {
        "title": f"Audit of {data_set}" if data_set else "Audit",
        "verdict": _verdict(audit),
        "sizes": audit.sizes(),
        "n_unreadable": int(clips["error"].notna().sum()),
        "n_classes": clips["label"].nunique(),
        "n_groups": clips["group"].nunique(),
        "imbalance": audit.imbalance_ratio,
        "findings": by_remedy(audit.findings()),
        "leave_out": _leave_out(audit),
        "pairs": _pairs(audit, n_pairs),
        "charts": _charts(clips),
        "tables": tables,
        "long": _LONG,
    }


def _verdict(audit):
    clips = audit.clips
    n_groups = clips["group"].nunique()
    if len(audit.leaks):
        n_test = (clips["split"] == "test").sum()
        n_leaked = audit.leaks["test_file"].nunique()
        verb = "is a duplicate or comes" if n_leaked == 1 else "are duplicates or come"
        return (
            f"{n_leaked} of {n_test} test clips {verb} from a training recording: "
            "report the accuracy without them."
        )
    if len(audit.label_conflicts):
        n_clips = audit.label_conflicts["file"].nunique()
        clips = "1 clip stands" if n_clips == 1 else f"{n_clips} clips stand"
        return f"{clips} under two labels: correct the labels before training."
    if n_groups < len(clips):
        return (
            f"The {len(clips)} clips are {n_groups} independent groups: keep each "
            "group in one fold."
        )
    return "Nothing was found that makes scores misleading."


def _leave_out(audit):
    """List leaked test clips, and clips without usable sound."""
    broken = audit.problems[audit.problems["problem"].isin(_BROKEN)]
    files = [*audit.leaks["test_file"], *broken["file"]]
    return [_text(file, audit.root) for file in dict.fromkeys(files)]


def _pairs(audit, n_pairs):
    """Choose related clips, the most serious first, and embed them."""
    chosen = [
        (row.relation, row.test_file, row.train_file, "test", "training", "")
        for row in audit.leaks.itertuples()
    ]
    chosen += [
        (
            row.relation,
            row.file,
            row.other_file,
            str(row.label),
            str(row.other_label),
            "",
        )
        for row in audit.label_conflicts.itertuples()
    ]
    chosen += [
        (
            "near copy",
            row.file,
            row.other_file,
            str(row.label),
            str(row.other_label),
            f"similarity {row.similarity:.2f}, {row.overlap:.1f} s in common",
        )
        for row in audit.near_copies.itertuples()
    ]
    known, pairs = set(), []
    for relation, file, other, *words in chosen:
        key = frozenset((str(file), str(other)))
        if key in known or len(pairs) == n_pairs:
            continue
        known.add(key)
        sides = [
            {"name": _text(one, audit.root), "what": what, "media": clip_media(one)}
            for one, what in zip((file, other), words[:2], strict=True)
        ]
        pairs.append({"relation": relation, "detail": words[2], "sides": sides})
    return pairs


def _charts(clips):
    """Count clips: (title, what is counted, rows of text and count, the most)."""
    readable = clips[clips["error"].isna()]
    rates = readable["sample_rate"].astype(float).sort_values()
    charts = [
        ("Clips per class", clips, _counts(clips["label"].map(str).sort_values())),
        ("Durations", readable, _durations(readable["duration"].astype(float))),
        ("Sample rates", readable, _counts(rates.map("{:g} Hz".format))),
    ]
    return [
        (title, _population(counted, clips), rows, max(n for _, n in rows))
        for title, counted, rows in charts
        if rows
    ]


def _population(counted, clips):
    if len(counted) == len(clips):
        return f"{len(clips)} clips"
    return f"{len(counted)} clips that can be read"


def _durations(seconds):
    """Count clips in bins of a round width, each without its upper end."""
    if not len(seconds):
        return []
    least = seconds.max() / _N_BINS
    power = 10.0 ** np.floor(np.log10(least))
    width = next(m * power for m in (1, 2, 5, 10) if m * power >= least)
    # A clip of 0.3 s lies in the bin from 0.3 s, whatever 0.3 / 0.1 is.
    bins = np.floor(seconds / width + 1e-6).astype(int)
    counts = np.bincount(bins)
    decimals, dash = max(0, int(np.ceil(-np.log10(width) - 1e-9))), "\N{EN DASH}"
    return [
        (f"{k * width:.{decimals}f}{dash}{(k + 1) * width:.{decimals}f} s", int(n))
        for k, n in enumerate(counts)
    ]


def _counts(values):
    return [(name, int(n)) for name, n in values.value_counts(sort=False).items()]


def _table(name, title, table, root):
    if name == "metadata_baseline":
        table = table.reset_index(names="model")
    heads = [str(column).replace("_", " ") for column in table]
    numeric = [pd.api.types.is_numeric_dtype(table[column]) for column in table]
    rows = [
        [
            (_text(value, root), _number(value) if is_number else None)
            for value, is_number in zip(row, numeric, strict=True)
        ]
        for row in table.itertuples(index=False)
    ]
    return {"name": name, "title": title, "heads": heads, "rows": rows}


def _number(value):
    """Return what a column of numbers is sorted by; empty where it is not known."""
    return "" if pd.isna(value) else float(value)


def _text(value, root):
    if isinstance(value, float):
        return number_text(value)
    text = "" if value is None else str(value)
    return text.removeprefix(root + os.sep) if root else text
