"""Named pipelines from paths to labels: the study's, baselines, on embeddings."""

from skaudio.pipelines._audio_pipeline import audio_pipeline
from skaudio.pipelines._baseline_pipelines import baseline_pipelines
from skaudio.pipelines._default_classifier import default_classifier
from skaudio.pipelines._embedding_pipeline import FEATURES, HEADS, embedding_pipeline
from skaudio.pipelines._named_pipelines import named_pipelines
from skaudio.pipelines._reference_pipelines import PIPELINES, reference_pipelines
from skaudio.pipelines._window_pipeline import window_pipeline

__all__ = [
    "FEATURES",
    "HEADS",
    "PIPELINES",
    "audio_pipeline",
    "baseline_pipelines",
    "default_classifier",
    "embedding_pipeline",
    "named_pipelines",
    "reference_pipelines",
    "window_pipeline",
]
