"""The study's enhanced 1-D convolutional network."""

from skaudio._utils.docstrings import documented_by
from skaudio.classifiers._base import AudioClassifier


@documented_by(AudioClassifier)
class EnhancedCNN1DClassifier(AudioClassifier):
    """The study's enhanced model: a 1-D convolutional net of middle size.

    Three convolutions along time, with the mel bands as channels, batch normalisation
    and dropout; the mean and the maximum over time; one dense layer. 0.39 million
    parameters at 128 bands and 13 classes.

    Each log-mel enters as two channels: sample-normalised and band-normalised. Training
    takes a random segment of 96 frames, prediction the whole clip; short clips are
    repeated instead of padded.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    CNN1DClassifier : The study's baseline.
    MelEnsembleClassifier : This net and others, their predictions averaged.
    LogMelExtractor : Makes its input; ``normalize="sample"`` is what it expects.

    References
    ----------
    D. Snyder et al., "X-vectors: robust DNN embeddings for speaker recognition", ICASSP
    2018, for statistics over time as pooling.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import EnhancedCNN1DClassifier, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> pipe = make_pipeline(
    ...     LogMelExtractor(n_mels=64, n_frames=100),
    ...     EnhancedCNN1DClassifier(
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

    _architecture = "enhanced_cnn1d"
