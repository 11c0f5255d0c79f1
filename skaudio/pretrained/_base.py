"""The base of the embedders."""

import os
import sys
from contextlib import contextmanager
from itertools import islice
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)

from skaudio._utils.cache_folder import embeddings_folder
from skaudio._utils.long_clips import warn_of_long_clips
from skaudio._utils.progress import are_bars_of_parts_shown, progress_bar
from skaudio._utils.sklearn_compat import Interval, StrOptions, validate_parameters
from skaudio._utils.waveforms import as_waveforms
from skaudio.io import resample
from skaudio.pretrained._cache import CACHE, clip_key
from skaudio.pretrained._weights import opened

PATH = [None, str, os.PathLike]


class Weights(NamedTuple):
    """Path and checksum of a model."""

    path: str
    checksum: str


class WaveformEmbedder(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    """Base of the embedders: from waveforms to a published network's embeddings.

    A subclass has `_weights`, `_open`, `_windows`, and `_front_end` where it has
    parameters of its own that change embeddings. The model that `_open` returns has
    `sample_rate`, `n_features` and ``run(batch)``, from (n, ...) windows of one shape
    to (n, n_features), or (n, n_frames, n_features) where a window has several
    embeddings. It is shared by all estimators and threads of a process.
    """

    # Treats each clip by itself and learns nothing: computed once for all folds.
    _row_by_row = True

    _parameter_constraints = {
        "sample_rate": [Interval(Integral, 1, None, closed="left")],
        "pooling": [StrOptions({"mean", "max", "mean_std"})],
        "speeds": [tuple, list],
        "views": [StrOptions({"raise", "mean"})],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "cache_dir": PATH,
        "n_jobs": [None, Integral],
        "verbose": ["verbose"],
    }

    def fit(self, X, y=None):
        """Check the parameters and the shape of `X`; there is nothing to learn.

        Parameters
        ----------
        X : waveforms, as `transform` takes them
        y : ignored

        Returns
        -------
        self : estimator
        """
        self._validate()
        self._as_clips(X, reset=True)
        return self

    def transform(self, X):
        """Embed waveforms.

        Parameters
        ----------
        X : ndarray or list
            Waveforms: float (n, n_samples), or object (n,) / list of 1-D arrays of any
            length. With ``views="mean"`` also views: float (n, n_views, n_samples), or
            object (n,) of 2-D arrays.

        Returns
        -------
        embeddings : ndarray of float32, shape (n, n_features)
            Those of all speeds, concatenated. NaN for a clip that contains a NaN or
            infinite sample.

        Raises
        ------
        ImportError
            If an extra is not installed; the message names it.
        ValueError
            For views, unless ``views="mean"``.

        Warns
        -----
        UserWarning
            Naming clips of more than 30 s and two windows: they are recordings.
        """
        self._validate()
        clips = self._as_clips(X, reset=False)
        warn_of_long_clips(clips, self.sample_rate, getattr(self, "window", None))
        return self._transform(clips)

    def fit_transform(self, X, y=None):
        """Embed waveforms of any length, to fit on them; as `transform` otherwise.

        Parameters
        ----------
        X : waveforms, as `transform` takes them
        y : ignored

        Returns
        -------
        embeddings : ndarray of float32, shape (n, n_features)
        """
        self.fit(X)
        return self._transform(self._as_clips(X, reset=False))

    def _transform(self, clips):
        waveforms = [waveform for views in clips for waveform in views]
        verbose = self.verbose or are_bars_of_parts_shown()
        noun = "clips" if len(waveforms) == len(clips) else "views of clips"
        name = type(self).__name__
        with _progress(name, waveforms, noun, self.speeds, verbose) as advance:
            rows = [
                self._pool(self._statistics(waveforms, speed, advance))
                for speed in self.speeds
            ]
        rows = np.concatenate(rows, axis=1)
        return rows.reshape(len(clips), -1, rows.shape[1]).mean(axis=1)

    def _class_scores(self, X, activation):
        """Give (n, n_classes): the highest score of a window, averaged over views."""
        self._validate()
        clips = self._as_clips(X, reset=False)
        weights = self._weights()
        rows = []
        for views in clips:
            finite = [view for view in views if np.isfinite(view).all()]
            scores = [
                activation(windows).max(axis=0)
                for windows in self._run(weights, finite, "scores")
            ]
            whole = len(scores) == len(views)
            rows.append(np.mean(scores, axis=0) if whole else np.nan)
        n_classes = self._opened(weights).n_classes
        return np.stack([np.broadcast_to(row, n_classes) for row in rows])

    def _validate(self):
        validate_parameters(self)
        wrong = [v for v in self.speeds if not isinstance(v, Real) or not 0 < v <= 100]
        if wrong or not self.speeds or len(set(self.speeds)) < len(self.speeds):
            raise ValueError(
                f"speeds={self.speeds!r}: expected numbers above 0, each once, such as "
                "(1, 2) to embed each clip as it is and twice as fast."
            )

    def _as_clips(self, X, reset):
        clips, with_views = as_waveforms(self, X, reset=reset)
        if with_views and self.views == "raise":
            raise ValueError(
                f"{type(self).__name__} got clips with {len(clips[0])} views, expected "
                "one waveform per clip: leave out the step that makes views, or pass "
                "views='mean' to average their embeddings."
            )
        return clips

    def _pool(self, statistics):
        mean, largest, deviation = statistics.swapaxes(0, 1)
        if self.pooling == "mean_std":
            return np.concatenate([mean, deviation], axis=1)
        return mean if self.pooling == "mean" else largest

    def _statistics(self, waveforms, speed, advance):
        """Give (n, 3, n_features): mean, maximum, standard deviation over windows."""
        weights = self._weights()
        facts = (
            *(type(self).__name__, weights.checksum, self.sample_rate, float(speed)),
            *self._front_end(),
        )
        found, absent = {}, {}
        keys = [
            clip_key(waveform, facts) if np.isfinite(waveform).all() else None
            for waveform in waveforms
        ]
        for key, waveform in zip(keys, waveforms, strict=True):
            if key is None or key in found or key in absent:
                continue
            statistics = CACHE.get(key, embeddings_folder(self.cache_dir))
            if statistics is None:
                absent[key] = waveform
            else:
                found[key] = statistics
        advance(len(waveforms) - len(absent))
        found.update(self._compute(weights, absent, speed, advance))
        if None in keys:
            found[None] = np.full((3, self._n_features(weights)), np.nan, np.float32)
        return np.stack([found[key] for key in keys])

    def _compute(self, weights, absent, speed, advance):
        """Run the model on clips that are not in the cache, and store the results."""
        keys = list(absent)
        # In blocks, so that windows of short clips share a batch.
        per_job = -(-len(keys) // effective_n_jobs(self.n_jobs))
        size = max(1, min(self.batch_size, per_job))
        blocks = [keys[first : first + size] for first in range(0, len(keys), size)]
        results = Parallel(n_jobs=self.n_jobs, prefer="threads", return_as="generator")(
            delayed(self._embed)(weights, [absent[key] for key in block], speed)
            for block in blocks
        )
        computed = {}
        for block, statistics in zip(blocks, results, strict=True):
            for key, rows in zip(block, statistics, strict=True):
                CACHE.put(key, rows, embeddings_folder(self.cache_dir))
                computed[key] = rows
            advance(len(block), n_new=len(block))
        return computed

    def _embed(self, weights, waveforms, speed):
        """Give mean, maximum and standard deviation over each waveform's windows."""
        embeddings = self._run(weights, waveforms, "run", speed)
        return [
            np.stack([rows.mean(axis=0), rows.max(axis=0), rows.std(axis=0)]).astype(
                np.float32
            )
            for rows in embeddings
        ]

    def _run(self, weights, waveforms, method, speed=1):
        """List each waveform's outputs, float64 of shape (n_windows, n_outputs)."""
        model = self._opened(weights)
        windows, counts = [], []
        for waveform in waveforms:
            waveform = resample(waveform, self.sample_rate * speed, model.sample_rate)
            own = self._windows(model, waveform)
            windows += own
            counts.append(len(own))
        # A batch holds windows of one shape, so that none is padded.
        by_shape = {}
        for place, window in enumerate(windows):
            by_shape.setdefault(window.shape, []).append(place)
        rows = [None] * len(windows)
        for places in by_shape.values():
            for first in range(0, len(places), self.batch_size):
                some = places[first : first + self.batch_size]
                batch = np.stack([windows[place] for place in some])
                outputs = getattr(model, method)(batch)
                for place, row in zip(some, outputs, strict=True):
                    rows[place] = np.atleast_2d(row)
        in_order = iter(rows)
        return [
            np.concatenate(list(islice(in_order, count)), dtype=np.float64)
            for count in counts
        ]

    def _open_network(self):
        self._validate()
        self._opened(self._weights())

    def _opened(self, weights):
        key = (type(self).__name__, weights.checksum, *self._opens_with())
        return opened(key, lambda: self._open(weights))

    def _n_features(self, weights):
        return self._opened(weights).n_features

    def _front_end(self):
        """List the values of own parameters on which embeddings depend."""
        return ()

    def _opens_with(self):
        """List the values of own parameters on which `_open` depends."""
        return ()

    @property
    def _n_features_out(self):
        n_features = self._n_features(self._weights())
        n_rows = 2 if self.pooling == "mean_std" else 1
        return n_features * n_rows * len(self.speeds)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        tags.requires_fit = False
        return tags


@contextmanager
def _progress(title, waveforms, noun, speeds, verbose):
    """Show how many clips are done, and in the end how many of them were new."""
    n_computed = 0  # of all speeds
    with progress_bar(
        title,
        len(waveforms) * len(speeds),
        verbose,
        unit_scale=1 / len(speeds),
        bar_format="{desc}: {percentage:3.0f}%|{bar}| {n:.0f} of {total:.0f} "
        f"{noun}, {{remaining}} left",
    ) as bar:

        def advance(n_clips, n_new=0):
            nonlocal n_computed
            n_computed += n_new
            bar.update(n_clips)

        yield advance
    if verbose:
        n_new = n_computed // len(speeds)
        known = len(waveforms) - n_new
        print(
            f"{title}: {n_new} {noun} embedded"
            + (f", {known} found in the cache" if known else ""),
            file=sys.stderr,
        )
