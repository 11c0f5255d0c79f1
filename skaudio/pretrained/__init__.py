"""Published networks that give embeddings of waveforms, for any classifier."""

from skaudio.pretrained._ast import ASTEmbedder
from skaudio.pretrained._base import WaveformEmbedder
from skaudio.pretrained._birdnet import BirdNETEmbedder
from skaudio.pretrained._efficientat import EfficientATEmbedder
from skaudio.pretrained._embedders import EMBEDDERS
from skaudio.pretrained._htsat import HTSATEmbedder
from skaudio.pretrained._onnx import ONNX_PRESETS, ONNXEmbedder
from skaudio.pretrained._panns import PANNsEmbedder
from skaudio.pretrained._wav2vec2 import Wav2Vec2Embedder
from skaudio.pretrained._yamnet import YAMNetEmbedder

__all__ = [
    "EMBEDDERS",
    "ONNX_PRESETS",
    "ASTEmbedder",
    "BirdNETEmbedder",
    "EfficientATEmbedder",
    "HTSATEmbedder",
    "ONNXEmbedder",
    "PANNsEmbedder",
    "Wav2Vec2Embedder",
    "WaveformEmbedder",
    "YAMNetEmbedder",
]
