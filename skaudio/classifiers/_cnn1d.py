"""The study's baseline: a small convolutional net along time."""

from skaudio._utils.docstrings import documented_by
from skaudio.classifiers._base import AudioClassifier


@documented_by(AudioClassifier)
class CNN1DClassifier(AudioClassifier):
    """The study's baseline: a small 1-D convolutional net over log-mels.

    Convolutions of 32 and 64 channels, kernel 3, along time, each with batch
    normalisation and max pooling by 2; dropout 0.3; a dense layer of 128; dropout 0.4.
    About 1.04 million parameters at 128 x 500, nearly all in the dense layer.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    EnhancedCNN1DClassifier : More accurate on few and short clips.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import CNN1DClassifier, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> pipe = make_pipeline(
    ...     LogMelExtractor(n_mels=64, n_frames=100),
    ...     CNN1DClassifier(max_epochs=10, random_state=0),
    ... )
    >>> pipe = pipe.fit(calls.data, calls.target, cnn1dclassifier__groups=calls.groups)
    >>> pipe.predict_proba(calls.data[:2]).shape
    (2, 3)
    """

    _architecture = "cnn1d"
