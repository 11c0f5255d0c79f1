"""A small fitted model of each kind that skaudio builds, and its input."""

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import (
    AlexNetMelClassifier,
    BYOLAEncoder,
    CNN1DClassifier,
    COLAEncoder,
    CORALAligner,
    FineTunedClassifier,
    FixMatchClassifier,
    LogMelExtractor,
    MFCCStatistics,
    PrototypicalClassifier,
    PrototypicalNetClassifier,
    SimCLREncoder,
    SpecAugmenter,
    TransformerMelClassifier,
    ViewResampler,
    WavLoader,
)
from skaudio.augment import Gain, MelShift, Mixup, TimeShift
from skaudio.classifiers import ClassBalancedLoss, FocalLoss
from skaudio.pipelines import (
    FEATURES,
    PIPELINES,
    audio_pipeline,
    baseline_pipelines,
    embedding_pipeline,
    reference_pipelines,
)

RNG = np.random.default_rng(0)
Y = np.repeat(["cat", "cow", "dog"], 4)
LOG_MELS = RNG.normal(size=(12, 32, 64)).astype(np.float32)
EMBEDDINGS = RNG.normal(size=(12, 20)) + np.repeat(np.eye(3, 20), 4, axis=0)
SHORT = dict(max_epochs=1, random_state=0, early_stopping=False)


def shortened(pipeline):
    """Give every network one epoch and every log-mel 16 bands."""
    values = {"max_epochs": 1, "n_mels": 16, "n_frames": 64, "random_state": 0}
    names = [
        name
        for name in pipeline.get_params()
        if name.rpartition("__")[2] in values and "augment" not in name
    ]
    return pipeline.set_params(
        **{name: values[name.rpartition("__")[2]] for name in names}
    )


def named_pipelines():
    """List the pipelines over sound files, of which only the network is fitted."""
    models = {name: audio_pipeline(name) for name in PIPELINES}
    for method in ("simclr", "cola", "byola"):
        name = f"transformer_mel_{method}"
        models[name] = reference_pipelines(pretrain=method)[name]
    for model in models.values():
        shortened(model)[-1].fit(LOG_MELS, Y)
    return models


def heads():
    """List pipelines over every set of embeddings, of which only the head is fitted."""
    models = {}
    for name in (*FEATURES, "birdnet,yamnet"):
        for head in ("logistic", "prototypes"):
            pipeline = embedding_pipeline(name, head, random_state=0)
            pipeline[-2:].fit(EMBEDDINGS, Y)
            models[f"{name} {head}"] = pipeline
    return models


def networks():
    """List classifiers and encoders over log-mels, fitted."""
    encoder = COLAEncoder("transformer_mel", max_epochs=1, random_state=0).fit(LOG_MELS)
    frozen = FrozenEstimator(encoder)
    labelled = Y.astype(object)
    labelled[::2] = None
    models = {
        "frozen encoder": TransformerMelClassifier(encoder=frozen, **SHORT),
        "unfitted encoder": TransformerMelClassifier(encoder=clone(encoder), **SHORT),
        "losses": CNN1DClassifier(loss=ClassBalancedLoss(0.9), sampler="balanced"),
        "augmenters": AlexNetMelClassifier(
            augment=[Gain(2), TimeShift(), MelShift(1), SpecAugmenter(), Mixup(0.3)],
            class_weight={"cat": 2.0, "cow": 1.0, "dog": 1.0},
            loss=FocalLoss(1.0),
        ),
        "random state": CNN1DClassifier(random_state=np.random.RandomState(3)),
        "prototypical net": PrototypicalNetClassifier(n_episodes=2, encoder="cnn1d"),
        "fine-tuned encoder": FineTunedClassifier(frozen, **SHORT),
        "simclr": SimCLREncoder("cnn1d", max_epochs=1),
        "byola": BYOLAEncoder("cnn1d", max_epochs=1),
    }
    models = {name: shortened(model) for name, model in models.items()}
    models["random state"].set_params(random_state=np.random.RandomState(3))
    fitted = {name: model.fit(LOG_MELS, Y) for name, model in models.items()}
    fitted["adapted"] = clone(models["losses"]).fit(LOG_MELS, Y).adapt(LOG_MELS + 1)
    fixmatch = FixMatchClassifier(CNN1DClassifier(**SHORT), confidence={"cat": 0.5})
    fitted["fixmatch"] = fixmatch.fit(LOG_MELS, labelled)
    continued = BYOLAEncoder("cnn1d", random_state=0)
    fitted["encoder that can go on"] = continued.partial_fit(LOG_MELS)
    return fitted


def others():
    """List what is fitted on rows, with numbers as labels among them."""
    aligner = make_pipeline(StandardScaler(), CORALAligner(), PrototypicalClassifier())
    aligner.fit(EMBEDDINGS, np.arange(12) % 3)
    aligner[1].adapt(aligner[:1].transform(EMBEDDINGS * 2))
    text = PrototypicalClassifier("euclidean").fit(EMBEDDINGS, Y.astype(object))
    majority = baseline_pipelines()["majority"].fit(EMBEDDINGS, Y)
    return {
        "aligned": aligner,
        "labels in an object array": text,
        "majority": majority,
    }


def untouched():
    """List what has no fit of its own, or was not fitted."""
    return {
        "features": make_pipeline(
            WavLoader(duration=1.0), LogMelExtractor(), MFCCStatistics()
        ),
        "resampler": ViewResampler({"cat": 9}),
    }
