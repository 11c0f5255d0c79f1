"""How often the promise of a threshold is kept, and how often none is made.

Draws synthetic sets of detections in recordings that differ (in how many animals and
how many false alarms they have, and in how both are scored), checks some of them by the
design of `draw_for_review`, and asks whether the events above the threshold are as
precise as promised. In other sets the true precision is just below what is asked
for at every threshold, 0.889: there, every promise is broken. Beside it, the threshold
that somebody chooses by eye on the same checks: the lowest above which the share of
right ones is as high as wanted.

    python benchmarks/promises.py [--sets 1000] [--seed 0]

The same for events in an hour of scenes of held-out clips, which are kept in FILE: each
of the sets is a new draw of checks, of all events as one class ("has the right name"),
or of one of the classes in turn.

    python benchmarks/promises.py --scenes TRAINING WIND FILE
"""

import argparse
import time

import numpy as np
import pandas as pd
from scene_events import scene_events
from scipy.special import expit

from skaudio.calibration import PrecisionThresholds
from skaudio.recordings import draw_for_review

PRECISION = 0.9
NUMBERS = (50, 100, 200, 400)


def make_events(rng, hard=False):
    """Make events of one class in recordings that differ, and which are right.

    Parameters
    ----------
    rng : Generator
    hard : bool
        Whether the precision is at most 0.889 at every threshold.

    Returns
    -------
    events : DataFrame
    right : ndarray of bool, shape (n,)
    """
    n_recordings = rng.integers(8, 41)
    typical = np.log(rng.uniform(10, 60))
    sizes = np.maximum(1, rng.lognormal(typical, 1, n_recordings)).astype(int)
    recording = np.repeat(np.arange(n_recordings), sizes)
    spread = rng.uniform(0.3, 1.2)
    share = expit(rng.normal(0, 1) + rng.normal(0, spread, n_recordings))
    gap = rng.uniform(1.5, 4.5)
    right = rng.random(len(recording)) < share[recording]
    shift = rng.normal(0, spread / 2, (2, n_recordings))
    mean = np.where(right, gap + shift[0][recording], shift[1][recording]) - 0.5
    scores = expit(mean + rng.normal(0, 1.2, len(recording)))
    heard = scores > 0.1  # the low threshold of the events
    recording, right, scores = recording[heard], right[heard], scores[heard]
    if hard:
        # Of every 9 events in the order of the scores the first one is wrong.
        order = np.argsort(-scores)
        scores, quality = scores[order], rng.normal(0, 1, n_recordings)
        quality = quality[recording[order]] + rng.normal(0, 0.5, len(order))
        right = np.ones(len(order), bool)
        right[::9] = False
        for first in range(0, len(order), 9):
            # It is one of a recording where the model errs.
            block = order[first : first + 9]
            order[first : first + 9] = block[np.argsort(quality[first : first + 9])]
        recording = recording[order]
    starts = 3.0 * np.arange(len(scores))
    events = pd.DataFrame(
        {
            "audio_file": [f"{k}.wav" for k in recording],
            "annotation": "Frog",
            "start_time": starts,
            "end_time": starts + 3,
            "score": scores,
            "peak_start_time": starts,
            "peak_end_time": starts + 3,
        }
    )
    return events, right


def checked(events, right, n_checks, seed):
    """Draw events and say which are right."""
    verdicts = draw_for_review(events, n_checks, random_state=seed)
    names = ["audio_file", "peak_start_time"]
    right = pd.Series(right, index=pd.MultiIndex.from_frame(events[names]))
    rows = pd.MultiIndex.from_frame(verdicts[["file", "start_time"]])
    verdicts["verdict"] = np.where(right.loc[rows], "yes", "no")
    return verdicts


def by_eye(verdicts):
    """Return the lowest threshold whose checks are right often enough, or None."""
    order = np.argsort(-verdicts["score"].to_numpy(), kind="stable")
    right = verdicts["verdict"].eq("yes").to_numpy()[order]
    good = np.flatnonzero(np.cumsum(right) / np.arange(1, len(right) + 1) >= PRECISION)
    return verdicts["score"].iloc[order[good[-1]]] if len(good) else None


def measure(name_of_sets, sets, numbers):
    """Return the rows of the table for some numbers of checks.

    Parameters
    ----------
    name_of_sets : str
    sets : iterable of (events, right)
        Of one class each.
    numbers : sequence of int
    """
    found = {(n, name): [] for n in numbers for name in ("promise", "by eye")}
    for k, (events, right) in enumerate(sets):
        label = events["annotation"].iloc[0]
        scores = events["score"].to_numpy()
        for n_checks in numbers:
            verdicts = checked(events, right, n_checks, k)
            promised = PrecisionThresholds(PRECISION).fit(verdicts).thresholds_
            for name, threshold in (
                ("promise", promised.get(label)),
                ("by eye", by_eye(verdicts)),
            ):
                result = (True, True, 0.0)
                if threshold is not None:
                    above = scores >= threshold
                    kept = right[above].mean() >= PRECISION
                    result = (kept, False, right[above].sum() / right.sum())
                found[n_checks, name].append(result)
    rows = []
    for (n_checks, name), values in found.items():
        kept, refused, recall = np.array(values, dtype=float).T
        made = refused == 0
        rows.append(
            {
                "sets": name_of_sets,
                "checks": n_checks,
                "threshold": name,
                "kept": int(kept.sum()),
                "refused": int(refused.sum()),
                "kept if made": kept[made].mean() if made.any() else np.nan,
                "calls above": recall[made].mean() if made.any() else np.nan,
            }
        )
    return rows


def in_scenes(events, n_sets):
    """Return the rows of events in scenes: of all as one class, and of the classes."""
    whole = events.assign(annotation="any")
    whole = whole.drop_duplicates(["audio_file", "peak_start_time"])
    rows = measure("scenes, as one class", _draws([whole], n_sets), NUMBERS)
    classes = [own for _, own in events.groupby("annotation")]
    print(
        f"{len(events)} events, {events['right'].mean():.2f} of them right; by class:"
    )
    table = events.groupby("annotation")["right"].agg(["size", "mean"]).round(2)
    print(table.T.to_string())
    return rows + measure("scenes, each class", _draws(classes, n_sets), NUMBERS)


def _draws(tables, n_sets):
    for k in range(n_sets):
        own = tables[k % len(tables)].reset_index(drop=True)
        yield own, own["right"].to_numpy()


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenes", nargs=3, metavar=("TRAINING", "WIND", "FILE"))
    parser.add_argument("--recordings", type=int, default=30)
    options = parser.parse_args()
    start = time.process_time()
    if options.scenes:
        events = scene_events(*options.scenes, options.recordings)
        rows = in_scenes(events, options.sets)
    else:
        rows = []
        for name, numbers in (("mixed", NUMBERS), ("precision 0.889", (200,))):
            rngs = (
                np.random.default_rng([options.seed, k]) for k in range(options.sets)
            )
            sets = (make_events(rng, name != "mixed") for rng in rngs)
            rows += measure(name, sets, numbers)
    print(f"of {options.sets} sets each, seed {options.seed}:")
    print(pd.DataFrame(rows).round(2).to_string(index=False))
    print(f"{time.process_time() - start:.0f} s of one core")


if __name__ == "__main__":
    main()
