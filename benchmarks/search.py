"""Search by example: how right, how fast, and what else was tried.

    python benchmarks/search.py size [--hours 100] -o FOLDER
    python benchmarks/search.py clips TRAINING
    python benchmarks/search.py scenes TRAINING LOOP

`size` makes hours of silence, embeds them as random numbers of the shape of real ones,
and searches in them; with usearch installed, also in a graph of it. `clips` says of how
many of the ten clips nearest to a clip, from other groups, have its class. `scenes`
says the same of windows of the recordings that benchmarks/loop.py left in LOOP, with
clips of other sources as examples, and what float16 loses.
"""

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from loop import RARE, is_heard, read_truth
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler, normalize

from skaudio import EfficientATEmbedder, WavLoader
from skaudio.datasets import load_audio_folder
from skaudio.recordings import EmbeddingIndex, embed_recordings

N_FEATURES, N_EXAMPLES = 1400, 12


class RandomEmbedder(TransformerMixin, BaseEstimator):
    """Numbers of 100 latent kinds, as many as EfficientAT gives."""

    sample_rate = 500

    def fit(self, X, y=None):
        """Learn nothing."""
        return self

    def __sklearn_is_fitted__(self):
        return True

    def transform(self, X):
        """Make a row per window."""
        rng = np.random.default_rng()
        mixing = np.random.default_rng(0).standard_normal((100, N_FEATURES))
        latent = rng.standard_normal((len(X), 100)) * np.geomspace(3, 0.1, 100)
        noise = 0.3 * rng.standard_normal((len(X), N_FEATURES))
        return (latent @ mixing + noise).astype(np.float32)


