"""Small pipelines on waveforms that the tests of this folder share."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import CNN1DClassifier, LogMelExtractor, MFCCStatistics

WIND = [np.random.RandomState(0).randn(8000).astype(np.float32)]


def linear(**options):
    return make_pipeline(
        MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression(**options)
    )


def network(**options):
    options = {"max_epochs": 2} | options
    return make_pipeline(
        LogMelExtractor(n_mels=16, n_frames=40), CNN1DClassifier(**options)
    )
