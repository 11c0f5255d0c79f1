"""Search in the embeddings of recordings, by example."""

import os
from functools import cached_property
from numbers import Integral
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, normalize

from skaudio._utils.clips import as_clips
from skaudio._utils.counts import count
from skaudio._utils.no_cache import no_cache
from skaudio._utils.verdicts import as_verdicts
from skaudio.features import WavLoader
from skaudio.recordings._scoring.score_recording import INDEX
from skaudio.recordings._search.apart import apart
from skaudio.recordings._search.embeddings_folder import (
    read_blocks,
    read_index_facts,
    read_times,
)
from skaudio.recordings._search.index_embedder import check_embedder, described_embedder

_N_COMPONENTS = 64
_N_FITTED = 10_000  # windows; as many as are needed for so many components


class EmbeddingIndex:
    """Find the windows of recordings that sound like an example.

    Every window is compared with the example, so that nothing is missed.

    Parameters
    ----------
    folder : path
        As `embed_recordings` wrote it. Needs the extra ``recordings``.
    embedder : transformer or None, default=None
        The one that the index was made with. None makes it, where it is a published
        network.

    Attributes
    ----------
    windows : MultiIndex
        ``file``, ``start_time``, ``end_time`` (seconds) of each window; recordings are
        sorted by name.
    n_features : int
    clip_duration : float
        Seconds of a window.
    channel : "mix", "loudest" or int
        What of the recordings was embedded.

    Raises
    ------
    ValueError
        Where the folder holds no embeddings, or those of several embedders.

    See Also
    --------
    embed_recordings : Makes the folder.
    suggest_windows : Chooses windows to label.

    Notes
    -----
    Features are standardised over the windows of the index, without which all sounds of
    one place are alike, and reduced to their 64 principal components; two windows are
    as alike as the cosine of the angle between them. The components take 256 bytes of
    memory per window, 61 MB for 100 hours in steps of 1.5 s. These choices were made on
    clips and on scenes of clips of other recordings (``benchmarks/search.py``).

    References
    ----------
    B. Ghani, T. Denton, S. Kahl, H. Klinck, "Global birdsong embeddings enable superior
    transfer learning for bioacoustic classification", Scientific Reports 13 (2023).

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, soundfile
    >>> from skaudio import MFCCStatistics
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.recordings import embed_recordings
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     calls = make_animal_sounds(2, n_classes=2, random_state=0)
    ...     noise = 0.01 * np.random.default_rng(0).standard_normal(16000 * 20)
    ...     noise[160000 : 160000 + len(calls.data[0])] += calls.data[0]
    ...     soundfile.write(f"{folder}/dawn.wav", noise, 16000)
    ...     soundfile.write(f"{folder}/cat.wav", calls.data[1], 16000)
    ...     index = embed_recordings(
    ...         f"{folder}/dawn.wav", f"{folder}/index", MFCCStatistics()
    ...     )
    ...     hits = index.search(f"{folder}/cat.wav", n=1)
    >>> hits[["start_time", "label"]].values.tolist()
    [[9.0, 'cat']]
    """

    def __init__(self, folder, embedder=None):
        facts = read_index_facts(folder)
        one = next(iter(facts.values()))
        self.n_features = one["n_features"]
        self.clip_duration = one["parameters"]["clip_duration"]
        self.channel = one["parameters"]["channel"]
        self._embedder, self._described = embedder, one["model"]
        if embedder is not None:
            check_embedder(embedder, one["model"])
        self._paths = list(facts)
        times = [read_times(path) for path in self._paths]
        counts = [len(one) for one in times]
        files = np.array([one["file"] for one in facts.values()], dtype=object)
        self.windows = pd.MultiIndex.from_arrays(
            [np.repeat(files, counts), *np.concatenate(times).T], names=INDEX
        )
        self._files, self._starts = files, np.r_[0, np.cumsum(counts)]

    def __len__(self):
        return len(self.windows)

    def __repr__(self):
        size = f"{count(len(self), 'window')} of {count(len(self._files), 'recording')}"
        return f"<EmbeddingIndex: {size}>"

    @cached_property
    def embedder(self):
        """The embedder of the index."""
        if self._embedder is None:
            return described_embedder(self._described)
        return self._embedder

    def search(self, examples, n=100, *, label=None, exclude_own=False):
        """Find the windows that are most like one of the examples.

        Parameters
        ----------
        examples : path, list of paths, or table of clips
            Sound files, or parts of them, as `WavLoader` takes them. Of one longer than
            a window, the loudest window is taken.
        n : int, default=100
            Windows at most. Where windows overlap, only the best of them is returned.
        label : str or None, default=None
            What the examples are. None is the name of the first file.
        exclude_own : bool, default=False
            Whether to leave the recordings out of which the examples are.

        Returns
        -------
        hits : DataFrame
            The columns of `read_verdicts`, most alike first: ``file, start_time,
            end_time`` (seconds), ``label``, and ``score``, the similarity, from -1 to
            1. The others are empty: these windows are not drawn by chance.

        Raises
        ------
        AudioFileError
            Naming the example that cannot be read.
        ValueError
            Where `n` is no number of windows, there is no example, or no window is
            left.
        """
        if not isinstance(n, Integral) or n < 1:
            raise ValueError(f"n={n!r}: expected a number of windows, 1 or more.")
        if isinstance(examples, (str, os.PathLike)):
            examples = [examples]
        clips = as_clips(examples)
        if label is None and clips:
            label = Path(clips[0].file).stem
        wanted = self._reduce(self.embed(examples))
        similarity = (self.components @ wanted.T).max(axis=1)
        similarity[np.isnan(similarity)] = -np.inf
        if exclude_own:
            own = {os.path.realpath(clip.file) for clip in clips}
            for k, file in enumerate(self._files):
                if os.path.realpath(file) in own:
                    similarity[self._starts[k] : self._starts[k + 1]] = -np.inf
        if not (similarity > -np.inf).any():
            raise ValueError(
                f"No window is left of {len(self)}: expected recordings that the "
                "examples are not of, or exclude_own=False."
            )
        order = np.argsort(-similarity, kind="stable")
        starts, ends = map(self.windows.get_level_values, ["start_time", "end_time"])
        rows = apart(
            np.repeat(np.arange(len(self._files)), np.diff(self._starts)),
            *(starts.to_numpy(), ends.to_numpy()),
            *(order[similarity[order] > -np.inf], n),
        )
        hits = self.windows[rows].to_frame(index=False)
        return as_verdicts(
            hits.assign(label=label, score=similarity[rows].astype(float).round(4))
        )

    def embed(self, examples):
        """Embed examples: of each its loudest window.

        Parameters
        ----------
        examples : list of paths, or table of clips

        Returns
        -------
        embeddings : ndarray of float32, shape (n_examples, n_features)

        Raises
        ------
        AudioFileError
            Naming the example that cannot be read.
        """
        embedder = self.embedder
        loader = WavLoader(embedder.sample_rate, channel=self.channel)
        length = round(self.clip_duration * embedder.sample_rate)
        waveforms = np.empty(len(as_clips(examples)), dtype=object)
        if not len(waveforms):
            raise ValueError("examples: is empty, expected at least one sound file.")
        for row, waveform in enumerate(loader.transform(examples)):
            waveforms[row] = _loudest(waveform, length)
        with no_cache():
            return embedder.transform(waveforms).astype(np.float32)

    def embeddings(self, windows=None):
        """Return the embeddings of windows, to fit a classifier on.

        Parameters
        ----------
        windows : DataFrame or None, default=None
            With ``file``, ``start_time`` and ``end_time`` as columns or index, such as
            verdicts. None is all of the index.

        Returns
        -------
        embeddings : ndarray of float32, shape (n, n_features)
            Of each the window of the index whose middle is nearest. NaN where that
            window could not be embedded.

        Raises
        ------
        ValueError
            Naming a recording that is not in the index, or a window outside of it.
        """
        rows = np.arange(len(self)) if windows is None else self.rows(windows)
        embeddings = np.empty((len(rows), self.n_features), np.float32)
        counts = np.histogram(rows, self._starts)[0]
        for first, block in self._blocks(counts > 0):
            here = (rows >= first) & (rows < first + len(block))
            embeddings[here] = block[rows[here] - first]
        return embeddings

    def rows(self, windows):
        """Find windows in the index.

        Parameters
        ----------
        windows : DataFrame
            As `embeddings` takes them.

        Returns
        -------
        rows : ndarray of int, shape (n,)
            Places in `windows` of the index, of those whose middle is nearest.
        """
        places = {os.path.abspath(file): k for k, file in enumerate(self._files)}
        starts = self.windows.get_level_values("start_time").to_numpy()
        rows = []
        for clip in as_clips(windows):
            k = places.get(os.path.abspath(clip.file))
            first, last = (0, 0) if k is None else self._starts[k : k + 2]
            if first == last:
                raise ValueError(
                    f"{clip.file}: is not in the index, expected one of its "
                    f"{len(self._files)} recordings."
                )
            middle = ((clip.start_time or 0.0) + (clip.end_time or 0.0)) / 2
            own = starts[first:last] + self.clip_duration / 2
            row = int(np.argmin(np.abs(own - middle)))
            if abs(own[row] - middle) > self.clip_duration:
                raise ValueError(
                    f"{clip}: no window of the index is there, expected a window "
                    f"within {starts[first]:g} to {starts[last - 1]:g} s or next to it."
                )
            rows.append(first + row)
        return np.array(rows, dtype=int)

    @cached_property
    def components(self):
        """The windows as they are compared: float32 (n_windows, n_components)."""
        blocks = [self._reduce(block) for _, block in self._blocks()]
        return np.concatenate(blocks)

    @cached_property
    def _reducer(self):
        """Standardise and reduce, fitted on windows from all of the recordings."""
        step = max(1, len(self) // _N_FITTED)
        # Copies, which do not keep the rest of their block.
        some = [block[-first % step :: step].copy() for first, block in self._blocks()]
        some = np.concatenate(some)
        some = some[np.isfinite(some).all(axis=1)]
        if not len(some):
            raise ValueError("None of the windows of the index could be embedded.")
        steps = [StandardScaler()]
        if min(some.shape) > _N_COMPONENTS:
            steps.append(PCA(_N_COMPONENTS, svd_solver="covariance_eigh"))
        return make_pipeline(*steps).fit(some)

    def _reduce(self, embeddings):
        """Return rows of length 1, of which the product is the similarity."""
        good = np.isfinite(embeddings).all(axis=1)
        reduced = normalize(self._reducer.transform(embeddings[good]))
        rows = np.full((len(embeddings), reduced.shape[1]), np.nan, np.float32)
        rows[good] = reduced
        return rows

    def _blocks(self, wanted=None):
        """Yield the first row and the embeddings of each block, as float32."""
        for k, path in enumerate(self._paths):
            if wanted is not None and not wanted[k]:
                continue
            first = int(self._starts[k])
            for block in read_blocks(path, self.n_features):
                yield first, block.astype(np.float32)
                first += len(block)


def _loudest(waveform, length):
    """Cut the window of most energy; a clip that is not longer stays as it is."""
    if len(waveform) <= length:
        return waveform
    energy = np.r_[0.0, np.cumsum(np.square(waveform, dtype=float))]
    first = int(np.argmax(energy[length:] - energy[:-length]))
    return waveform[first : first + length]
