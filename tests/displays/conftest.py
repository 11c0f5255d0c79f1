import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import CNN1DClassifier, LogMelExtractor, MFCCStatistics
from skaudio.model_selection import cross_validated_report


@pytest.fixture(autouse=True)
def figures():
    matplotlib.use("Agg")
    yield
    pyplot.close("all")


@pytest.fixture(scope="session")
def predictions():
    classes = np.array(["Bear", "Cat", "Cow"])
    rng = np.random.default_rng(0)
    y = rng.choice(classes, 60, p=[0.6, 0.3, 0.1])
    return y, {
        name: np.where(rng.random(60) < right, y, rng.choice(classes, 60))
        for name, right in {"one": 0.5, "other": 0.8, "third": 0.6}.items()
    }


@pytest.fixture(scope="session")
def linear():
    return make_pipeline(
        MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression()
    )


@pytest.fixture(scope="session")
def net_report(calls):
    net = make_pipeline(
        LogMelExtractor(n_mels=16, n_frames=130), CNN1DClassifier(max_epochs=3)
    )
    return cross_validated_report(
        net, calls.data, calls.target, calls.groups, cv=3, random_state=0, name="net"
    )
