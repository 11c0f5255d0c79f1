"""What costs nothing: the scores that a network has to beat."""

import os

import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from skaudio._audio_file import open_audio
from skaudio._clips import as_clips
from skaudio.datasets._format_floor import format_classifier
from skaudio.features import MFCCStatistics, WavLoader


def floor_pipelines(*, n_jobs=None):
    """Build the floors under any accuracy.

    Parameters
    ----------
    n_jobs : int or None, default=None
        Threads that decode sound.

    Returns
    -------
    floors : dict of name to estimator
        ``majority`` guesses the largest class; ``file_format`` is a forest that sees
        sample rate, channels, codec, bytes and duration, and hears nothing;
        ``mfcc_svm`` is a support vector machine on `MFCCStatistics`. All take paths.

    Examples
    --------
    >>> from skaudio.model_selection import floor_pipelines
    >>> list(floor_pipelines())
    ['majority', 'file_format', 'mfcc_svm']
    """
    return {
        "majority": DummyClassifier(strategy="most_frequent"),
        "file_format": Pipeline(
            [
                ("facts", FunctionTransformer(_container_facts)),
                ("clf", format_classifier()),
            ]
        ),
        "mfcc_svm": Pipeline(
            [
                ("load", WavLoader(n_jobs=n_jobs)),
                ("mfcc", MFCCStatistics()),
                ("scale", StandardScaler()),
                ("clf", SVC(C=10, class_weight="balanced")),
            ]
        ),
    }


def _container_facts(X):
    rows = []
    for clip in as_clips(X):
        with open_audio(clip.file) as sound:
            rows.append(
                {
                    "sample_rate": sound.samplerate,
                    "channels": sound.channels,
                    "n_bytes": os.path.getsize(clip.file),
                    "duration": sound.frames / sound.samplerate,
                    "container": sound.format,
                    "encoding": sound.subtype,
                }
            )
    return pd.DataFrame(rows)
