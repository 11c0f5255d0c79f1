"""The classes that a model file may hold: a closed list, and those a user names."""

import importlib
import inspect

from sklearn.base import BaseEstimator

from skaudio._utils.model_files import ModelFileError

# By the names under which they are imported, which outlast a move of the code. They
# compute in Python, numpy and torch, where arrays of another shape raise; the compiled
# loops of trees and support vectors would read beyond their end.
KNOWN = (
    "imblearn.pipeline.Pipeline",
    "skaudio.augment.CalibratedNoiseMixer",
    "skaudio.augment.Gain",
    "skaudio.augment.MelShift",
    "skaudio.augment.Mixup",
    "skaudio.augment.NoiseMixer",
    "skaudio.augment.SpecAugmenter",
    "skaudio.augment.TimeShift",
    "skaudio.augment.ViewResampler",
    "skaudio.calibration.GroupedCalibrator",
    "skaudio.calibration.UnknownRejector",
    "skaudio.classifiers.AlexNetMelClassifier",
    "skaudio.classifiers.CNN1DClassifier",
    "skaudio.classifiers.ClassBalancedLoss",
    "skaudio.classifiers.EnhancedCNN1DClassifier",
    "skaudio.classifiers.FixMatchClassifier",
    "skaudio.classifiers.FocalLoss",
    "skaudio.classifiers.GroupedLogisticRegressionCV",
    "skaudio.classifiers.MelEnsembleClassifier",
    "skaudio.classifiers.PrototypicalClassifier",
    "skaudio.classifiers.PrototypicalNetClassifier",
    "skaudio.classifiers.ResNetMelClassifier",
    "skaudio.classifiers.StatisticsMelClassifier",
    "skaudio.classifiers.TransformerMelClassifier",
    "skaudio.classifiers.WindowClassifier",
    "skaudio.domain_adaptation.CORALAligner",
    "skaudio.features.LogMelExtractor",
    "skaudio.features.MFCCStatistics",
    "skaudio.features.WavLoader",
    "skaudio.fine_tuning.FineTunedClassifier",
    "skaudio.pretrained.ASTEmbedder",
    "skaudio.pretrained.BirdNETEmbedder",
    "skaudio.pretrained.EfficientATEmbedder",
    "skaudio.pretrained.HTSATEmbedder",
    "skaudio.pretrained.ONNXEmbedder",
    "skaudio.pretrained.PANNsEmbedder",
    "skaudio.pretrained.Wav2Vec2Embedder",
    "skaudio.pretrained.YAMNetEmbedder",
    "skaudio.self_supervised.BYOLAEncoder",
    "skaudio.self_supervised.COLAEncoder",
    "skaudio.self_supervised.SimCLREncoder",
    "sklearn.dummy.DummyClassifier",
    "sklearn.frozen.FrozenEstimator",
    "sklearn.linear_model.LogisticRegression",
    "sklearn.pipeline.FeatureUnion",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing.StandardScaler",
)
# Places on the disk of whoever saved a model. A loaded model must not write to a folder
# that its file names, nor open the pickles that joblib keeps there.
PLACES = ("cache_dir", "memory")


def name_of(cls):
    """Name a class in a file: as in `KNOWN`, else by its module."""
    package, leaf = cls.__module__.partition(".")[0], cls.__name__
    for name in KNOWN:
        same = name.startswith(f"{package}.") and name.endswith(f".{leaf}")
        if same and _imported(name) is cls:
            return name
    return f"{cls.__module__}.{cls.__qualname__}"


def known_class(name):
    """Import a class of `KNOWN`."""
    try:
        return _imported(name)
    except (ImportError, AttributeError) as error:
        raise ModelFileError(f"needs {name}, which is not installed") from error


def classes_by_name(trusted):
    """List the classes that a user trusts, by their names in files.

    Parameters
    ----------
    trusted : sequence of str or type
        Classes, or their names with the module.

    Returns
    -------
    classes : dict of str to type

    Raises
    ------
    ValueError
        Where an entry names no class of estimators.
    """
    if isinstance(trusted, (str, type)):
        trusted = [trusted]
    classes = {}
    for entry in trusted:
        cls = entry
        if isinstance(entry, str):
            try:
                cls = _imported(entry)
            except (ImportError, AttributeError, ValueError) as error:
                raise ValueError(
                    f"trusted has {entry!r}, which cannot be imported ({error}): "
                    "expected classes, or names such as 'my_package.MyTransformer'."
                ) from error
        if not inspect.isclass(cls) or not issubclass(cls, BaseEstimator):
            raise ValueError(
                f"trusted has {entry!r}: expected subclasses of scikit-learn's "
                "BaseEstimator, or their names, such as 'my_package.MyTransformer'."
            )
        classes[name_of(cls)] = cls
    return classes


def check_attribute(cls, name):
    """Raise where an attribute of a state would hide a method of its class."""
    special = not name.isidentifier() or name.startswith("__")
    own = getattr(cls, name, None)
    if special or callable(own) or isinstance(own, property):
        raise ModelFileError(
            f"{cls.__name__} has an attribute {name!r}, which is no parameter and "
            "hides what its class has"
        )


def _imported(name):
    module, _, leaf = name.rpartition(".")
    return getattr(importlib.import_module(module), leaf)
