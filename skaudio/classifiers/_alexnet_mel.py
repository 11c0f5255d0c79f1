"""AlexNet over log-mels, made small enough for few clips."""

from skaudio._utils.docstrings import documented_by
from skaudio.classifiers._base import AudioClassifier


@documented_by(AudioClassifier)
class AlexNetMelClassifier(AudioClassifier):
    """AlexNet over log-mels, made small enough for few clips.

    The five convolutions of AlexNet (11 x 11 with stride 4, 5 x 5, three of 3 x 3) with
    its overlapping max pooling, a third as wide and with batch normalisation. Instead
    of AlexNet's two dense layers of 4096, it takes the mean and the maximum over time
    in each of four frequency ranges, then dropout and one dense layer: 0.44 million
    parameters at 13 classes, against AlexNet's 60.

    Each log-mel enters as two channels: sample-normalised and band-normalised. Training
    takes a random segment of 128 frames, prediction the whole clip; short clips are
    repeated instead of padded.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    EnhancedCNN1DClassifier : Smaller and faster, with convolutions along time only.
    TransformerMelClassifier : Attention instead of convolutions.
    LogMelExtractor : Makes its input; ``normalize="sample"`` is what it expects.

    References
    ----------
    A. Krizhevsky, I. Sutskever, G. E. Hinton, "ImageNet classification with deep
    convolutional neural networks", NIPS 2012.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import AlexNetMelClassifier, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> pipe = make_pipeline(
    ...     LogMelExtractor(n_mels=64, n_frames=100),
    ...     AlexNetMelClassifier(max_epochs=3, random_state=0),
    ... )
    >>> fit_parameters = {"alexnetmelclassifier__groups": calls.groups}
    >>> pipe = pipe.fit(calls.data, calls.target, **fit_parameters)
    >>> pipe.predict(calls.data[:2]).shape
    (2,)
    """

    _architecture = "alexnet_mel"
