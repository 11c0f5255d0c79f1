"""The embedders whose networks can be fine-tuned, by name."""

from functools import partial

from skaudio.pretrained import EMBEDDERS, EfficientATEmbedder

_NAMES = ("ast", "efficientat", "htsat", "panns", "wav2vec2", "yamnet")
EMBEDDERS = {name: kind for name, kind in EMBEDDERS.items() if name in _NAMES}
# Each width of EfficientAT by its own name, too.
EMBEDDERS |= {
    model: partial(EfficientATEmbedder, model) for model in EfficientATEmbedder.MODELS
}
