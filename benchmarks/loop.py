"""What verdicts are worth: the F1 of rare classes after 0 to 200 of them.

    python benchmarks/loop.py TRAINING WIND [--hours 6] [--draws 5] -o FOLDER

The clips are split into three parts that share no source, the wind into two. One part
and half of the wind make hours of recordings to search, in which 3 classes are rare
(45 calls of each in 6 hours, at 0 to 20 dB, among 225 of other animals); the second
part and the other half make other recordings, on which the model is tested; of the
third part one clip per class is the example from which it starts, with ten minutes of
wind as background. The model is the default head on embeddings of the index, 1400
numbers a window. In batches of 25 a strategy asks for windows, their truth is the
verdict, and the head is fitted again. FOLDER keeps recordings and embeddings.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from detection import split_wind
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio.augment import place_in_background
from skaudio.datasets import load_audio_folder, make_soundscape
from skaudio.features import WavLoader
from skaudio.io import list_audio_files
from skaudio.metrics import event_scores
from skaudio.recordings import (
    embed_recordings,
    find_events,
    suggest_windows,
    verdicts_to_clips,
)

RARE = ("Donkey", "Frog", "Rooster")
RATE = 32000
BATCH, MOST = 25, 200
SHOWN = (0, 25, 50, 100, 200)
N_COPIES = 4  # of an example, in wind
STRATEGIES = ("random", "stratified", "margin", "diverse", "search", "search, margin")


def make_scenes(arguments, clips, parts, winds, folder):
    """Write the recordings that are not there yet; return those of each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in clips.target_names if name not in RARE]
    # Classes take turns: five kinds of others make the rare ones rare.
    labels = np.array(
        [
            one if one in RARE else f"other{names.index(one) % 5}"
            for one in clips.target.tolist()
        ]
    )
    kinds = {"pool": arguments.hours, "other": arguments.others}
    files = {}
    for seed, ((kind, hours), rows, wind) in enumerate(
        zip(kinds.items(), parts[:2], winds, strict=True)
    ):
        files[kind] = [folder / f"{kind}{k}.flac" for k in range(hours)]
        for k, file in enumerate(files[kind]):
            if not file.with_suffix(".csv").is_file():
                make_soundscape(
                    *([clips.data[row] for row in rows], wind, 3600),
                    labels=labels[rows],
                    rate_per_minute=1.0,
                    snr_db=(0, 20),
                    sample_rate=RATE,
                    output=file,
                    random_state=100 * seed + k,
                )
    files["wind"] = [folder / "wind.flac"]
    if not files["wind"][0].is_file():
        make_soundscape(
            *([clips.data[row] for row in parts[0]], winds[0], 600),
            labels=labels[parts[0]],
            rate_per_minute=0,
            sample_rate=RATE,
            output=files["wind"][0],
            random_state=7,
        )
    return {kind: [str(file) for file in own] for kind, own in files.items()}


def read_truth(files):
    """Read the calls of the rare classes."""
    tables = [
        pd.read_csv(Path(file).with_suffix(".csv")).assign(audio_file=file)
        for file in files
    ]
    truth = pd.concat(tables, ignore_index=True)
    return truth[truth["annotation"].isin(RARE)].reset_index(drop=True)


def find_calls(windows, truth):
    """Return which rare classes a window holds: half a second or half of a call."""
    has_call = np.zeros((len(windows), len(RARE)), bool)
    file, start, end = (windows.get_level_values(k) for k in range(3))
    starts, ends = start.to_numpy(), end.to_numpy()
    for row in truth.itertuples():
        overlap = np.minimum(ends, row.end_time) - np.maximum(starts, row.start_time)
        least = min(0.5, 0.5 * (row.end_time - row.start_time))
        place = RARE.index(row.annotation)
        has_call[:, place] |= (overlap >= least) & (file == row.audio_file)
    return has_call


def judged(windows, index, has_call):
    """Say of windows what the truth is."""
    own = has_call[index.rows(windows)]
    right = own[np.arange(len(own)), [RARE.index(name) for name in windows["label"]]]
    instead = [
        None if yes or not any(row) else RARE[int(np.argmax(row))]
        for row, yes in zip(own, right, strict=True)
    ]
    verdict = np.where(right, "yes", "no")
    return windows.assign(verdict=verdict, verdict_label=instead, reviewer="truth")


def search(index, examples, checked, n):
    """Find the windows that are most like the example of each class."""
    tables = []
    for label, n_own in zip(RARE, map(len, np.array_split(range(n), 3)), strict=True):
        hits = index.search(examples[label], n_own + len(checked), label=label)
        rows = zip(hits["file"], hits["start_time"], strict=True)
        before = checked[["file", "start_time"]].to_numpy().tolist()
        new = [
            all(file != f or abs(start - s) >= 3 for f, s in before)
            for file, start in rows
        ]
        tables.append(hits[new].head(n_own))
    table = pd.concat(tables, ignore_index=True)
    return table.drop_duplicates(["file", "start_time"])


