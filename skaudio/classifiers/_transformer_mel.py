"""A transformer over patches of log-mels."""

from skaudio._utils.docstrings import documented_by
from skaudio.classifiers._base import AudioClassifier


@documented_by(AudioClassifier)
class TransformerMelClassifier(AudioClassifier):
    """A small transformer over patches of log-mels, trained from scratch.

    One token for each patch of 16 bands x 16 frames, as in the Audio Spectrogram
    Transformer, but computed by three convolutions with max pooling instead of one
    linear map: the hybrid of Dosovitskiy et al. (2021), without which accuracy on few
    clips is low. Positions are learned separately for bands and for time. A pre-norm
    encoder of 2 layers, 128 wide, with 4 heads; training leaves out a quarter of the
    patches (Koutini et al. 2022). The mean and the maximum over the tokens; dropout
    0.3; one dense layer. 0.42 million parameters at 128 x 500 and 13 classes.

    Each log-mel enters as two channels: sample-normalised and band-normalised. Training
    takes a random segment of 128 frames, prediction the whole clip; shorter clips are
    repeated. Padding is masked throughout and changes nothing.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    AlexNetMelClassifier : Convolutions only; more accurate on few clips.
    EnhancedCNN1DClassifier : Smaller and faster, with convolutions along time only.
    LogMelExtractor : Makes its input; ``normalize="sample"`` is what it expects.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", NIPS 2017.

    A. Dosovitskiy et al., "An image is worth 16x16 words: transformers for image
    recognition at scale", ICLR 2021.

    Y. Gong, Y.-A. Chung, J. Glass, "AST: audio spectrogram transformer", Interspeech
    2021.

    K. Koutini et al., "Efficient training of audio transformers with patchout",
    Interspeech 2022.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skaudio import LogMelExtractor, TransformerMelClassifier
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(8, n_classes=3, random_state=0)
    >>> pipe = make_pipeline(
    ...     LogMelExtractor(n_mels=64, n_frames=100),
    ...     TransformerMelClassifier(max_epochs=3, random_state=0),
    ... )
    >>> fit_parameters = {"transformermelclassifier__groups": calls.groups}
    >>> pipe = pipe.fit(calls.data, calls.target, **fit_parameters)
    >>> pipe.predict(calls.data[:2]).shape
    (2,)
    """

    _architecture = "transformer_mel"
