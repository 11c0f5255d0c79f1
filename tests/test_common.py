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
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks
from tiny_weights import (
    write_ast,
    write_clap,
    write_cnn14,
    write_mobilenet,
    write_onnx,
    write_wav2vec2,
)

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
    EfficientATEmbedder,
    EnhancedCNN1DClassifier,
    FineTunedClassifier,
    FixMatchClassifier,
    GroupedCalibrator,
    GroupedLogisticRegressionCV,
    HTSATEmbedder,
    LogMelExtractor,
    MelEnsembleClassifier,
    MFCCStatistics,
    NoiseMixer,
    ONNXEmbedder,
    PANNsEmbedder,
    PrototypicalClassifier,
    PrototypicalNetClassifier,
    ResNetMelClassifier,
    SimCLREncoder,
    SpecAugmenter,
    StatisticsMelClassifier,
    TransformerMelClassifier,
    UnknownRejector,
    ViewResampler,
    Wav2Vec2Embedder,
    WavLoader,
    WindowClassifier,
    YAMNetEmbedder,
)
from skaudio.augment import BatchAugmenter, Gain, MelShift, Mixup, TimeShift
from skaudio.classifiers import AudioClassifier, ClassBalancedLoss, FocalLoss
from skaudio.export._known_classes import KNOWN, name_of
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
    EfficientATEmbedder(
        model_path=weights(write_mobilenet, "mobilenet.pt"), window=0.1, speeds=(1,)
    ),
    PANNsEmbedder(weights(write_cnn14, "cnn14.pth"), sample_rate=16000),
    ASTEmbedder(weights(write_ast, "ast")),
    HTSATEmbedder(weights(write_clap, "clap"), sample_rate=16000),
    Wav2Vec2Embedder(weights(write_wav2vec2, "wav2vec2")),
    ONNXEmbedder(weights(write_onnx, "own.onnx"), sample_rate=8000, window=0.1),
    NoiseMixer(NOISE, sample_rate=1000, random_state=0),
    CalibratedNoiseMixer(NOISE, sample_rate=1000, random_state=0),
    SpecAugmenter(random_state=0),
    ViewResampler(random_state=0),
    CNN1DClassifier(max_epochs=10, random_state=0),
    EnhancedCNN1DClassifier(max_epochs=10, random_state=0),
    AlexNetMelClassifier(max_epochs=10, random_state=0),
    ResNetMelClassifier(max_epochs=10, random_state=0),
    StatisticsMelClassifier(max_epochs=10, random_state=0),
    TransformerMelClassifier(max_epochs=10, random_state=0),
    MelEnsembleClassifier(
        [
            ("one", CNN1DClassifier(max_epochs=10)),
            ("other", CNN1DClassifier(max_epochs=10, early_stopping=False)),
        ],
        random_state=0,
    ),
    FixMatchClassifier(CNN1DClassifier(max_epochs=10, random_state=0)),
    PrototypicalClassifier(),
    GroupedLogisticRegressionCV(),
    CORALAligner(),
    PrototypicalNetClassifier(n_episodes=30, encoder="cnn1d", random_state=0),
    FineTunedClassifier(BACKBONE, max_epochs=10, random_state=0),
    WindowClassifier(
        make_pipeline(MFCCStatistics(n_mfcc=4, **SMALL), LogisticRegression()),
        NOISE,
        background_label=-1,
        sample_rate=1000,
        clip_duration=0.02,
        random_state=0,
    ),
    GroupedCalibrator(LogisticRegression(), random_state=0),
    UnknownRejector(LogisticRegression(), unknown_label=-1, random_state=0),
    SimCLREncoder(max_epochs=2, random_state=0),
    COLAEncoder("cnn1d", max_epochs=2, random_state=0),
    BYOLAEncoder("enhanced_cnn1d", max_epochs=2, random_state=0),
]
# Values of the parameters `augment` and `loss` of classifiers, which have no fit.
PARAMETERS = [
    ClassBalancedLoss(beta=0.9),
    FocalLoss(gamma=1.0),
    Gain(max_db=3.0),
    MelShift(max_bands=2),
    Mixup(alpha=0.3),
    TimeShift(max_shift=0.1),
]
WEIGHTS = "batch normalisation: a weight of 2 does not equal a row given twice"
VIEWS = "fit_transform makes views, transform leaves clips as they are"
ROUNDING = "float32 differs in the last digits with the size of a batch"
SHIFT = "two features are a two-frame signal, whose order random starts lose"
COUNTS = "folds and balanced weights count rows, whatever their weights"
BACKGROUND = "the windows of background are a class more"
UNKNOWN = "training clips are called unknown, by a label of the labels' kind"
MISSING = "-1 is no class: it marks rows without a label"


