"""All that a page shows, collected from reports."""

import base64
import hashlib
from importlib import resources

import numpy as np
from markupsafe import Markup

from skaudio._utils.version import __version__
from skaudio.reports.html import _facts, _svg
from skaudio.reports.html._cells import list_cells
from skaudio.reports.html._clip_cards import LONGEST, ClipMedia, clip_media
from skaudio.reports.html._clips import number_clips
from skaudio.reports.html._figures import (
    learning_pictures,
    reliability_picture,
    robustness_picture,
)
from skaudio.reports.html._scored_rows import hardest_clips, score_rows
from skaudio.reports.html._tables import class_rows, confusion_rows


def page_of(reports, differences, title, command, n_hardest):
    """Collect what the template shows.

    Parameters
    ----------
    reports : dict of str to Report
        By their names.
    differences : list of dict
        The rows of `compare`.
    title, command, n_hardest
        As in `write_html`.

    Returns
    -------
    page : dict
        The names that the template knows.
    """
    names, reports = list(map(str, reports)), list(reports.values())
    labels = _facts.labels_of(reports)
    clips, numbers = number_clips(reports)
    models = [
        score_rows(report, number)
        for report, number in zip(reports, numbers, strict=True)
    ]
    cards = [_card(clip, clips, models) for clip in hardest_clips(models, n_hardest)]
    calibration, errors = reliability_picture(models)
    metrics = _facts.metrics_of(reports)
    script, style = _asset("report.js"), _asset("report.css")
    return {
        "title": title or _title(names),
        "names": names,
        "reports": reports,
        "labels": labels,
        "metrics": metrics,
        "costs": [_facts.costs_of(report) for report in reports],
        "warnings": list(
            dict.fromkeys(str(text) for report in reports for text in report.warnings)
        ),
        "predictions_repeat": any(len(n) > len(set(n.tolist())) for n in numbers),
        "differences": differences,
        "class_rows": class_rows(reports, labels),
        "confusions": [confusion_rows(report, labels) for report in reports],
        "cards": cards,
        "surest": any(np.isfinite(rows.sure).any() for rows in models),
        "learning": learning_pictures(reports),
        "calibration": calibration,
        "robustness": robustness_picture(reports),
        "errors": errors,
        "facts": _facts.facts_table(reports),
        "parameters": _facts.parameters_table(reports),
        "commands": _facts.commands_of(reports, command),
        "data": _data(clips, models, labels, names, cards),
        "n_clips": len(clips),
        "n_embedded": sum(card["media"].sound is not None for card in cards),
        "longest": LONGEST,
        "version": __version__,
        "marker": _svg.marker,
        "track": _svg.track,
        "style": Markup(style),
        "script": Markup(script),
        # Scripts other than ours do not run, even if one got past the escaping.
        "script_hash": base64.b64encode(
            hashlib.sha256(script.encode()).digest()
        ).decode(),
    }


def _card(clip, clips, models):
    """Tell what every model made of a clip, over the repeats."""
    row = clips.loc[clip]
    media = ClipMedia()
    if row["file"] is not None:
        media = clip_media(row["file"], row["start_time"], row["end_time"])
    said = []
    for number, rows in enumerate(models):
        mine = rows.clip == clip
        if not mine.any():
            continue
        heard, counts = _counted(rows.predicted[mine])
        # The commonest mistake is why the clip is here; it is told before the rest.
        wrong = [label for label in heard if label != row["true"]]
        label = wrong[0] if wrong else row["true"]
        there = mine & (rows.predicted == label)
        said.append(
            {
                "model": number,
                "label": label,
                "right": not wrong,
                "times": counts[label],
                "of": int(mine.sum()),
                "sure": float(rows.sure[there].mean()),
                "truth": float(rows.truth[there].mean()),
            }
        )
    return {
        "clip": clip,
        "name": row["name"],
        "true": row["true"],
        "media": media,
        "said": said,
    }


def _counted(labels):
    """Order labels by how often they occur; ties as met."""
    counts = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    return sorted(counts, key=lambda label: -counts[label]), counts


def _data(clips, models, labels, names, cards):
    """Give the lists behind the matrices, once, each clip by its number in them."""
    cells = list_cells(models, labels)
    listed = sorted(
        {row[0] for some in cells for _, rows in some.values() for row in rows}
    )
    places = {clip: place for place, clip in enumerate(listed)}
    for _, rows in (cell for some in cells for cell in some.values()):
        for row in rows:
            row[0] = places[row[0]]
    return {
        "labels": labels,
        "models": names,
        "clips": clips.loc[listed, "name"].tolist(),
        "cells": cells,
        # Where a sound is embedded already: in the card of that clip.
        "cards": {
            places[card["clip"]]: place
            for place, card in enumerate(cards)
            if card["media"].sound and card["clip"] in places
        },
    }


def _title(names):
    if len(names) <= 3:
        return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"{len(names)} models compared"


def _asset(name):
    folder = resources.files("skaudio.reports.html") / "templates"
    return (folder / name).read_text(encoding="utf-8")
