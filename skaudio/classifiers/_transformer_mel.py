"""A transformer over patches of log-mels."""

from skaudio._nets.transformer_mel import TransformerMel
from skaudio.classifiers._base import AudioClassifier


class TransformerMelClassifier(AudioClassifier):
    """A small transformer over patches of log-mels, trained from nothing.

    One token for each patch of 16 bands x 16 frames, as in the Audio Spectrogram
    Transformer, but looked at through three convolutions and their max pooling instead
    of one linear map: the hybrid of Dosovitskiy et al. (2021), without which few clips
    teach a transformer little. Positions are learned, for bands and for time apart. A
    pre-norm encoder of 2 layers, 128 wide, with 4 heads; in training a quarter of the
    patches is hidden from it (Koutini et al. 2022). The mean and the maximum over the
    tokens; dropout 0.3; one dense layer. 0.42 million parameters at 128 x 500 and 13
    classes.

    Sees each picture as two channels, as normalised by itself and normalised within
    each band. In training it takes a random stretch of 128 frames, in prediction the
    whole clip; clips shorter than that are repeated. Padding is masked throughout and
    changes nothing.

    {shared}

    See Also
    --------
    AlexNetMelClassifier : Convolutions throughout; more accurate on few clips.
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

    _module = TransformerMel