def expected_failures(estimator):
    if isinstance(estimator, (NoiseMixer, CalibratedNoiseMixer, SpecAugmenter)):
        return {
            "check_transformer_general": VIEWS,
            "check_transformer_data_not_an_array": VIEWS,
        }
    if isinstance(estimator, GroupedLogisticRegressionCV):
        return {"check_sample_weight_equivalence_on_dense_data": COUNTS}
    if isinstance(estimator, WindowClassifier):
        names = ["one_label", "classes", "train"]
        failures = {f"check_classifiers_{name}": BACKGROUND for name in names}
        return failures | {"check_methods_subset_invariance": ROUNDING}
    if isinstance(estimator, UnknownRejector):
        return {
            "check_classifiers_classes": UNKNOWN,
            "check_classifiers_train": UNKNOWN,
        }
    around = (FixMatchClassifier, MelEnsembleClassifier)  # CNN1DClassifier
    if not isinstance(estimator, (AudioClassifier, *around)):
        return {}
    failures = {"check_sample_weight_equivalence_on_dense_data": WEIGHTS}
    if not isinstance(estimator, (CNN1DClassifier, *around)):
        failures["check_classifiers_train"] = SHIFT
    if isinstance(estimator, FixMatchClassifier):
        failures["check_classifiers_classes"] = MISSING
    if isinstance(estimator, TransformerMelClassifier):
        failures["check_methods_subset_invariance"] = ROUNDING
    return failures


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def public_base_estimators():
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


def public_estimators():
    return {value for value in public_base_estimators() if hasattr(value, "fit")}


def test_what_has_no_fit_is_a_parameter_of_classifiers():
    without_fit = {type(one) for one in PARAMETERS} | {BatchAugmenter}
    assert public_base_estimators() - public_estimators() == without_fit


def test_every_public_estimator_is_checked_and_exported():
    assert public_estimators() == {type(estimator) for estimator in ESTIMATORS}
    for estimator in public_estimators():
        assert getattr(skaudio, estimator.__name__) is estimator


def test_every_public_estimator_may_be_in_a_model_file():
    in_files = {name_of(cls) for cls in public_base_estimators() - {BatchAugmenter}}
    assert in_files <= set(KNOWN)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_clone_pickle_and_documentation(estimator):
    assert clone(estimator).get_params().keys() == estimator.get_params().keys()
    assert type(pickle.loads(pickle.dumps(estimator))) is type(estimator)
    documentation = inspect.getdoc(type(estimator))
    for parameter in estimator.get_params(deep=False):
        assert parameter in documentation
    assert ">>>" in documentation and "{parameters}" not in documentation
    assert "{attributes}" not in documentation


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_bad_parameters_name_parameter_and_value(estimator):
    X, y = np.ones((4, 40), np.float32), [0, 0, 1, 1]
    for parameter in estimator._parameter_constraints:
        bad = clone(estimator).set_params(**{parameter: {"no": "such"}.keys()})
        with pytest.raises(ValueError, match=f"'{parameter}' parameter.*Got dict_keys"):
            bad.fit(X, y)


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: type(p).__name__)
def test_parameters_clone_pickle_set_and_document(parameter):
    ((name, value),) = parameter.get_params().items()
    for copy in (clone(parameter), pickle.loads(pickle.dumps(parameter))):
        assert type(copy) is type(parameter) and copy is not parameter
        assert copy.get_params() == {name: value}
        assert repr(copy) == f"{type(parameter).__name__}({name}={value})"
    changed = clone(parameter).set_params(**{name: 0.5})
    assert changed.get_params() == {name: 0.5} != parameter.get_params()
    with pytest.raises(ValueError, match="Invalid parameter 'such'"):
        changed.set_params(such=1)
    # A classifier clones it and reaches its parameter, by name.
    outer = "loss" if "Loss" in type(parameter).__name__ else "augment"
    classifier = CNN1DClassifier(**{outer: parameter})
    assert clone(classifier).get_params()[f"{outer}__{name}"] == value
    clone(classifier).set_params(**{f"{outer}__{name}": 0.5})
    assert parameter.get_params() == {name: value}
    documentation = inspect.getdoc(type(parameter))
    assert f"{name} :" in documentation and ">>>" in documentation


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: type(p).__name__)
@pytest.mark.parametrize("bad", [-1, "much", None])
def test_bad_values_of_parameters_are_named_in_fit(parameter, bad):
    X, y = np.ones((4, 8, 40), np.float32), [0, 0, 1, 1]
    ((name, _),) = parameter.get_params().items()
    parameter = clone(parameter).set_params(**{name: bad})
    option = "loss" if "Loss" in type(parameter).__name__ else "augment"
    own = f"'{name}' parameter of {type(parameter).__name__} must be"
    values = [parameter] if option == "loss" else [parameter, [parameter]]
    for value in values:
        classifier = CNN1DClassifier(early_stopping=False, **{option: value})
        with pytest.raises(ValueError, match=f"{own}.*Got {bad!r}"):
            classifier.fit(X, y)


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
