"""A pipeline for the windows of recordings, from one for clips."""

from sklearn.base import clone
from sklearn.pipeline import FeatureUnion, Pipeline

from skaudio.classifiers import WindowClassifier
from skaudio.features import WavLoader
from skaudio.pretrained import EfficientATEmbedder


def window_pipeline(
    pipeline, background=None, *, random_state=None, n_jobs=None, **options
):
    """Wrap a pipeline for clips, so that it trains for the windows of recordings.

    Parameters
    ----------
    pipeline : Pipeline
        From paths to labels, unfitted, such as `audio_pipeline` gives.
    background : folder, file, list of paths or arrays, or None, default=None
        Recordings without animals. None is for clips of which some have the label
        background, noise, other or silence.
    random_state, n_jobs
        As of `WindowClassifier`.
    **options
        More parameters of `WindowClassifier`, such as ``clip_duration=5.0``.

    Returns
    -------
    pipeline : Pipeline
        Its steps are ``load`` and ``clf``, a `WindowClassifier` around the other steps.
        Where several embedders have loaders of their own, one loader reads at the
        highest of their rates. EfficientAT gets windows of ``clip_duration``, and gets
        them at half speed too, for twice the time: two points of F1 in scenes of
        held-out clips.

    Raises
    ------
    ValueError
        Where `pipeline` does not begin with a `WavLoader`.

    See Also
    --------
    skaudio.recordings.score_recordings : Scores the windows of recordings.

    Examples
    --------
    >>> from skaudio.pipelines import embedding_pipeline, window_pipeline
    >>> pipeline = window_pipeline(embedding_pipeline("birdnet,yamnet"), "quiet_nights")
    >>> list(pipeline.named_steps), pipeline["load"].sample_rate
    (['load', 'clf'], 48000)
    >>> list(pipeline["clf"].estimator.named_steps)
    ['embed', 'scale', 'clf']
    """
    pipeline = clone(pipeline)
    clip_duration = options.get("clip_duration", WindowClassifier(None).clip_duration)
    for part in pipeline.get_params().values():
        if isinstance(part, EfficientATEmbedder):
            # Else it repeats each window up to its own: more work, no better scores.
            part.set_params(window=min(part.window, float(clip_duration)))
            if tuple(part.speeds) == (1, 2):
                part.set_params(speeds=(0.5, 1, 2))
    name, first = pipeline.steps[0]
    rest = pipeline.steps[1:]
    if isinstance(first, FeatureUnion):
        first, union = _one_loader(first)
        rest = [(name, union), *rest]
    if not isinstance(first, WavLoader) or not rest:
        raise ValueError(
            f"The first step is {type(first).__name__}: expected a pipeline that "
            "begins with WavLoader, as audio_pipeline gives."
        )
    classifier = WindowClassifier(
        Pipeline(rest),
        background,
        sample_rate=first.sample_rate,
        random_state=random_state,
        n_jobs=n_jobs,
        **options,
    )
    return Pipeline([("load", first), ("clf", classifier)])


def _one_loader(union):
    """Take the loaders out of the branches of a union of embedders."""
    branches = dict(union.transformer_list)
    loaders = {name: branch.steps[0][1] for name, branch in branches.items()}
    loader = max(loaders.values(), key=lambda one: one.sample_rate)
    parts = []
    for name, branch in branches.items():
        steps = branch.steps[1:]
        if loaders[name].sample_rate != loader.sample_rate:
            # The embedder resamples what it gets.
            steps[0][1].set_params(sample_rate=loader.sample_rate)
        parts.append((name, steps[0][1] if len(steps) == 1 else Pipeline(steps)))
    return loader, FeatureUnion(parts)
