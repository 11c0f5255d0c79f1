"""Events in scenes of held-out clips, in wind of sources not used in training.

    python benchmarks/detection.py TRAINING WIND [--features NAME] [--folds N] -o FILE

Grouped folds of the clips; the sources of the wind (in ESC-50's file names) are split
in two halves, one for the background of training, one for the scenes. Each fold makes a
scene of 10 calls a minute at 0 to 20 dB from its held-out clips, and five minutes of
wind alone, with wind at -20 and at -50 dB of full scale. Rows are kept in FILE as they
come: run again, it does what is missing.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils import Bunch

from skaudio.datasets import load_audio_folder, make_soundscape
from skaudio.io import list_audio_files
from skaudio.metrics import event_scores
from skaudio.pipelines import embedding_pipeline, window_pipeline
from skaudio.recordings import find_events, score_recordings

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
OPTIONS = {"plain": {}, "smoothed": {"smoothing": 3}}


def split_wind(files, seed):
    """Split wind files into two halves that share no source."""
    sources = np.array([Path(file).stem.split("-")[1] for file in files])
    order = np.random.default_rng(seed).permutation(np.unique(sources))
    first = np.isin(sources, order[: len(order) // 2])
    files = np.array(files)
    return files[first].tolist(), files[~first].tolist()


def one_fold(arguments, clips, wind, fold, train, test, overlap):
    """Train, make scenes, and list the scores of each threshold."""
    ours, theirs = split_wind(wind, fold)
    pipeline = embedding_pipeline(arguments.features, n_jobs=arguments.jobs)
    if arguments.background:
        pipeline = window_pipeline(
            pipeline, ours, random_state=fold, n_jobs=arguments.jobs
        )
    pipeline.fit(clips.data[train], clips.target[train])
    rows = []
    for level in (-20.0, -50.0):
        with tempfile.TemporaryDirectory() as folder:
            held_out = Bunch(data=clips.data[test], target=clips.target[test])
            options = dict(sample_rate=32000, noise_level=level, random_state=fold)
            scene = make_soundscape(
                *(held_out, theirs, 60 * arguments.minutes),
                rate_per_minute=10,
                snr_db=(0, 20),
                output=f"{folder}/scene.flac",
                **options,
            )
            make_soundscape(
                *(held_out, theirs, 300),
                rate_per_minute=0,
                output=f"{folder}/wind.flac",
                **options,
            )
            begin = time.perf_counter()
            scores = score_recordings(
                *(pipeline, folder, arguments.window),
                clip_overlap=overlap,
                n_jobs=arguments.jobs,
            )
            seconds = time.perf_counter() - begin
            heard = 60 * arguments.minutes + 300
            for name, own in OPTIONS.items():
                for threshold in THRESHOLDS:
                    events = find_events(scores, threshold, **own)
                    in_wind = events["audio_file"].str.endswith("wind.flac")
                    table = event_scores(events[~in_wind], scene.truth, n_resamples=0)
                    collar = event_scores(
                        *(events[~in_wind], scene.truth),
                        method="collar",
                        collar=1.5,
                        n_resamples=0,
                    )
                    counts = table.loc["micro", ["n_truth", "n_events", "n_matched"]]
                    rows.append(
                        {
                            "fold": fold,
                            "level": level,
                            "events": name,
                            "threshold": threshold,
                            **counts.astype(int).to_dict(),
                            "macro_f1": table.loc["macro", "f1"],
                            "collar_f1": collar.loc["micro", "f1"],
                            "in_wind": int(in_wind.sum()),
                            "times_real_time": heard / seconds,
                        }
                    )
    return rows


def main():
    """Print precision, recall, F1 and false positives per hour of wind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("wind")
    parser.add_argument("--features", default="efficientat")
    parser.add_argument("--no-background", dest="background", action="store_false")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--window", type=float, default=3.0)
    parser.add_argument("--overlap", type=float, default=None)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    clips = load_audio_folder(arguments.training, n_jobs=-1)
    wind = list_audio_files([arguments.wind])
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    splits = list(folds.split(clips.data, clips.target, clips.groups))
    rows = []
    if arguments.output.is_file():
        rows = [json.loads(line) for line in arguments.output.read_text().splitlines()]
    for fold, (train, test) in enumerate(splits[: arguments.folds]):
        if any(row["fold"] == fold for row in rows):
            continue
        new = one_fold(arguments, clips, wind, fold, train, test, arguments.overlap)
        with arguments.output.open("a") as file:
            file.writelines(json.dumps(row) + "\n" for row in new)
        rows += new
        print(f"fold {fold} is done", flush=True)
    show(pd.DataFrame(rows))


def show(rows):
    """Print sums over the folds, with the range of false positives between folds."""
    keys = ["level", "events", "threshold"]
    by = rows.groupby(keys)
    table = by[["n_truth", "n_events", "n_matched"]].sum()
    table["precision"] = table["n_matched"] / table["n_events"]
    table["recall"] = table["n_matched"] / table["n_truth"]
    table["f1"] = 2 * table["n_matched"] / (table["n_truth"] + table["n_events"])
    table["macro_f1"], table["collar_f1"] = (
        by["macro_f1"].mean(),
        by["collar_f1"].mean(),
    )
    per_hour = rows.assign(in_wind=rows["in_wind"] * 12).groupby(keys)["in_wind"]
    table["wind_per_hour"] = per_hour.mean()
    table["lowest"], table["highest"] = per_hour.min(), per_hour.max()
    table["times_real_time"] = by["times_real_time"].median()
    print(table.drop(columns=["n_truth", "n_events", "n_matched"]).round(3).to_string())


if __name__ == "__main__":
    main()
