"""The embedders by the short names that pipelines and the command line use."""

from skaudio.pretrained._ast import ASTEmbedder
from skaudio.pretrained._birdnet import BirdNETEmbedder
from skaudio.pretrained._efficientat import EfficientATEmbedder
from skaudio.pretrained._htsat import HTSATEmbedder
from skaudio.pretrained._panns import PANNsEmbedder
from skaudio.pretrained._wav2vec2 import Wav2Vec2Embedder
from skaudio.pretrained._yamnet import YAMNetEmbedder

EMBEDDERS = {
    "efficientat": EfficientATEmbedder,
    "birdnet": BirdNETEmbedder,
    "yamnet": YAMNetEmbedder,
    "panns": PANNsEmbedder,
    "ast": ASTEmbedder,
    "htsat": HTSATEmbedder,
    "wav2vec2": Wav2Vec2Embedder,
}
