"""Baselines: cheap pipelines that a network has to beat."""

import os

import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from skaudio._utils.clips import as_clips
from skaudio.audit import metadata_classifier
from skaudio.features import MFCCStatistics, WavLoader
from skaudio.io import open_audio


def baseline_pipelines(*, several=False, n_jobs=None):
    """Build the baselines that a network has to beat.

    Parameters
    ----------
    several : bool, default=False
        Whether clips may have several classes: ``mfcc_svm`` then has a machine for
        each.
    n_jobs : int or None, default=None
        Threads that decode audio.

    Returns
    -------
    baselines : dict of name to estimator
        ``majority`` predicts the largest class; ``metadata`` is a random forest on
        sample rate, channels, codec, bytes and duration of the file, without its audio;
        ``mfcc_svm`` is a support vector machine on `MFCCStatistics`. All take paths.

    Examples
    --------
    >>> from skaudio.pipelines import baseline_pipelines
    >>> list(baseline_pipelines())
    ['majority', 'metadata', 'mfcc_svm']
    """
    machine = SVC(C=10, class_weight="balanced")
    return {
        "majority": DummyClassifier(strategy="most_frequent"),
        "metadata": Pipeline(
            [
                ("facts", FunctionTransformer(_container_facts)),
                ("clf", metadata_classifier()),
            ]
        ),
        "mfcc_svm": Pipeline(
            [
                ("load", WavLoader(n_jobs=n_jobs)),
                ("mfcc", MFCCStatistics()),
                ("scale", StandardScaler()),
                ("clf", OneVsRestClassifier(machine) if several else machine),
            ]
        ),
    }


def _container_facts(X):
    rows = []
    for clip in as_clips(X):
        with open_audio(clip.file) as audio:
            rows.append(
                {
                    "sample_rate": audio.samplerate,
                    "channels": audio.channels,
                    "n_bytes": os.path.getsize(clip.file),
                    "duration": audio.frames / audio.samplerate,
                    "container": audio.format,
                    "encoding": audio.subtype,
                }
            )
    return pd.DataFrame(rows)