def one_draw(draw, strategy, indices, features, truths, has_call, clips, rows, winds):
    """Return F1 and average precision after each batch of verdicts."""
    rng = np.random.RandomState(draw)
    pool, others = indices["pool"], indices["other"]
    examples = {
        name: clips.data[rng.choice([row for row in rows if clips.target[row] == name])]
        for name in RARE
    }
    X, y = start(examples, pool, features["wind"], winds, rng)
    checked = pd.DataFrame({"file": [], "start_time": []})
    results = []
    for n_before in range(0, MOST + 1, BATCH):
        own_X, own_y = X, y
        if n_before:
            taught = verdicts_to_clips(checked)
            own_X = np.concatenate([X, pool.embeddings(taught.data)])
            own_y = np.concatenate([y, taught.target])
        head = make_pipeline(
            StandardScaler(),
            LogisticRegression(C=0.01, class_weight="balanced", max_iter=1000),
        ).fit(own_X, own_y)
        scores = score(head, features["other"], others)
        results.append((n_before, *quality(scores, truths["other"], has_call["other"])))
        if n_before == MOST:
            return results
        wanted = strategy
        if strategy == "search, margin":
            wanted = "margin" if n_before else "search"
        if wanted == "search":
            windows = search(pool, examples, checked, BATCH)
        else:
            windows = suggest_windows(
                score(head, features["pool"], pool),
                *(wanted, BATCH),
                index=pool,
                checked=checked if n_before else None,
                random_state=rng,
            )
        verdicts = judged(windows, pool, has_call["pool"])
        checked = verdicts if not n_before else pd.concat([checked, verdicts])
        checked = checked.drop_duplicates(["file", "start_time", "end_time", "label"])
    return results


def start(examples, pool, quiet, winds, rng):
    """Make the first training set: an example per class, copies of it, and wind."""
    loader = WavLoader(RATE)
    noise = np.concatenate(list(loader.transform(winds)))
    sounds, y = [], []
    for name, sound in zip(
        examples, loader.transform([*examples.values()]), strict=True
    ):
        for _ in range(N_COPIES):
            first = rng.randint(len(noise) - 3 * RATE)
            around = noise[first : first + 3 * RATE]
            snr = rng.uniform(0, 20)
            sounds.append(place_in_background(sound, around, snr, RATE, rng))
            y.append(name)
    copies = pool.embedder.transform(sounds)
    alone = pool.embed([*examples.values()])
    X = np.concatenate([alone, copies, quiet])
    return X, np.array([*examples, *y, *["background"] * len(quiet)])


def score(head, features, index):
    """Return the scores of all windows of an index."""
    return pd.DataFrame(
        head.predict_proba(features), index=index.windows, columns=head.classes_
    )


def quality(scores, truth, has_call):
    """Return the mean over the classes of the F1 of events, and of windows' AP."""
    events = find_events(scores, 0.5)
    table = event_scores(events, truth, classes=list(RARE), n_resamples=0)
    precision = [
        average_precision_score(has_call[:, k], scores[name])
        for k, name in enumerate(RARE)
    ]
    return table.loc["macro", "f1"], float(np.mean(precision))


def main():
    """Print the mean over draws, and its standard error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("wind")
    parser.add_argument("--hours", type=int, default=6)
    parser.add_argument("--others", type=int, default=4)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--strategies", nargs="*", default=STRATEGIES)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    begin = time.process_time()
    clips = load_audio_folder(arguments.training, n_jobs=1)
    folds = StratifiedGroupKFold(3, shuffle=True, random_state=0)
    parts = [own for _, own in folds.split(clips.data, clips.target, clips.groups)]
    winds = split_wind(list_audio_files([arguments.wind]), 0)
    scenes = arguments.output / "scenes"
    files = make_scenes(arguments, clips, parts, winds, scenes)
    indices = {
        kind: embed_recordings(own, arguments.output / f"index_{kind}", verbose=1)
        for kind, own in files.items()
    }
    features = {kind: index.embeddings() for kind, index in indices.items()}
    truths = {kind: read_truth(files[kind]) for kind in ("pool", "other")}
    has_call = {k: find_calls(indices[k].windows, truth) for k, truth in truths.items()}
    found = arguments.output / "results.jsonl"
    lines = found.read_text().splitlines() if found.is_file() else []
    done = {(row["draw"], row["strategy"]): row for row in map(json.loads, lines)}
    for draw in range(arguments.draws):
        for strategy in arguments.strategies:
            if (draw, strategy) in done:
                continue
            results = one_draw(
                *(draw, strategy, indices, features, truths, has_call),
                *(clips, parts[2], winds[0]),
            )
            row = {"draw": draw, "strategy": strategy, "results": results}
            done[draw, strategy] = row
            with found.open("a") as file:
                file.write(json.dumps(row) + "\n")
    show(pd.DataFrame(done.values()).explode("results"))
    print(f"{time.process_time() - begin:.0f} s of one core")


def show(rows):
    """Print a row per strategy."""
    values = rows["results"].tolist()
    rows[["verdicts", "F1", "average precision"]] = values
    rows = rows[rows["verdicts"].isin(SHOWN)]
    by = rows.groupby(["strategy", "verdicts"])
    for name in ("F1", "average precision"):
        mean = by[name].mean().unstack()
        error = by[name].std().unstack() / np.sqrt(rows["draw"].nunique())
        print(f"{name}: mean over {rows['draw'].nunique()} draws")
        print(mean.round(3).to_string())
        print("standard error of the mean")
        print(error.round(3).to_string())


if __name__ == "__main__":
    main()
