"""The pipelines of the study, from paths to labels."""

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skaudio._nets.devices import present_device
from skaudio.augment import (
    CalibratedNoiseMixer,
    MelShift,
    Mixup,
    NoiseMixer,
    SpecAugmenter,
    list_noise_files,
)
from skaudio.classifiers import (
    AlexNetMelClassifier,
    CNN1DClassifier,
    EnhancedCNN1DClassifier,
    MelEnsembleClassifier,
    ResNetMelClassifier,
    StatisticsMelClassifier,
    TransformerMelClassifier,
)
from skaudio.datasets import make_wind
from skaudio.features import LogMelExtractor, WavLoader
from skaudio.pipelines._few_clips import FEW_CLIPS
from skaudio.self_supervised import BYOLAEncoder, COLAEncoder, SimCLREncoder

PIPELINES = (
    "cnn1d",
    "cnn1d_simple_noise",
    "alexnet_mel",
    "transformer_mel",
    "enhanced_cnn1d",
    "resnet_mel",
    "mel_ensemble",
)

# Epochs on the training clips without their labels.
_ENCODER_EPOCHS = 30
PRETRAININGS = {"simclr": SimCLREncoder, "cola": COLAEncoder, "byola": BYOLAEncoder}


def reference_pipelines(
    noise=None, random_state=None, *, n_jobs=None, pretrain=None, device="cpu"
):
    """Build skaudio's versions of the study's five pipelines, and two of its own.

    Parameters
    ----------
    noise : folder, list of files or arrays, or None, default=None
        For the pipelines that mix noise in, as `CalibratedNoiseMixer` takes it.
        None is synthetic wind.
    random_state : int, RandomState or None, default=None
    n_jobs : int or None, default=None
        Threads that decode audio, and processes that train the networks of
        ``mel_ensemble``.
    pretrain : {"simclr", "cola", "byola"} or None, default=None
        Adds ``transformer_mel_simclr`` (or ``_cola``, ``_byola``): ``transformer_mel``
        started from an encoder that each fit first trains on its own training clips
        without their labels, as the study did with SimCLR.
    device : str, default="cpu"
        Torch device of the networks, such as "cuda", where a fit is not the same each
        time.

    Returns
    -------
    pipelines : dict of name to Pipeline
        ``cnn1d``, ``cnn1d_simple_noise``, ``alexnet_mel``, ``transformer_mel``,
        ``enhanced_cnn1d`` of the study; ``resnet_mel``, and ``mel_ensemble``, whose
        networks are trained apart. Each has the steps ``load``, ``mel`` and ``clf``,
        and where noise is mixed in ``noise`` before ``mel``. Pass groups as
        ``pipeline.fit(paths, labels, clf__groups=groups)``.

    See Also
    --------
    ablate : Compares them.

    Examples
    --------
    >>> from skaudio.pipelines import reference_pipelines
    >>> pipelines = reference_pipelines(random_state=0)
    >>> list(pipelines["enhanced_cnn1d"].named_steps)
    ['load', 'noise', 'mel', 'clf']
    """
    if pretrain is not None and pretrain not in PRETRAININGS:
        raise ValueError(
            f"pretrain={pretrain!r}: expected None or one of {list(PRETRAININGS)}."
        )
    present_device(device)  # raises where it is absent, before any training
    if noise is None:
        noise = _synthetic_wind()
    else:
        list_noise_files(noise)  # raises where there are none, before any training
    recipe = dict(
        **FEW_CLIPS,
        max_epochs=35,
        lr=0.002,
        augment=SpecAugmenter(),
        device=device,
        random_state=random_state,
    )
    simple = NoiseMixer(noise, random_state=random_state)
    calibrated = CalibratedNoiseMixer(noise, random_state=random_state)
    plain = CNN1DClassifier(device=device, random_state=random_state)
    alexnet = AlexNetMelClassifier(**recipe)
    transformer = TransformerMelClassifier(
        **recipe | {"max_epochs": 40, "augment": [SpecAugmenter(), Mixup(0.2)]}
    )
    enhanced = EnhancedCNN1DClassifier(**recipe)
    shifted = recipe | {"augment": [MelShift(6), SpecAugmenter()]}
    resnet = ResNetMelClassifier(**shifted)
    members = [
        ("cnn1d", EnhancedCNN1DClassifier(**shifted)),
        # Masks and shifts do not help it.
        ("statistics", StatisticsMelClassifier(**recipe | {"augment": None})),
        ("alexnet", AlexNetMelClassifier(**shifted)),
    ]
    ensemble = MelEnsembleClassifier(members, random_state=random_state, n_jobs=n_jobs)
    steps = {
        "cnn1d": (None, plain),
        "cnn1d_simple_noise": (simple, clone(plain)),
        "alexnet_mel": (None, alexnet),
        "transformer_mel": (None, transformer),
        "enhanced_cnn1d": (calibrated, enhanced),
        "resnet_mel": (calibrated, resnet),
        "mel_ensemble": (calibrated, ensemble),
    }
    if pretrain is not None:
        encoder = PRETRAININGS[pretrain](
            "transformer_mel",
            max_epochs=_ENCODER_EPOCHS,
            device=device,
            random_state=random_state,
        )
        started = clone(transformer).set_params(encoder=encoder)
        steps[f"transformer_mel_{pretrain}"] = (None, started)
    return {
        name: Pipeline(
            [("load", WavLoader(n_jobs=n_jobs))]
            + ([("noise", mixer)] if mixer is not None else [])
            + [("mel", LogMelExtractor()), ("clf", classifier)]
        )
        for name, (mixer, classifier) in steps.items()
    }


def _synthetic_wind(n_winds=4, seconds=5, sample_rate=16000):
    random_state = np.random.RandomState(0)
    return [
        (0.1 * make_wind(seconds * sample_rate, sample_rate, random_state)).astype(
            np.float32
        )
        for _ in range(n_winds)
    ]
