"""Published networks that turn waveforms into rows of numbers, for any classifier."""

from skaudio.pretrained._birdnet import BirdNETEmbedder
from skaudio.pretrained._yamnet import YAMNetEmbedder

__all__ = ["BirdNETEmbedder", "YAMNetEmbedder"]
