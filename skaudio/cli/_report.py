"""`skaudio report`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import (
    command_line,
    note,
    say_warning,
    show_models,
)
from skaudio.cli._inputs import (
    check_cv,
    check_output,
    check_there,
    load_clips,
    load_test_clips,
    own_groups,
    stopped_run,
    use_cache,
)
from skaudio.cli._options import (
    CLASSIFIERS,
    Cache,
    Channel,
    ClassifierName,
    ClipFolder,
    FeatureSets,
    GroupPattern,
    Groups,
    Jobs,
    Noise,
    Repeats,
    Seed,
    Seeds,
    Test,
    number_option,
)

BASELINE = "mfcc_svm"  # always in the report; it takes a second


def report(
    folder: ClipFolder,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The page to write.")
    ],
    test: Test = None,
    noise: Noise = None,
    groups: Groups = None,
    group_pattern: GroupPattern = None,
    channel: Channel = "mix",
    test_noise: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Noise to test with; without it, a quarter of --noise, by source.",
        ),
    ] = None,
    classifier: Annotated[
        list[ClassifierName] | None,
        typer.Option(
            metavar="NAME",
            help=f"One of {CLASSIFIERS}; may be repeated. Default: as in `train`.",
        ),
    ] = None,
    features: FeatureSets = None,
    cv: Annotated[int, number_option(least=0, most=10**6, help="Grouped folds.")] = 5,
    repeats: Repeats = 1,
    seeds: Seeds = 1,
    seed: Seed = 0,
    cache: Cache = None,
    jobs: Jobs = -1,
):
    """Write a page on a classifier: scores, figures and clips.

    By grouped cross-validation, beside the baseline mfcc_svm; with --test also on
    held-out clips; with --noise or --test-noise also its noise robustness, on noise
    that it was not trained with. A stopped run goes on with the same command.

    Example: skaudio report clips/Training --noise clips/Noise -o report.html
    """
    from skaudio.audit import audit_dataset
    from skaudio.features import set_channel
    from skaudio.model_selection import ablate, hold_out_noise
    from skaudio.pipelines import baseline_pipelines, named_pipelines
    from skaudio.reports import write_html

    inputs = [folder, test, noise, test_noise]
    check_output(output, "the page", "html", inputs)
    check_there(test, test_noise)
    check_cv(cv, least=2)
    fits = use_cache(cache, inputs)
    if noise is not None and test_noise is None:
        noise, test_noise = hold_out_noise(noise, random_state=seed, n_jobs=jobs)
        note(
            f"{len(noise)} noise files for training, {len(test_noise)} others for "
            "testing"
        )
    names = [name.value for name in classifier or []]
    pipelines = named_pipelines(names, features or [], noise, n_jobs=jobs)
    pipelines[BASELINE] = baseline_pipelines()[BASELINE]
    note(f"classifiers: {', '.join(pipelines)}")
    own = own_groups(groups, group_pattern)
    models = list(pipelines.values())
    set_channel(models, channel)
    clips = load_clips(folder, models, jobs, cv, own)
    test_clips = load_test_clips(test, models, clips.target_names, jobs, own)
    with stopped_run(fits and fits.parent, "finished fits"):
        _, reports = ablate(
            *(pipelines, clips.data, clips.target, clips.groups),
            cv=cv,
            n_repeats=repeats,
            test=test_clips,
            n_seeds=seeds,
            random_state=seed,
            cache_dir=fits,
            n_jobs=jobs,
            baselines=False,
            audit=audit_dataset(clips, test=test_clips, n_jobs=jobs, verbose=1),
            noise=test_noise,
            return_reports=True,
            verbose=1,
        )
    try:
        write_html(reports, output, command=command_line())
        note(f"wrote {output} ({output.stat().st_size / 1e6:.1f} MB)")
    finally:
        for text in dict.fromkeys(text for one in reports for text in one.warnings):
            say_warning(text)
        show_models(reports)
