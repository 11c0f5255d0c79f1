"""Pipelines that take the windows of a recording in the place of their loaders."""

import copy

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import FeatureUnion, Pipeline

from skaudio.features import WavLoader


class _StreamReader(TransformerMixin, BaseEstimator):
    """Stands in the place of a loader, and takes windows instead of paths."""

    def __init__(self, key, n_samples):
        self.key = key
        self.n_samples = n_samples

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        waveforms = X.of(self.key)
        if self.n_samples is None:
            return waveforms
        stacked = np.zeros((len(waveforms), self.n_samples), np.float32)
        for row, waveform in zip(stacked, waveforms, strict=True):
            row[: len(waveform)] = waveform[: self.n_samples]
        return stacked

    def __sklearn_is_fitted__(self):
        return True


def with_streams(step, channel, readers):
    """Copy a model with its loaders replaced; None where it starts otherwise.

    The parts that are not replaced are shared with the model. `readers` gets what
    stands in the place of each loader.
    """
    if isinstance(step, WavLoader):
        channel = step.channel if channel is None else channel
        if channel == "loudest":
            return None  # chosen window by window
        n_samples = step.duration and max(1, round(step.duration * step.sample_rate))
        reader = _StreamReader((step.sample_rate, channel), n_samples)
        readers.append(reader)
        return reader
    if isinstance(step, Pipeline):
        (name, first), *rest = step.steps
        first = with_streams(first, channel, readers)
        changed = {"steps": [(name, first), *rest]}
        replaced = [first]
    elif isinstance(step, FeatureUnion):
        branches = [
            (name, one if one == "drop" else with_streams(one, channel, readers))
            for name, one in step.transformer_list
        ]
        changed = {"transformer_list": branches}
        replaced = [one for _, one in branches]
    else:
        return None
    if any(one is None for one in replaced):
        return None
    step = copy.copy(step)
    vars(step).update(changed)
    return step


def rate_of_waveforms(model):
    """Return the rate of the waveforms that a model of skaudio's steps takes."""
    first = model
    while isinstance(first, (Pipeline, FeatureUnion)):
        is_union = isinstance(first, FeatureUnion)
        first = (first.transformer_list if is_union else first.steps)[0][1]
    is_ours = type(first).__module__.split(".")[0] == "skaudio"
    if is_ours and not isinstance(first, WavLoader):
        return getattr(first, "sample_rate", None)
    return None
