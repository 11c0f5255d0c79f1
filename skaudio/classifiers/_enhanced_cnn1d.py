"""Convolutions along time, statistics over time, and AlexNet: for few, short clips."""

from skaudio._nets.enhanced_cnn1d import EnhancedCNN1D
from skaudio.classifiers._base import AudioClassifier


class EnhancedCNN1DClassifier(AudioClassifier):
    """The mean prediction of three towers, made for few and short clips.

    The first is a 1-D convolutional net: three convolutions along time, the mean and
    the maximum over time, one dense layer. The second takes statistics over time of
    fixed filters (bands, cepstra and their changes) and one hidden layer. The third is
    `AlexNetMelClassifier`, whose small convolutions over time and frequency tolerate
    shifts in pitch. Each is trained on its own loss. The prediction is the mean of
    their probabilities, since their errors fall on different clips. 1.03 million
    parameters at 128 bands and 13 classes.

    Each log-mel enters as two channels: sample-normalised and band-normalised. Training
    takes a random segment of 160 frames, prediction the whole clip; short clips are
    repeated instead of padded. Trains well without validation rows: see Examples.

    {shared}

    See Also
    --------
    CNN1DClassifier : The study's baseline.
    AlexNetMelClassifier : The third tower alone.
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
    ...         max_epochs=5,
    ...         lr_schedule="one_cycle",
    ...         early_stopping=False,
    ...         random_state=0,
    ...     ),
    ... )
    >>> pipe = pipe.fit(calls.data, calls.target)
    >>> pipe.predict(calls.data[:2]).shape
    (2,)
    """

    _module = EnhancedCNN1D
