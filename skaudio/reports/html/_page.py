"""The content of a page, collected from reports."""

from collections import Counter

import numpy as np

from skaudio.reports.html import _facts, _svg
from skaudio.reports.html._cells import list_cells
from skaudio.reports.html._clip_cards import LONGEST, ClipMedia, clip_media
from skaudio.reports.html._clips import number_clips
from skaudio.reports.html._figures import (
    learning_figures,
    reliability_figure,
    robustness_figure,
)
from skaudio.reports.html._scored_rows import hardest_clips, score_rows
from skaudio.reports.html._tables import class_rows, confusion_rows


def page_of(reports, differences, title, command, n_hardest):
    """Collect the variables of the template.

    Parameters
    ----------
    reports : dict of str to Report
        By name.
    differences : list of dict
        The rows of `compare`.
    title, command, n_hardest
        As in `write_html`.

    Returns
    -------
    page : dict
        The variables of the template.
    """
    names, reports = list(map(str, reports)), list(reports.values())
    # A model may have two reports, which differ in kind.
    models = list(dict.fromkeys(str(report.name) for report in reports))
    labels = _facts.labels_of(reports)
    clips, numbers = number_clips(reports)
    scored = [
        score_rows(report, number)
        for report, number in zip(reports, numbers, strict=True)
    ]
    cards = [_card(clip, clips, scored) for clip in hardest_clips(scored, n_hardest)]
    calibration, errors = reliability_figure(scored)
    metrics = _facts.metrics_of(reports)
    return {
        "title": title or _title(models),
        "names": names,
        "models": models,
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
        "has_confidence": any(np.isfinite(rows.confidence).any() for rows in scored),
        "learning": learning_figures(reports),
        "calibration": calibration,
        "robustness": robustness_figure(reports),
        "errors": errors,
        "facts": _facts.facts_table(reports),
        "parameters": _facts.parameters_table(reports),
        "commands": _facts.commands_of(reports, command),
        "data": _data(clips, scored, labels, names, cards),
        "n_clips": len(clips),
        "n_embedded": sum(card["media"].sound is not None for card in cards),
        "longest": LONGEST,
        "marker": _svg.marker,
        "track": _svg.track,
    }


def _card(clip, clips, scored):
    """Collect the predictions of every model for one clip, over the repeats."""
    row = clips.loc[clip]
    media = ClipMedia()
    if row["file"] is not None:
        media = clip_media(row["file"], row["start_time"], row["end_time"])
    predictions = []
    for number, rows in enumerate(scored):
        mine = rows.clip == clip
        if not mine.any():
            continue
        # Over several repeats the card shows the most frequent wrong prediction.
        labels = Counter(rows.predicted[mine])
        wrong = [label for label, _ in labels.most_common() if label != row["true"]]
        label = wrong[0] if wrong else row["true"]
        shown = mine & (rows.predicted == label)
        predictions.append(
            {
                "model": number,
                "label": label,
                "correct": not wrong,
                "times": labels[label],
                "of": int(mine.sum()),
                "confidence": float(rows.confidence[shown].mean()),
                "true_probability": float(rows.true_probability[shown].mean()),
            }
        )
    return {
        "clip": clip,
        "name": row["name"],
        "true": row["true"],
        "media": media,
        "predictions": predictions,
    }


def _data(clips, scored, labels, names, cards):
    """Collect the data of the script; cells refer to clips by their index in it."""
    cells = list_cells(scored, labels)
    rows = [
        row
        for cells_of_model in cells
        for _, rows_of_cell in cells_of_model.values()
        for row in rows_of_cell
    ]
    listed = sorted({row[0] for row in rows})
    places = {clip: place for place, clip in enumerate(listed)}
    for row in rows:
        row[0] = places[row[0]]
    return {
        "labels": labels,
        "models": names,
        "clips": clips.loc[listed, "name"].tolist(),
        "cells": cells,
        # A clip with a card has its sound embedded there.
        "cards": {
            places[card["clip"]]: place
            for place, card in enumerate(cards)
            if card["media"].sound and card["clip"] in places
        },
    }


def _title(models):
    if len(models) <= 3:
        return " and ".join(filter(None, [", ".join(models[:-1]), models[-1]]))
    return f"{len(models)} models compared"
