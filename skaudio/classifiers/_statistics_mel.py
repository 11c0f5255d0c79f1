"""A dense network over statistics over time."""

from skaudio._utils.docstrings import documented_by
from skaudio.classifiers._base import AudioClassifier


@documented_by(AudioClassifier)
class StatisticsMelClassifier(AudioClassifier):
    """A dense net over statistics over time of fixed filters.

    Means, deviations and percentiles over time of the mel bands, of 40 cepstral
    coefficients and of their changes, then one hidden layer of 256: 0.20 million
    parameters at 128 bands and 13 classes. Fast, and its errors fall on other clips
    than those of convolutional nets.

    Training takes a random segment of 160 frames, prediction the whole clip; short
    clips are repeated instead of padded.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    MelEnsembleClassifier : Averages it with other nets.
    MFCCStatistics : Statistics for any classifier.
    LogMelExtractor : Makes its input; ``normalize="sample"`` is what it expects.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import StatisticsMelClassifier, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> pipe = make_pipeline(
    ...     LogMelExtractor(n_mels=64, n_frames=100),
    ...     StatisticsMelClassifier(
    ...         max_epochs=3,
    ...         lr_schedule="one_cycle",
    ...         early_stopping=False,
    ...         random_state=0,
    ...     ),
    ... )
    >>> pipe = pipe.fit(calls.data, calls.target)
    >>> pipe.predict(calls.data[:2]).shape
    (2,)
    """

    _architecture = "statistics_mel"
