"""`skaudio train`."""

from skaudio.cli._console import note, progress, say, show_evaluation, show_scores
from skaudio.cli._inputs import check_cv, check_output, load_clips, load_test_clips


def run(*, folder, output, test, classifier, features, noise, cv, seed, jobs):
    """Load, cross-validate if asked, train, save, test if asked."""
    from skaudio import save_model
    from skaudio.pipelines import audio_pipeline
    from skaudio.reports import report_on

    check_output(output, "a model")
    check_cv(cv)
    pipeline = audio_pipeline(
        classifier, features=features, noise=noise, random_state=seed, n_jobs=jobs
    )
    clips = load_clips(folder, jobs)
    test_clips = load_test_clips(test, clips.target_names, jobs)
    if cv:
        report = cross_validate(pipeline, clips, cv, seed, jobs)
        show_scores(report, f"{cv} grouped folds")
    train(pipeline, clips)
    save_model(pipeline, output, training_clips=clips)
    note(f"saved {output}")
    if test_clips is not None:
        report = report_on(
            *(pipeline, test_clips.data, test_clips.target, test_clips.groups),
            train=clips,
            n_jobs=jobs,
        )
        show_evaluation(report, str(test))
    elif not cv:
        say(
            "How good is it? Add --cv 5, or score it on clips that it was not trained "
            f"on: skaudio evaluate {output} DIR"
        )


def train(pipeline, clips):
    """Fit the pipeline under a progress bar."""
    if not hasattr(pipeline["clf"], "max_epochs"):
        note("embedding the clips")
        pipeline.fit(clips.data, clips.target)
        return
    from skaudio.cli._progress import EpochProgress
    from skaudio.model_selection import fit_with_groups

    with progress() as bar:
        task = bar.add_task("training", total=pipeline["clf"].max_epochs, now="")
        pipeline.set_params(clf__callbacks=[EpochProgress(bar, task)])
        fit_with_groups(pipeline, clips.data, clips.target, clips.groups)
    pipeline.set_params(clf__callbacks=None)
    history = pipeline["clf"].history_
    seconds = sum(epoch["seconds"] for epoch in history)
    note(f"trained {len(history)} epochs in {seconds:.0f} s")


def cross_validate(pipeline, clips, cv, seed, jobs=None):
    """Score out-of-fold predictions under a progress bar."""
    from skaudio.model_selection import cross_validated_report

    with progress() as bar:
        task = bar.add_task("cross-validation", total=cv, now="")
        return cross_validated_report(
            *(pipeline, clips.data, clips.target, clips.groups, cv),
            random_state=seed,
            n_jobs=jobs,
            audit=False,
            on_run=lambda done, total, _: bar.update(task, completed=done),
        )
