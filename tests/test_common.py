"""The contracts that every estimator of skaudio keeps."""

import importlib
import inspect
import pickle
import pkgutil
import subprocess
import sys
import tempfile

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils.estimator_checks import parametrize_with_checks
from tiny_weights import write_ast, write_clap, write_cnn14, write_wav2vec2

import skaudio
from skaudio import (
    AlexNetMelClassifier,
    ASTEmbedder,
    BirdNETEmbedder,
    BYOLAEncoder,
    CalibratedNoiseMixer,
    CNN1DClassifier,
    COLAEncoder,
    CORALAligner,
    EnhancedCNN1DClassifier,
    FineTunedClassifier,
    HTSATEmbedder,
    LogMelExtractor,
    MFCCStatistics,
    NoiseMixer,
    PANNsEmbedder,
    PrototypicalClassifier,
    PrototypicalNetClassifier,
    SimCLREncoder,
    SpecAugmenter,
    TransformerMelClassifier,
    ViewResampler,
    Wav2Vec2Embedder,
    WavLoader,
    YAMNetEmbedder,
)
from skaudio.classifiers import AudioClassifier
from skaudio.pretrained import WaveformEmbedder
from skaudio.self_supervised import SelfSupervisedEncoder

NOISE = [np.array([0.1, -0.1, 0.2])]
SMALL = dict(sample_rate=1000, n_mels=8, n_fft=64, hop_length=16)
FOLDER = tempfile.TemporaryDirectory()  # of tiny networks with random weights


class Weights(str):
    """A path shown without its folder, so that test names never change."""

    def __repr__(self):
        return repr(self.rpartition("/")[2])


def weights(write, name):
    return Weights(write(f"{FOLDER.name}/{name}"))


# The net takes inputs of any width, so one backbone serves all data of the checks.
BACKBONE = FrozenEstimator(
    COLAEncoder(max_epochs=1, random_state=0).fit(np.eye(8, 12, dtype=np.float32))
)
ESTIMATORS = [
    WavLoader(),
    LogMelExtractor(n_frames=6, **SMALL),
    MFCCStatistics(n_mfcc=4, **SMALL),
    BirdNETEmbedder(),
    YAMNetEmbedder(),
    PANNsEmbedder(weights(write_cnn14, "cnn14.pth"), sample_rate=16000),
    ASTEmbedder(weights(write_ast, "ast")),
    HTSATEmbedder(weights(write_clap, "clap"), sample_rate=16000),
    Wav2Vec2Embedder(weights(write_wav2vec2, "wav2vec2")),
    NoiseMixer(NOISE, sample_rate=1000, random_state=0),
    CalibratedNoiseMixer(NOISE, sample_rate=1000, random_state=0),
    SpecAugmenter(random_state=0),
    ViewResampler(random_state=0),
    CNN1DClassifier(max_epochs=10, random_state=0),
    EnhancedCNN1DClassifier(max_epochs=10, random_state=0),
    AlexNetMelClassifier(max_epochs=10, random_state=0),
    TransformerMelClassifier(max_epochs=10, random_state=0),
    PrototypicalClassifier(),
    CORALAligner(),
    PrototypicalNetClassifier(n_episodes=30, encoder="cnn1d", random_state=0),
    FineTunedClassifier(BACKBONE, max_epochs=10, random_state=0),
    SimCLREncoder(max_epochs=2, random_state=0),
    COLAEncoder("cnn1d", max_epochs=2, random_state=0),
    BYOLAEncoder("enhanced_cnn1d", max_epochs=2, random_state=0),
]
WEIGHTS = "batch normalisation: a weight of 2 does not equal a row given twice"
VIEWS = "fit_transform makes views, transform leaves clips as they are"
ROUNDING = "float32 attention differs by 2e-7 with the size of a batch"
SHIFT = "two features are a two-frame signal, and circular differences lose its order"


def expected_failures(estimator):
    if isinstance(estimator, (NoiseMixer, CalibratedNoiseMixer, SpecAugmenter)):
        return {
            "check_transformer_general": VIEWS,
            "check_transformer_data_not_an_array": VIEWS,
        }
    if not isinstance(estimator, AudioClassifier):
        return {}
    failures = {"check_sample_weight_equivalence_on_dense_data": WEIGHTS}
    if not isinstance(estimator, CNN1DClassifier):
        failures["check_classifiers_train"] = SHIFT
    if isinstance(estimator, TransformerMelClassifier):
        failures["check_methods_subset_invariance"] = ROUNDING
    return failures


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def public_estimators():
    found = set()
    for module in pkgutil.iter_modules(skaudio.__path__):
        if module.name.startswith("_") or not module.ispkg:
            continue
        package = importlib.import_module(f"skaudio.{module.name}")
        for name in getattr(package, "__all__", ()):
            value = getattr(package, name)
            if inspect.isclass(value) and issubclass(value, BaseEstimator):
                found.add(value)
    return found - {AudioClassifier, SelfSupervisedEncoder, WaveformEmbedder}


def test_every_public_estimator_is_checked_and_exported():
    assert public_estimators() == {type(estimator) for estimator in ESTIMATORS}
    for estimator in public_estimators():
        assert getattr(skaudio, estimator.__name__) is estimator


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_clone_pickle_and_documentation(estimator):
    assert clone(estimator).get_params().keys() == estimator.get_params().keys()
    assert type(pickle.loads(pickle.dumps(estimator))) is type(estimator)
    documentation = inspect.getdoc(type(estimator))
    for parameter in estimator.get_params(deep=False):
        assert parameter in documentation
    assert ">>>" in documentation and "{shared}" not in documentation


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_bad_parameters_name_parameter_and_value(estimator):
    X, y = np.ones((4, 40), np.float32), [0, 0, 1, 1]
    for parameter in estimator._parameter_constraints:
        bad = clone(estimator).set_params(**{parameter: {"no": "such"}.keys()})
        with pytest.raises(ValueError, match=f"'{parameter}' parameter.*Got dict_keys"):
            bad.fit(X, y)


def test_import_is_lazy():
    code = (
        "import sys, time; start = time.perf_counter(); import skaudio; "
        "print(sorted({'torch', 'sklearn', 'librosa', 'pandas'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
    assert {"WavLoader", "load_model", "datasets"} <= set(dir(skaudio))
    for name in skaudio.__all__:
        assert getattr(skaudio, name) is not None
