"""Pipelines from paths to labels, by name."""

from sklearn.pipeline import Pipeline

from skaudio.classifiers import CNN1DClassifier, EnhancedCNN1DClassifier
from skaudio.features import LogMelExtractor, WavLoader

PIPELINES = {
    "cnn1d": lambda random_state: CNN1DClassifier(random_state=random_state),
    "enhanced_cnn1d": lambda random_state: EnhancedCNN1DClassifier(
        optimizer="adamw",
        weight_decay=0.01,
        label_smoothing=0.1,
        class_weight="balanced",
        random_state=random_state,
    ),
}


def make_pipeline(name="enhanced_cnn1d", *, random_state=None, n_jobs=None):
    """Build an unfitted pipeline from paths to labels.

    Parameters
    ----------
    name : str, default="enhanced_cnn1d"
        One of `PIPELINES`: "cnn1d", the study's baseline, or "enhanced_cnn1d".
    random_state : int, RandomState or None, default=None
    n_jobs : int or None, default=None
        Threads that decode sound.

    Returns
    -------
    pipeline : Pipeline
        With the steps ``load``, ``mel`` and ``clf``. Give groups as
        ``pipeline.fit(paths, labels, clf__groups=groups)``.

    Examples
    --------
    >>> from skaudio.model_selection import make_pipeline
    >>> list(make_pipeline("cnn1d").named_steps)
    ['load', 'mel', 'clf']
    """
    if name not in PIPELINES:
        raise ValueError(f"{name!r} is no pipeline: expected one of {list(PIPELINES)}.")
    return Pipeline(
        [
            ("load", WavLoader(n_jobs=n_jobs)),
            ("mel", LogMelExtractor()),
            ("clf", PIPELINES[name](random_state)),
        ]
    )
