"""The pipelines of the study, from paths to labels."""

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skaudio.augment import CalibratedNoiseMixer, NoiseMixer, SpecAugmenter
from skaudio.classifiers import (
    AlexNetMelClassifier,
    CNN1DClassifier,
    EnhancedCNN1DClassifier,
    TransformerMelClassifier,
)
from skaudio.datasets._wind import make_wind
from skaudio.features import LogMelExtractor, WavLoader
from skaudio.model_selection._embedding_pipelines import (
    FEATURES,
    HEADS,
    embedding_pipeline,
)
from skaudio.model_selection._few_clips import FEW_CLIPS
from skaudio.selfsupervised import BYOLAEncoder, COLAEncoder, SimCLREncoder

PIPELINES = (
    "cnn1d",
    "cnn1d_simple_noise",
    "alexnet_mel",
    "transformer_mel",
    "enhanced_cnn1d",
)

# Passes over the training clips before their labels are used.
_ENCODER_EPOCHS = 30
PRETRAININGS = {"simclr": SimCLREncoder, "cola": COLAEncoder, "byola": BYOLAEncoder}


def reference_pipelines(noise=None, random_state=None, *, n_jobs=None, pretrain=None):
    """Build the five pipelines that the study compared, as skaudio would have them.

    Parameters
    ----------
    noise : folder, list of files or arrays, or None, default=None
        Noise for the two pipelines that mix it in, as `CalibratedNoiseMixer` takes it.
        None is synthetic wind.
    random_state : int, RandomState or None, default=None
    n_jobs : int or None, default=None
        Threads that decode sound.
    pretrain : {"simclr", "cola", "byola"} or None, default=None
        Adds ``transformer_mel_simclr`` (or as named) beside ``transformer_mel``: the
        same, started from an encoder that each fit first trains on its own training
        clips without their labels, as the study did with SimCLR.

    Returns
    -------
    pipelines : dict of name to Pipeline
        ``cnn1d``, ``cnn1d_simple_noise``, ``alexnet_mel``, ``transformer_mel``,
        ``enhanced_cnn1d``. Each has the steps ``load``, ``mel`` and ``clf``, and where
        noise is mixed in ``noise`` before ``mel``. Give groups as
        ``pipeline.fit(paths, labels, clf__groups=groups)``.

    See Also
    --------
    ablate : Compares them.

    Examples
    --------
    >>> from skaudio.model_selection import reference_pipelines
    >>> pipelines = reference_pipelines(random_state=0)
    >>> list(pipelines["enhanced_cnn1d"].named_steps)
    ['load', 'noise', 'mel', 'clf']
    """
    if pretrain is not None and pretrain not in PRETRAININGS:
        raise ValueError(
            f"pretrain={pretrain!r}: expected None or one of {list(PRETRAININGS)}."
        )
    if noise is None:
        noise = _synthetic_wind()
    recipe = dict(
        **FEW_CLIPS,
        max_epochs=35,
        lr=0.002,
        augment=SpecAugmenter(),
        random_state=random_state,
    )
    simple = NoiseMixer(noise, random_state=random_state)
    calibrated = CalibratedNoiseMixer(noise, random_state=random_state)
    baseline = CNN1DClassifier(random_state=random_state)
    alexnet = AlexNetMelClassifier(**recipe)
    transformer = TransformerMelClassifier(
        **recipe | {"max_epochs": 40, "mixup_alpha": 0.2}
    )
    enhanced = EnhancedCNN1DClassifier(**recipe)
    steps = {
        "cnn1d": (None, baseline),
        "cnn1d_simple_noise": (simple, CNN1DClassifier(random_state=random_state)),
        "alexnet_mel": (None, alexnet),
        "transformer_mel": (None, transformer),
        "enhanced_cnn1d": (calibrated, enhanced),
    }
    if pretrain is not None:
        encoder = PRETRAININGS[pretrain](
            "transformer_mel", max_epochs=_ENCODER_EPOCHS, random_state=random_state
        )
        started = clone(transformer).set_params(pretrain=encoder)
        steps[f"transformer_mel_{pretrain}"] = (None, started)
    return {
        name: Pipeline(
            [("load", WavLoader(n_jobs=n_jobs))]
            + ([("noise", mixer)] if mixer is not None else [])
            + [("mel", LogMelExtractor()), ("clf", classifier)]
        )
        for name, (mixer, classifier) in steps.items()
    }


def make_pipeline(
    name=None, *, features=None, noise=None, random_state=None, n_jobs=None
):
    """Build a pipeline from paths to labels by the name of its classifier, unfitted.

    Parameters
    ----------
    name : str or None, default=None
        A network of `PIPELINES`, or with `features` one of `HEADS`. None is
        "enhanced_cnn1d", with `features` "logistic".
    features : str, sequence of str or None, default=None
        Pretrained features under a head, as `embedding_pipeline` takes them.
    noise, random_state, n_jobs
        As in `reference_pipelines`; a head takes no noise.

    Returns
    -------
    pipeline : Pipeline

    Examples
    --------
    >>> from skaudio.model_selection import make_pipeline
    >>> list(make_pipeline("cnn1d").named_steps)
    ['load', 'mel', 'clf']
    >>> list(make_pipeline("logistic", features="birdnet").named_steps)
    ['load', 'embed', 'scale', 'clf']
    """
    if name is None:
        name = "enhanced_cnn1d" if features is None else "logistic"
    if name in HEADS:
        if features is None:
            some = "yamnet" if name == "fine_tuned" else ", ".join(FEATURES)
            raise ValueError(
                f"{name!r} is a head on pretrained features: expected features, "
                f"some of {some}."
            )
        if noise is not None:
            raise ValueError(
                f"{name!r} takes no noise: a head hears what the networks make of the "
                "clips as they are. ('fine_tuned' could: put CalibratedNoiseMixer "
                "before its last step.)"
            )
        return embedding_pipeline(
            features, name, random_state=random_state, n_jobs=n_jobs
        )
    if name not in PIPELINES:
        expected = ", ".join([*PIPELINES, *HEADS])
        raise ValueError(f"{name!r} is no pipeline: expected one of {expected}.")
    if features is not None:
        raise ValueError(
            f"{name!r} hears the sound itself and takes no features ({features!r}): "
            f"expected one of {', '.join(HEADS)}."
        )
    return reference_pipelines(noise, random_state, n_jobs=n_jobs)[name]


def _synthetic_wind(n_winds=4, seconds=5, sample_rate=16000):
    random_state = np.random.RandomState(0)
    return [
        (0.1 * make_wind(seconds * sample_rate, sample_rate, random_state)).astype(
            np.float32
        )
        for _ in range(n_winds)
    ]
