"""Models that the tests of reports fit on `calls` and `clips`."""

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import CNN1DClassifier, LogMelExtractor, MFCCStatistics


def linear(**options):
    return make_pipeline(
        MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression(**options)
    )


def network():
    return make_pipeline(
        LogMelExtractor(n_mels=16, n_frames=40), CNN1DClassifier(max_epochs=2)
    )
