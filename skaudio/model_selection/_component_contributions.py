"""How much each component of a pipeline contributes."""

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skaudio._utils.folds import untested_classes
from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import one_per_clip
from skaudio._utils.random_state import first_seed
from skaudio._utils.warn import warn_user
from skaudio.audit import group_clips
from skaudio.augment import CalibratedNoiseMixer, NoiseMixer, SpecAugmenter
from skaudio.classifiers import AudioClassifier
from skaudio.metrics import corrected_t_test
from skaudio.model_selection._runs import execute_runs, plan_folds

# The value that switches each component of a classifier off.
_OFF = {
    "augment": None,
    "loss": "cross_entropy",
    "class_weight": None,
    "sampler": None,
    "label_smoothing": 0.0,
    "weight_decay": 0.0,
    "encoder": None,
}


def component_contributions(
    pipeline,
    X,
    y,
    groups=None,
    components=None,
    *,
    cv=5,
    n_repeats=1,
    random_state=None,
    cache_dir=None,
    n_jobs=None,
    on_run=None,
    verbose=0,
):
    """Score a pipeline without each of its components, and with each alone.

    Parameters
    ----------
    pipeline : Pipeline
        With all components on.
    X, y, groups
        As in `ablate`.
    components : dict of name to parameters, or None, default=None
        For each component what ``pipeline.set_params`` takes to switch it off, such as
        ``{"noise": {"noise": "passthrough"}}``; ``{"clf__augment[1]": None}`` takes the
        second augmenter out of a list. None is `components_of`: noise, masks, and the
        options of skaudio's classifiers that are on.
    cv, n_repeats, random_state, cache_dir, n_jobs, on_run, verbose
        As in `ablate`.

    Returns
    -------
    table : DataFrame
        One row per component: ``accuracy_without`` it, ``loss_without`` (by how much
        the full pipeline scores higher) with ``loss_low`` and ``loss_high`` (95 %) and
        ``loss_p``; ``accuracy_alone`` with no other component on, ``gain_alone`` over
        the bare pipeline, its interval and ``gain_p``; and ``verdict``: "helps",
        "hurts" or "tie", by the loss at p < 0.05. p-values are Nadeau and Bengio's, and
        are not corrected for the number of components: of twenty without effect one
        appears to have one. Its ``attrs`` hold ``accuracy_full`` and ``accuracy_bare``.

    See Also
    --------
    corrected_t_test : The test.

    Examples
    --------
    >>> from skaudio import CNN1DClassifier, LogMelExtractor
    >>> from skaudio.augment import Mixup
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import component_contributions
    >>> from sklearn.pipeline import make_pipeline
    >>> calls = make_animal_sounds(6, n_classes=2, random_state=0)
    >>> pipeline = make_pipeline(
    ...     LogMelExtractor(n_mels=32, n_frames=60),
    ...     CNN1DClassifier(augment=Mixup(0.3), label_smoothing=0.1, max_epochs=2),
    ... )
    >>> table = component_contributions(
    ...     pipeline, calls.data, calls.target, calls.groups, cv=2, random_state=0
    ... )
    >>> table.index.tolist()
    ['augment', 'label_smoothing']
    """
    y = one_per_clip(y)
    groups = group_clips(X, n_jobs=n_jobs) if groups is None else groups
    groups = as_groups(groups, len(y))
    components = components_of(pipeline) if components is None else components
    if not components:
        raise ValueError(
            "components=None, but components_of finds no component that is on: pass "
            'components=, such as {"smoothing": {"clf__label_smoothing": 0}}.'
        )
    pipelines = _variants(pipeline, components)
    seed = first_seed(random_state)
    runs = [
        run
        for name in pipelines
        for run in plan_folds(name, X, y, groups, cv, range(seed, seed + n_repeats))
    ]
    if untested := untested_classes(
        y, groups, [(run.train, run.score) for run in runs]
    ):
        warn_user(untested)
    results = execute_runs(
        runs, pipelines, X, y, groups, None, cache_dir, n_jobs, on_run, verbose
    )
    labels = np.unique(y)
    scores = {name: [] for name in pipelines}
    for run, result in zip(runs, results, strict=True):
        hits = labels[result["predicted"]] == y[run.score]
        scores[run.name].append(hits.mean())
    scores = {name: np.array(folds) for name, folds in scores.items()}
    sizes = [
        np.mean([len(part) for part in parts])
        for parts in zip(*((run.train, run.score) for run in runs), strict=True)
    ]
    rows = {}
    for name in components:
        without, alone = scores["without", name], scores["alone", name]
        lost = corrected_t_test(scores["full",] - without, *sizes)
        gained = corrected_t_test(alone - scores["bare",], *sizes)
        rows[name] = {
            "accuracy_without": without.mean(),
            **_effect("loss_without", "loss", scores["full",] - without, lost),
            "accuracy_alone": alone.mean(),
            **_effect("gain_alone", "gain", alone - scores["bare",], gained),
            "verdict": _verdict((scores["full",] - without).mean(), lost[0]),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("component")
    table.attrs = {
        f"accuracy_{name}": float(scores[name,].mean()) for name in ("full", "bare")
    }
    return table


def components_of(pipeline):
    """Find the components of a pipeline that are on, and what switches each off.

    Parameters
    ----------
    pipeline : Pipeline or AudioClassifier

    Returns
    -------
    components : dict of name to parameters
        As `component_contributions` takes them: the parameters switch the component
        off when they are passed to ``pipeline.set_params``. An entry of a list of
        augmenters has the name of its class; two of one class are numbered: "Gain 1",
        "Gain 2".

    Examples
    --------
    >>> from skaudio import CNN1DClassifier, LogMelExtractor
    >>> from skaudio.augment import Gain, Mixup
    >>> from skaudio.model_selection import components_of
    >>> from sklearn.pipeline import make_pipeline
    >>> classifier = CNN1DClassifier(augment=[Gain(3), Mixup(0.3)])
    >>> components_of(make_pipeline(LogMelExtractor(), classifier))
    {'Gain': {'cnn1dclassifier__augment[0]': None},
     'Mixup': {'cnn1dclassifier__augment[1]': None}}
    """
    steps = pipeline.steps if isinstance(pipeline, Pipeline) else [("", pipeline)]
    components = {}
    for name, step in steps:
        if isinstance(step, (NoiseMixer, CalibratedNoiseMixer, SpecAugmenter)):
            components[name] = {name: "passthrough"}
        if isinstance(step, AudioClassifier):
            prefix = f"{name}__" if name else ""
            parameters = step.get_params(deep=False)
            if isinstance(parameters["augment"], (list, tuple)):
                names = _distinct_names(parameters.pop("augment"))
                components |= {
                    augmenter: {f"{prefix}augment[{place}]": None}
                    for place, augmenter in enumerate(names)
                }
            components |= {
                option: {f"{prefix}{option}": off}
                for option, off in _OFF.items()
                if parameters.get(option, off) != off
            }
    return components


def _distinct_names(augmenters):
    """Name augmenters by their classes; those of one class are numbered."""
    names = [type(augmenter).__name__ for augmenter in augmenters]
    return [
        name if names.count(name) == 1 else f"{name} {names[: place + 1].count(name)}"
        for place, name in enumerate(names)
    ]


def _variants(pipeline, components):
    everything = {
        key: off for parts in components.values() for key, off in parts.items()
    }
    variants = {("full",): clone(pipeline), ("bare",): _without(pipeline, everything)}
    for name, parts in components.items():
        variants["without", name] = _without(pipeline, parts)
        others = {key: off for key, off in everything.items() if key not in parts}
        variants["alone", name] = _without(pipeline, others)
    return variants


def _without(pipeline, parameters):
    """Clone a pipeline and switch components off; ``name[1]`` is an entry of a list."""
    pipeline = clone(pipeline)
    on, changed = pipeline.get_params(), {}
    for key, off in parameters.items():
        name, is_entry, place = key.partition("[")
        if is_entry:
            changed.setdefault(name, list(on[name]))[int(place.rstrip("]"))] = off
        else:
            changed[name] = off
    for name, value in changed.items():
        if isinstance(value, list):
            changed[name] = [entry for entry in value if entry is not None] or None
    return pipeline.set_params(**changed)


def _effect(name, short, differences, tested):
    p, interval = tested
    low, high = np.clip(interval, -1, 1)  # of few folds it is wider than accuracies are
    return {
        name: differences.mean(),
        f"{short}_low": low,
        f"{short}_high": high,
        f"{short}_p": p,
    }


def _verdict(loss, p):
    if p >= 0.05:
        return "tie"
    return "helps" if loss > 0 else "hurts"
