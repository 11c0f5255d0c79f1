"""Write sed_eval.json: events, annotations and what sed_eval 0.2.1 scores them.

sed_eval needs pkg_resources, which setuptools no longer brings, so that it is not among
the packages of the tests. In an environment of its own:

    pip install "setuptools<80" sed_eval==0.2.1
    python tests/metrics/make_sed_eval.py
"""

import json
from pathlib import Path

import numpy as np

CLASSES = ["cat", "cow", "frog"]
SETTINGS = [
    {"collar": 0.2, "offset_collar": 0.5},
    {"collar": 0.2, "offset_collar": None},
    {"collar": 0.5, "offset_collar": 0.0},
    {"collar": 1.0, "offset_collar": 0.2},
]


def make_tables(rng):
    """Draw annotations, and events that are partly near them."""
    truth, events = [], []
    for file in ("a.wav", "b.wav", "c.wav"):
        for _ in range(40):
            label = rng.choice(CLASSES)
            start, length = rng.uniform(0, 60), rng.uniform(0.2, 3)
            truth.append((file, label, start, start + length))
            for _ in range(rng.integers(3)):
                near = max(0, start + rng.normal(0, 0.3))
                end = max(near + 0.1, start + length + rng.normal(0, 0.5))
                events.append((file, label, near, end))
        for _ in range(15):
            start = rng.uniform(0, 60)
            events.append(
                (file, rng.choice(CLASSES), start, start + rng.uniform(0.1, 3))
            )
    return [
        [
            (file, str(label), round(start, 3), round(end, 3))
            for file, label, start, end in rows
        ]
        for rows in (events, truth)
    ]


def score(events, truth, collar, offset_collar):
    """Score all files with sed_eval."""
    import sed_eval

    metrics = sed_eval.sound_event.EventBasedMetrics(
        event_label_list=CLASSES,
        t_collar=collar,
        percentage_of_length=offset_collar or 0.0,
        evaluate_offset=offset_collar is not None,
    )
    for file in ("a.wav", "b.wav", "c.wav"):
        lists = [
            [
                {"event_label": label, "onset": start, "offset": end, "file": file}
                for name, label, start, end in rows
                if name == file
            ]
            for rows in (truth, events)
        ]
        metrics.evaluate(*lists)
    found = {"micro": metrics.results_overall_metrics()["f_measure"]}
    found["macro"] = metrics.results_class_wise_average_metrics()["f_measure"]
    for label, own in metrics.results_class_wise_metrics().items():
        found[label] = own["f_measure"]
    return found


if __name__ == "__main__":
    events, truth = make_tables(np.random.default_rng(0))
    results = [
        {"settings": settings, "scores": score(events, truth, **settings)}
        for settings in SETTINGS
    ]
    text = json.dumps({"events": events, "truth": truth, "results": results})
    Path(__file__).with_name("sed_eval.json").write_text(text + "\n")
