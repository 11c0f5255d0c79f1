"""A small residual network over log-mels."""

from skaudio._utils.docstrings import documented_by
from skaudio.classifiers._base import AudioClassifier


@documented_by(AudioClassifier)
class ResNetMelClassifier(AudioClassifier):
    """A small residual network over log-mels.

    A convolution of 5 x 5 with stride 2, four stages of one residual block with 32 to
    192 channels, then the mean and the maximum over time in each of four frequency
    ranges, dropout and one dense layer: 0.91 million parameters at 13 classes.

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
    AlexNetMelClassifier : Smaller, and five times as fast.
    MelEnsembleClassifier : Averages it with other nets.
    LogMelExtractor : Makes its input; ``normalize="sample"`` is what it expects.

    References
    ----------
    K. He et al., "Deep residual learning for image recognition", CVPR 2016.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import ResNetMelClassifier, LogMelExtractor
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> pipe = make_pipeline(
    ...     LogMelExtractor(n_mels=64, n_frames=100),
    ...     ResNetMelClassifier(
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

    _architecture = "resnet_mel"
