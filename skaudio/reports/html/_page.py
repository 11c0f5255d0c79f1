"""The content of a page, collected from reports."""

from collections import Counter

import numpy as np

from skaudio._utils.findings import by_remedy
from skaudio.reports._splits import KINDS, model_names, splits_of
from skaudio.reports.html import _facts, _svg
from skaudio.reports.html._cells import list_cells
from skaudio.reports.html._clip_cards import LONGEST, ClipMedia, clip_media
from skaudio.reports.html._clips import number_clips
from skaudio.reports.html._data_set import data_set_name
from skaudio.reports.html._figures import (
    learning_figures,
    reliability_figures,
    robustness_figure,
)
from skaudio.reports.html._scored_rows import hardest_clips, score_rows
from skaudio.reports.html._tables import class_table, confusion_rows
from skaudio.reports.html._verdict import verdict


def page_of(reports, title, command, n_hardest):
    """Collect the variables of the template.

    Parameters
    ----------
    reports : list of Report
        Of unique name and kind.
    title, command, n_hardest
        As in `write_html`.

    Returns
    -------
    page : dict
        The variables of the template.
    """
    names, splits = model_names(reports), splits_of(reports)
    # Of each model, the report that describes it: its first.
    models = [next(one for one in reports if str(one.name) == name) for name in names]
    all_clips = [split for split in splits if not split.is_clean]
    labels = _facts.labels_of(reports)
    clips, numbers = number_clips(reports)
    scored = [
        score_rows(report, number)
        for report, number in zip(reports, numbers, strict=True)
    ]
    own_models = [names.index(str(report.name)) for report in reports]
    hardest = hardest_clips(scored, n_hardest)
    cards = [_card(clip, clips, scored, own_models) for clip in hardest]
    with_matrix = [
        place for place, one in enumerate(reports) if "true" in one.predictions
    ]
    matrices = [
        {
            "kind": KINDS[reports[place].kind],
            "model": own_models[place],
            "number": number,
            **confusion_rows(reports[place], labels),
        }
        for number, place in enumerate(with_matrix)
    ]
    matrix_names = [
        names[matrix["model"]]
        + (f", {matrix['kind'].lower()}" if len(all_clips) > 1 else "")
        for matrix in matrices
    ]
    return {
        "title": title or _title(names),
        "data_set": data_set_name(reports),
        "verdict": verdict(splits),
        "names": names,
        "splits": splits,
        "all_clips": all_clips,
        "labels": labels,
        "metrics": [_facts.metrics_of(split) for split in splits],
        "metric_name": _facts.metric_name,
        "calibration_errors": _facts.calibration_errors,
        "costs": [_facts.costs_of(report) for report in models],
        "warnings": by_remedy(text for one in reports for text in one.warnings),
        "predictions_repeat": any(len(n) > len(set(n.tolist())) for n in numbers),
        "class_tables": [class_table(split, labels) for split in all_clips],
        "matrices": matrices,
        "cards": cards,
        "has_confidence": any(np.isfinite(rows.confidence).any() for rows in scored),
        "learning": learning_figures(models),
        "reliability": reliability_figures(all_clips),
        "is_calibrated": any("calibrated" in one.reliability for one in reports),
        "robustness": robustness_figure(models),
        "facts": _facts.facts_table(all_clips),
        "parameters": _facts.parameters_table(models),
        "commands": _facts.commands_of(reports, command),
        "data": _data(
            clips, [scored[place] for place in with_matrix], labels, matrix_names, cards
        ),
        "n_clips": len(clips),
        "n_embedded": sum(card["media"].sound is not None for card in cards),
        "longest": LONGEST,
        "marker": _svg.marker,
        "track": _svg.track,
    }


def _card(clip, clips, scored, own_models):
    """Collect the predictions of every model for one clip, over the repeats."""
    row = clips.loc[clip]
    media = ClipMedia()
    if row["file"] is not None:
        media = clip_media(row["file"], row["start_time"], row["end_time"])
    predictions = []
    for number, rows in zip(own_models, scored, strict=True):
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
