"""An estimator that gets clips or waveforms as they are says which step is missing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skaudio.augment import SpecAugmenter
from skaudio.classifiers import (
    CNN1DClassifier,
    GroupedLogisticRegressionCV,
    PrototypicalClassifier,
    PrototypicalNetClassifier,
)
from skaudio.domain_adaptation import CORALAligner
from skaudio.features import LogMelExtractor, MFCCStatistics

FILES = [f"clips/cow {number}.wav" for number in range(4)]
PATHS = {
    "list": FILES,
    "array": np.array(FILES),
    "Series": pd.Series(FILES),
    "column": np.array(FILES, dtype=object)[:, None],
    "Path": [Path(file) for file in FILES],
    "table": pd.DataFrame({"file": FILES, "start_time": 0.0, "end_time": 1.0}),
}
STEPS = {
    CNN1DClassifier: "LogMelExtractor",
    PrototypicalNetClassifier: "LogMelExtractor",
    SpecAugmenter: "LogMelExtractor",
    GroupedLogisticRegressionCV: "embedder",
    PrototypicalClassifier: "embedder",
    CORALAligner: "embedder",
    LogMelExtractor: "WavLoader",
    MFCCStatistics: "WavLoader",
}


@pytest.mark.parametrize("form", PATHS)
@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.__name__)
def test_paths_are_refused_with_the_missing_step(kind, form):
    with pytest.raises(ValueError, match="WavLoader") as error:
        kind().fit(PATHS[form], ["cow", "dog"] * 2)
    message = str(error.value)
    assert kind.__name__ in message and FILES[0] in message
    assert STEPS[kind] in message and "\n" not in message


@pytest.mark.parametrize("kind", [CNN1DClassifier, PrototypicalClassifier])
def test_waveforms_are_refused_with_the_missing_step(kind):
    clips = np.empty(4, object)
    clips[:] = [np.zeros(1000 + row, np.float32) for row in range(4)]
    with pytest.raises(ValueError, match="waveforms") as error:
        kind().fit(clips, ["cow", "dog"] * 2)
    assert STEPS[kind] in str(error.value) and "WavLoader" not in str(error.value)


def test_predict_says_it_too():
    model = PrototypicalClassifier().fit(np.eye(4), ["cow", "dog"] * 2)
    with pytest.raises(ValueError, match=r"put a WavLoader and an embedder before it"):
        model.predict(FILES)
