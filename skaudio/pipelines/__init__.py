"""Named pipelines from paths to labels: the study's, baselines, on embeddings."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_audio_pipeline": ["audio_pipeline"],
        "_baseline_pipelines": ["baseline_pipelines"],
        "_default_classifier": ["default_classifier"],
        "_embedding_pipeline": ["FEATURES", "HEADS", "embedding_pipeline"],
        "_named_pipelines": ["named_pipelines"],
        "_reference_pipelines": ["PIPELINES", "reference_pipelines"],
        "_window_pipeline": ["window_pipeline"],
    },
)
