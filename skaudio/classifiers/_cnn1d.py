"""The study's baseline: a small convolutional net along time."""

import torch
from torch import nn

from skaudio.classifiers._base import AudioClassifier
from skaudio.classifiers._layers import dense_head


class CNN1D(nn.Module):
    """Two convolutions along time, with the mel bands as channels, and a dense layer.

    Input (n, n_bands, n_frames), output (n, n_classes) logits; without classes (n,
    n_features).
    """

    n_features = 128

    def __init__(self, n_bands, n_frames, n_classes):
        super().__init__()
        width = -(-n_frames // 4)
        self.features = nn.Sequential(
            *_block(n_bands, 32),
            *_block(32, 64),
            nn.Dropout(0.3),
            nn.Flatten(),
        )
        dense = [nn.Linear(64 * width, self.n_features), nn.ReLU()]
        self.head = dense_head(dense, 0.4, self.n_features, n_classes)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Give logits."""
        return self.head(self.features(X))


def _block(n_in, n_out):
    # ceil_mode lets a picture of one frame through.
    return (
        nn.Conv1d(n_in, n_out, kernel_size=3, padding=1),
        nn.BatchNorm1d(n_out),
        nn.ReLU(),
        nn.MaxPool1d(2, ceil_mode=True),
    )


class CNN1DClassifier(AudioClassifier):
    """The study's baseline: a small 1-D convolutional net over log-mels.

    Convolutions of 32 and 64 channels, kernel 3, along time, each with batch
    normalisation and max pooling by 2; dropout 0.3; a dense layer of 128; dropout 0.4.
    About 1.04 million parameters at 128 x 500, nearly all in the dense layer.

    {shared}

    See Also
    --------
    EnhancedCNN1DClassifier : The net to prefer.

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

    _module = CNN1D
