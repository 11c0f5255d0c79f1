"""`skaudio train`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import (
    note,
    say,
    show_evaluation,
    show_scores,
)
from skaudio.cli._inputs import (
    check_cv,
    check_there,
    has_background,
    judged_windows,
    load_clips,
    load_test_clips,
    new_model_file,
    own_groups,
    stopped_run,
    use_cache,
    warn_of_unused_noise,
)
from skaudio.cli._options import (
    CLASSIFIERS,
    Background,
    Cache,
    Calibration,
    Channel,
    ClassifierName,
    Cv,
    FeatureSet,
    GroupPattern,
    Groups,
    Jobs,
    Noise,
    Seed,
    Test,
    Verdicts,
)


def train(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", help="Folder of clips, one sub-folder per class."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to save the model. Default: a new model.skaudio.",
        ),
    ] = None,
    test: Test = None,
    classifier: Annotated[
        ClassifierName | None,
        typer.Option(
            metavar="NAME",
            help=f"One of {CLASSIFIERS}. Default: logistic with --features "
            "efficientat, or mel_ensemble with --noise or where EfficientAT's weights "
            "cannot be had.",
        ),
    ] = None,
    features: FeatureSet = None,
    noise: Noise = None,
    background: Background = None,
    calibration: Calibration = None,
    verdicts: Verdicts = None,
    channel: Channel = "mix",
    groups: Groups = None,
    group_pattern: GroupPattern = None,
    cv: Cv = 0,
    seed: Seed = 0,
    cache: Cache = None,
    jobs: Jobs = -1,
):
    """Train a classifier on a folder of clips and save it.

    Clips that cannot be read are named and left out. Copies, and clips of one
    source recording, are kept together wherever clips are split. A stopped run goes
    on with the same command: embeddings and finished folds are kept.

    With --background, or where a folder of clips is named background, noise, other
    or silence, the model is one for `skaudio detect`: it learns what is no animal,
    and trains on each clip again within that background. With --verdicts it is one too,
    with or without a folder of clips: a window without an animal is background.

    Example: skaudio train clips/Training --cv 5 -o model.skaudio
    """
    from skaudio._utils.names import nested_attribute
    from skaudio.audit import find_leaks
    from skaudio.features import set_channel
    from skaudio.pipelines import named_pipelines, window_pipeline
    from skaudio.reports import report_on

    if folder is None and not verdicts:
        raise ValueError("DIR: expected a folder of clips, or --verdicts, or both")
    inputs = [folder, test, noise, background, *(verdicts or ())]
    output = new_model_file(output, inputs)
    check_there(test, background)
    check_cv(cv)
    fits = use_cache(cache, inputs)
    ((name, pipeline),) = named_pipelines(
        [] if classifier is None else [classifier.value],
        [] if features is None else [features],
        noise,
        calibration=calibration,
        random_state=seed,
        n_jobs=jobs,
    ).items()
    judged = judged_windows(verdicts)
    if judged is not None or background is not None or has_background(folder):
        length = {}
        if judged is not None:
            seconds = (judged["end_time"] - judged["start_time"]).median()
            length["clip_duration"] = float(seconds)
        pipeline = window_pipeline(
            pipeline, background, random_state=seed, n_jobs=jobs, **length
        )
        name += " for the windows of recordings"
    why = ""
    if noise is not None and classifier is None is features:
        why = ", which can mix noise in; the default, an embedding, cannot"
    note(f"classifier: {name}{why}")
    own = own_groups(groups, group_pattern)
    set_channel(pipeline, channel)
    warn_of_unused_noise(noise, [pipeline])
    clips = load_clips(
        *(folder, pipeline, jobs, cv, own, judged),
        instead="Or train without a score: --cv 0.",
    )
    test_clips = load_test_clips(test, pipeline, clips.target_names, jobs, own)
    reports = []
    with stopped_run(fits and fits.parent, "embeddings and finished folds"):
        if cv:
            reports.append(cross_validate(pipeline, clips, cv, seed, jobs, fits))
            show_scores(reports[0], f"{cv} grouped folds")
        fit(pipeline, clips)
    _save(pipeline, output, clips, reports)
    note(f"saved {output}")
    if (n_background := nested_attribute(pipeline, "n_background_")) is not None:
        note(f"background: {n_background} windows and clips")
    if (calibrated := nested_attribute(pipeline, "calibration_")) is not None:
        note(
            f"calibrated: temperature {calibrated['temperature']:.2f}, from "
            f"{calibrated['n_clips']} clips that were held back"
        )
    if test_clips is not None:
        reports.append(
            report_on(
                *(pipeline, test_clips.data, test_clips.target, test_clips.groups),
                leaks=find_leaks(clips, test_clips, n_jobs=jobs),
                n_jobs=jobs,
                verbose=1,
            )
        )
        show_evaluation(reports[-1], str(test))
        # Again, with these scores too.
        _save(pipeline, output, clips, reports)
    elif not cv:
        say(
            "How good is it? Add --cv 5, or score it on clips that it was not trained "
            f"on: skaudio evaluate {output} DIR"
        )
    return output


def fit(pipeline, clips):
    """Fit the pipeline under a progress bar."""
    from skaudio._utils.names import nested_attribute, nested_estimators
    from skaudio._utils.progress import bars_of_parts
    from skaudio.model_selection import fit_with_groups

    networks = _networks(pipeline)
    if not networks:
        n_copies = nested_attribute(pipeline, "n_copies")
        copies = f", {n_copies} copies of each in background, windows of background"
        note(f"embedding the clips{copies if n_copies else ''}")
        with bars_of_parts(1):
            fit_with_groups(pipeline, clips.data, clips.target, clips.groups)
        return
    from skaudio.cli._progress import epochs_bar

    # A calibrator also fits once without each of its folds.
    n_folds = [n for name, n in pipeline.get_params().items() if name.endswith("__cv")]
    n_fits = 1 + sum(n_folds)
    n_epochs = n_fits * sum(network.max_epochs for network in networks)
    with epochs_bar(n_epochs) as callback:
        for network in networks:
            network.set_params(callbacks=[callback])
        fit_with_groups(pipeline, clips.data, clips.target, clips.groups)
    nested = nested_estimators(pipeline)
    members = [member for _, member in getattr(nested[-1], "members_", [])]
    # What wraps a network keeps the one that it was given beside the one it fitted.
    for network in _networks(*nested, *members):
        network.set_params(callbacks=None)
    history = nested[-1].history_
    seconds = sum(epoch["seconds"] for epoch in history)
    note(f"trained {len(history)} epochs in {seconds:.0f} s")


def _save(pipeline, path, clips, reports):
    """Save the model; elsewhere if the disk filled up or went away meanwhile."""
    import tempfile

    from skaudio import save_model

    try:
        save_model(pipeline, path, training_clips=clips, reports=reports)
    except OSError as error:
        try:
            rescue = Path(tempfile.mkdtemp(prefix="skaudio-"), path.name)
            save_model(pipeline, rescue, training_clips=clips, reports=reports)
        except OSError:
            raise error from None
        raise OSError(f"{error}; it is saved as {rescue}") from error


def _networks(*estimators):
    """List the networks whose epochs the bar counts, wherever they are within."""
    parts = [part for one in estimators for part in (one, *one.get_params().values())]
    return [part for part in parts if hasattr(part, "callbacks")]


def cross_validate(pipeline, clips, cv, seed, jobs=None, cache_dir=None):
    """Score out-of-fold predictions under a progress bar."""
    from skaudio.model_selection import cross_validated_report

    return cross_validated_report(
        *(pipeline, clips.data, clips.target, clips.groups, cv),
        random_state=seed,
        n_jobs=jobs,
        audit=False,
        cache_dir=cache_dir,
        verbose=1,
    )
