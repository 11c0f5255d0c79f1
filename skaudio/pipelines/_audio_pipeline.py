"""A pipeline from paths to labels, by the name of its classifier."""

from skaudio._utils.choices import one_of
from skaudio.calibration import GroupedCalibrator
from skaudio.pipelines._baseline_pipelines import baseline_pipelines
from skaudio.pipelines._default_classifier import default_classifier
from skaudio.pipelines._embedding_pipeline import FEATURES, HEADS, embedding_pipeline
from skaudio.pipelines._reference_pipelines import PIPELINES, reference_pipelines


def audio_pipeline(
    name=None,
    *,
    features=None,
    noise=None,
    calibration=None,
    random_state=None,
    n_jobs=None,
):
    """Build a pipeline from paths to labels by the name of its classifier, unfitted.

    Parameters
    ----------
    name : str or None, default=None
        A network of `PIPELINES`, or with `features` one of `HEADS`. None is
        `default_classifier`; with `features`, "logistic".
    features : str, sequence of str or None, default=None
        Pretrained embeddings for a head, as `embedding_pipeline` takes them.
    noise, random_state, n_jobs
        As in `reference_pipelines`; a head takes no noise.
    calibration : {"temperature"} or None, default=None
        "temperature" puts the classifier into a `GroupedCalibrator`, which makes its
        probabilities right, in five more fits. Its parameters are then those of
        ``clf__estimator``: ``pipeline.set_params(clf__estimator__max_epochs=10)``.

    Returns
    -------
    pipeline : Pipeline
        Takes paths; its last step is ``clf``.

    Raises
    ------
    ValueError
        Where the name is unknown, or a head comes without features, with noise, or
        features without a head.

    See Also
    --------
    named_pipelines : Builds several, by their names.
    baseline_pipelines : Builds "majority", "metadata" and "mfcc_svm".

    Examples
    --------
    >>> from skaudio.pipelines import audio_pipeline
    >>> list(audio_pipeline("cnn1d").named_steps)
    ['load', 'mel', 'clf']
    >>> list(audio_pipeline("logistic", features="birdnet").named_steps)
    ['load', 'embed', 'scale', 'clf']
    >>> calibrated = audio_pipeline("cnn1d", calibration="temperature")
    >>> calibrated["clf"]
    GroupedCalibrator(estimator=CNN1DClassifier())
    """
    one_of("calibration", calibration, (None, "temperature"))
    if name is None and features is None:
        name, features = default_classifier(noise)
    elif name is None:
        name = "logistic"
    pipeline = _uncalibrated(name, features, noise, random_state, n_jobs)
    if calibration is not None:
        calibrator = GroupedCalibrator(pipeline["clf"], random_state=random_state)
        pipeline.set_params(clf=calibrator)
    return pipeline


def _uncalibrated(name, features, noise, random_state, n_jobs):
    if name in HEADS:
        if features is None:
            some = "yamnet" if name == "fine_tuned" else ", ".join(FEATURES)
            raise ValueError(
                f"{name!r} is a head on pretrained embeddings: expected features, "
                f"some of {some}."
            )
        if noise is not None:
            raise ValueError(
                f"{name!r} takes no noise: a head is fitted on embeddings of the clean "
                "clips. For 'fine_tuned' put CalibratedNoiseMixer before the last step."
            )
        return embedding_pipeline(
            features, name, random_state=random_state, n_jobs=n_jobs
        )
    if name not in PIPELINES:
        if name in baseline_pipelines():
            raise ValueError(
                f"{name!r} is a baseline, which takes nothing: expected "
                f"baseline_pipelines()[{name!r}]."
            )
        expected = ", ".join([*PIPELINES, *HEADS])
        raise ValueError(f"{name!r} is no pipeline: expected one of {expected}.")
    if features is not None:
        raise ValueError(
            f"{name!r} takes no features ({features!r}): expected one of "
            f"{', '.join(HEADS)}."
        )
    return reference_pipelines(noise, random_state, n_jobs=n_jobs)[name]