def peak():
    """Return the peak memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(function, n=1):
    """Return the result and the seconds of processor time of one call."""
    begin = time.process_time()
    for _ in range(n):
        result = function()
    return result, (time.process_time() - begin) / n


def measure_size(arguments):
    """Print seconds and memory of a search in many hours."""
    folder = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{k}.wav" for k in range(arguments.hours)]
    rng = np.random.default_rng(0)
    for file in files:
        if not file.is_file():
            soundfile.write(file, 0.1 * rng.standard_normal(3600 * 500), 500)
    print(f"at the start: {peak():.0f} MiB")
    embedder = RandomEmbedder()
    some = [str(file) for file in files]
    _, seconds = timed(lambda: embed_recordings(some, folder / "index", embedder))
    print(f"embedded (random numbers): {seconds:.0f} s, peak {peak():.0f} MiB")
    index, seconds = timed(lambda: EmbeddingIndex(folder / "index", embedder))
    stored = sum(one.stat().st_size for one in (folder / "index").glob("*.parquet"))
    print(
        f"{len(index)} windows, {stored / 1e6:.0f} MB; opened in {seconds:.2f} s, "
        f"peak {peak():.0f} MiB"
    )
    example = str(files[0])
    part = pd.DataFrame({"file": [example], "start_time": [9.0], "end_time": [12.0]})
    _, seconds = timed(lambda: index.search(part))
    print(f"first search: {seconds:.2f} s, peak {peak():.0f} MiB")
    _, seconds = timed(lambda: index.search(part), 10)
    print(f"each further search: {1000 * seconds:.0f} ms")
    queries = index.components[rng.choice(len(index), 200, replace=False)]
    compare(index.components, queries)


def compare(vectors, queries):
    """Print milliseconds per query and recall at 100 of other ways to search."""
    exact, seconds = timed(lambda: np.argsort(-(queries @ vectors.T))[:, :100])
    one, _ = timed(lambda: [vectors @ query for query in queries[:20]])
    _, single = timed(lambda: [vectors @ query for query in queries[:20]])
    print(f"matrix product: {1000 * single / len(one):.1f} ms per query, recall 1")
    near = NearestNeighbors(n_neighbors=100, algorithm="brute").fit(vectors)
    found, seconds = timed(lambda: near.kneighbors(queries, return_distance=False))
    print(
        f"NearestNeighbors: {1000 * seconds / len(queries):.1f} ms per query, ", end=""
    )
    print(f"recall {recall(found, exact):.3f}")
    try:
        from usearch.index import Index
    except ImportError:
        print("usearch is not installed")
        return
    graph = Index(ndim=vectors.shape[1], metric="cos", dtype="f32")
    vectors = vectors[:20_000]  # more of them take minutes
    exact = np.argsort(-(queries @ vectors.T))[:, :100]
    _, built = timed(lambda: graph.add(np.arange(len(vectors)), vectors, threads=1))
    found, seconds = timed(lambda: graph.search(queries, 100, threads=1).keys)
    print(
        f"usearch, of {len(vectors)}: {1000 * seconds / len(queries):.1f} ms per "
        f"query, recall {recall(found, exact):.3f}, built in {built:.0f} s, "
        f"peak {peak():.0f} MiB"
    )


def recall(found, exact):
    """Return the share of what is nearest that was found."""
    shares = [np.isin(b, a).mean() for a, b in zip(found, exact, strict=True)]
    return float(np.mean(shares))


# What of the 1400 features, and how they are compared.
SPACES = {
    "embedding (384)": slice(504, 888),
    "all layers (1400)": slice(None),
}


def prepared(vectors, how):
    """Return a function from embeddings to rows of length 1, fitted on some."""
    steps = []
    if how != "as it is":
        steps.append(StandardScaler(with_std=how != "centred").fit(vectors))
    if how.startswith("standardised, "):
        n_components = int(how.split()[1])
        solver = "covariance_eigh"
        steps.append(
            PCA(n_components, svd_solver=solver).fit(steps[0].transform(vectors))
        )

    def prepare(rows):
        for step in steps:
            rows = step.transform(rows)
        return normalize(rows)

    return prepare


HOWS = (
    *("as it is", "centred", "standardised"),
    *("standardised, 32 components", "standardised, 64 components"),
    "standardised, 128 components",
)


def measure_clips(arguments):
    """Print the precision at 10 of the nearest clips of other groups."""
    clips = load_audio_folder(arguments.training, n_jobs=1)
    waveforms = WavLoader(32000).transform(clips.data)
    rows = []
    for speeds in ((1,), (1, 2)):
        vectors = EfficientATEmbedder(speeds=speeds).transform(waveforms)
        for name, columns in SPACES.items():
            parts = np.split(vectors, len(speeds), axis=1)
            own = np.concatenate([part[:, columns] for part in parts], axis=1)
            for how in HOWS:
                reduced = prepared(own, how)(own)
                likeness = reduced @ reduced.T
                likeness[clips.groups[:, None] == clips.groups] = -np.inf
                nearest = np.argsort(-likeness, axis=1)[:, :10]
                right = (clips.target[nearest] == clips.target[:, None]).mean(axis=1)
                by_class = pd.Series(right).groupby(clips.target).mean()
                rows.append((len(speeds), name, how, by_class.mean()))
    names = ["speeds", "features", "compared", "precision at 10"]
    table = pd.DataFrame(rows, columns=names)
    table = table.pivot(index="compared", columns=names[:2], values=names[3])
    print(table.round(3).to_string())


def measure_scenes(arguments):
    """Print the precision at 10 and 50 of windows of recordings."""
    clips = load_audio_folder(arguments.training, n_jobs=1)
    folds = StratifiedGroupKFold(3, shuffle=True, random_state=0)
    *_, (_, rows) = folds.split(clips.data, clips.target, clips.groups)
    rng = np.random.RandomState(0)
    examples = [
        (name, clips.data[row])
        for name in RARE
        for row in rng.choice(
            [row for row in rows if clips.target[row] == name], N_EXAMPLES, False
        )
    ]
    names, files = [name for name, _ in examples], [file for _, file in examples]
    found = {}
    for kind in ("pool", "other"):
        index = EmbeddingIndex(arguments.loop / f"index_{kind}")
        here = sorted(set(index.windows.get_level_values("file")))
        heard = is_heard(index.windows, read_truth(here))
        right = {}
        for how in ("as search() does", *HOWS):
            for features, columns in SPACES.items():
                if how == "as search() does" and features == "embedding (384)":
                    continue
                if how != "as search() does":
                    vectors = index.embeddings()[:, columns]
                    prepare = prepared(vectors, how)
                    # Put in the place of what it has fitted.
                    index.components = prepare(vectors).astype(np.float32)
                    index._reduce = lambda e, c=columns, p=prepare: p(e[:, c])
                for name, file in zip(names, files, strict=True):
                    hits = index.search(file, 50)
                    own = heard[index.rows(hits), RARE.index(name)]
                    right.setdefault((how, features), []).append(
                        (own[:10].mean(), own.mean())
                    )
        found[kind] = {key: np.mean(value, axis=0) for key, value in right.items()}
        calls = read_truth(here)["annotation"].value_counts()
        print(f"{kind}: {len(index)} windows of 3 s, {calls.mean():.0f} calls a class")
    table = pd.DataFrame(
        {
            (kind, at): {key: value[k] for key, value in own.items()}
            for kind, own in found.items()
            for k, at in enumerate(("at 10", "at 50"))
        }
    )
    print(table.round(3).to_string())
    measure_float16(arguments, index)


def measure_float16(arguments, index):
    """Print which of the 100 nearest windows are so with float32 too."""
    index = EmbeddingIndex(arguments.loop / "index_pool")
    file = sorted(set(index.windows.get_level_values("file")))[0]
    rows = np.flatnonzero(index.windows.get_level_values("file") == file)[:600]
    times = index.windows[rows].to_frame(index=False)
    kept = index.embeddings(times)
    waveforms = WavLoader(index.embedder.sample_rate).transform(times)
    vectors = index.embedder.transform(waveforms)
    exact, half = index._reduce(vectors), index._reduce(kept)
    nearest = [np.argsort(-(one @ one.T))[:, 1:101] for one in (half, exact)]
    print(f"float16: recall at 100 of {recall(*nearest):.4f}, of {len(rows)} windows")


def main():
    """Run one of the three."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("size")
    command.add_argument("--hours", type=int, default=100)
    command.add_argument("-o", "--output", type=Path, required=True)
    command.set_defaults(run=measure_size)
    command = commands.add_parser("clips")
    command.add_argument("training")
    command.set_defaults(run=measure_clips)
    command = commands.add_parser("scenes")
    command.add_argument("training")
    command.add_argument("loop", type=Path)
    command.set_defaults(run=measure_scenes)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
