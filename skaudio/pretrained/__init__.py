"""Published networks that give embeddings of waveforms, for any classifier."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_ast": ["ASTEmbedder"],
        "_base": ["WaveformEmbedder"],
        "_birdnet": ["BirdNETEmbedder"],
        "_efficientat": ["EfficientATEmbedder"],
        "_embedders": ["EMBEDDERS"],
        "_htsat": ["HTSATEmbedder"],
        "_onnx": ["ONNX_PRESETS", "ONNXEmbedder"],
        "_open_networks": ["open_networks"],
        "_panns": ["PANNsEmbedder"],
        "_wav2vec2": ["Wav2Vec2Embedder"],
        "_yamnet": ["YAMNetEmbedder"],
    },
)
