"""Classifiers on pretrained embeddings, from paths to labels."""

from collections.abc import Iterable

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import StandardScaler

from skaudio.classifiers import GroupedLogisticRegressionCV, PrototypicalClassifier
from skaudio.features import WavLoader
from skaudio.fine_tuning import FineTunedClassifier
from skaudio.pipelines._few_clips import FEW_CLIPS
from skaudio.pretrained import EMBEDDERS, YAMNetEmbedder

HEADS = ("logistic", "logistic_cv", "prototypes", "fine_tuned")

FEATURES = tuple(EMBEDDERS)


def embedding_pipeline(features, head="logistic", *, random_state=None, n_jobs=None):
    """Build a classifier on pretrained embeddings.

    For a shallow head each clip is embedded at its own and at double speed (for
    BirdNET, trained on the high calls of birds, also at four times its speed), with the
    maximum over all windows, for EfficientAT the mean: chosen by grouped
    cross-validation on the study's 13 animals.

    Parameters
    ----------
    features : str or sequence of str
        Of "efficientat", "birdnet", "yamnet", "panns", "ast", "htsat", "wav2vec2";
        several, or names separated by commas, are concatenated.
    head : {"logistic", "logistic_cv", "prototypes", "fine_tuned"}, default="logistic"
        On standardised features balanced logistic regression with ``C=0.01``; the same
        with a C that each fit chooses by grouped cross-validation of its clips
        (`GroupedLogisticRegressionCV`), for better probabilities; or
        `PrototypicalClassifier`, which learns from one clip per class and can add
        classes later. "fine_tuned" trains the network itself further
        (`FineTunedClassifier`), only for "yamnet".
    random_state : int, RandomState or None, default=None
    n_jobs : int or None, default=None
        Threads that decode and embed.

    Returns
    -------
    pipeline : Pipeline
        Takes paths. Its steps are ``load``, ``embed``, ``scale`` and ``clf``; for
        several features ``embed`` is a FeatureUnion of pipelines that load and embed;
        for "fine_tuned" the steps are ``load`` and ``clf``.

    See Also
    --------
    audio_pipeline : Builds all pipelines by name.

    Examples
    --------
    >>> from skaudio.pipelines import embedding_pipeline
    >>> pipeline = embedding_pipeline(["birdnet", "yamnet"])
    >>> list(pipeline.named_steps), list(pipeline["embed"].named_transformers)
    (['embed', 'scale', 'clf'], ['birdnet', 'yamnet'])
    """
    features = features.split(",") if isinstance(features, str) else features
    if not isinstance(features, Iterable) or not all(
        isinstance(name, str) for name in features
    ):
        raise ValueError(
            f"features={features!r}: expected names, some of {', '.join(FEATURES)}."
        )
    features = [name.strip() for name in features]
    unknown = [name for name in features if name not in FEATURES]
    if unknown or not features or len(set(features)) < len(features):
        raise ValueError(
            f"features={features!r}: expected some of {', '.join(FEATURES)}, each once."
        )
    if head not in HEADS:
        raise ValueError(f"head={head!r}: expected one of {', '.join(HEADS)}.")
    if head == "fine_tuned":
        return _fine_tuned(features, random_state, n_jobs)
    branches = [(name, _branch(name, n_jobs)) for name in features]
    first = branches[0][1].steps
    if len(branches) > 1:
        first = [("embed", FeatureUnion(branches))]
    return Pipeline(
        [*first, ("scale", StandardScaler()), ("clf", _head(head, random_state))]
    )


def _branch(name, n_jobs):
    embedder = EMBEDDERS[name](
        pooling="mean" if name == "efficientat" else "max",
        speeds=(1, 2, 4) if name == "birdnet" else (1, 2),
        n_jobs=n_jobs,
    )
    return Pipeline(
        [
            ("load", WavLoader(sample_rate=embedder.sample_rate, n_jobs=n_jobs)),
            ("embed", embedder),
        ]
    )


def _fine_tuned(features, random_state, n_jobs):
    if features != ["yamnet"]:
        raise ValueError(
            f"features={features!r} with head 'fine_tuned': expected 'yamnet', for "
            "which its parameters were chosen; for others build a FineTunedClassifier."
        )
    classifier = FineTunedClassifier(
        YAMNetEmbedder(n_jobs=n_jobs),
        window=5.0,
        # Freezing a third of the layers halves the training time.
        n_frozen_layers=4,
        lr_decay=1.0,
        max_epochs=10,
        **FEW_CLIPS,
        random_state=random_state,
    )
    return Pipeline([("load", WavLoader(n_jobs=n_jobs)), ("clf", classifier)])


def _head(name, random_state):
    if name == "prototypes":
        return PrototypicalClassifier()
    if name == "logistic_cv":
        return GroupedLogisticRegressionCV()
    # Thousands of features and tens of clips need a strong penalty.
    return LogisticRegression(
        C=0.01, class_weight="balanced", max_iter=1000, random_state=random_state
    )
