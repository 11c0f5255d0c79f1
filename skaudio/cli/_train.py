"""`skaudio train`."""

from skaudio.cli._console import note, progress, say, show_scores


def run(folder, output, test, classifier, features, noise, cv, seed, jobs):
    """Load, cross-validate if asked, train, save, test if asked."""
    from skaudio import save_model
    from skaudio.cli._evaluate import load_test, score_test
    from skaudio.datasets import load_audio_folder
    from skaudio.model_selection import make_pipeline, remember_training

    if not output.parent.is_dir():
        raise FileNotFoundError(f"{output.parent}: no such folder to save a model in")
    if output.is_dir():
        raise IsADirectoryError(f"{output}: is a folder, expected a file to save in")
    if cv < 0 or cv == 1:
        raise ValueError(f"--cv {cv}: expected 0 for none, or at least 2 folds")
    check_noise(noise)
    pipeline = make_pipeline(
        classifier,
        features=None if features is None else feature_names(features),
        noise=noise,
        random_state=seed,
        n_jobs=jobs,
    )
    clips = load_audio_folder(folder, n_jobs=jobs)
    check_classes(clips, folder, cv)
    tests = None if test is None else load_test(test, clips.target_names, jobs)
    note(
        f"{len(clips.data)} clips of {len(clips.target_names)} classes in "
        f"{clips.groups.max() + 1} groups"
    )
    if cv:
        show_scores(cross_validate(pipeline, clips, cv, seed), f"{cv} grouped folds")
    train(pipeline, clips)
    remember_training(pipeline, clips)
    save_model(pipeline, output)
    note(f"saved {output}")
    if tests is not None:
        score_test(pipeline, tests, str(test), jobs)
    elif not cv:
        say(
            "How good is it? Add --cv 5, or give it clips it has not heard: "
            f"skaudio evaluate {output} DIR"
        )


def feature_names(text):
    """Read names between commas."""
    return [name.strip() for name in text.split(",")]


def check_noise(noise):
    """Tell at once of noise that is not there, not after minutes of training."""
    from skaudio.datasets import list_audio_files

    if noise is None:
        return
    if not noise.exists():
        raise FileNotFoundError(f"{noise}: no such folder of noise")
    list_audio_files([noise])


def check_classes(clips, folder, cv):
    """A classifier needs two classes at least, and each fold a group of one."""
    if len(clips.target_names) < 2:
        raise ValueError(
            f"{folder}: only one class ({clips.target_names[0]}): expected at least "
            "two sub-folders with clips, one a class"
        )
    n_groups = clips.frame.groupby("label")["group"].nunique()
    if cv > n_groups.max():
        raise ValueError(
            f"--cv {cv}: no class has so many groups of clips; {n_groups.idxmax()} has "
            f"the most, {n_groups.max()}"
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


def cross_validate(pipeline, clips, cv, seed):
    """Score out-of-fold predictions under a progress bar."""
    from skaudio.model_selection import cross_validated_predictions
    from skaudio.reports import score_predictions

    with progress() as bar:
        task = bar.add_task("cross-validation", total=cv, now="")
        predictions = cross_validated_predictions(
            pipeline,
            clips.data,
            clips.target,
            clips.groups,
            cv=cv,
            random_state=seed,
            on_fold=lambda done, _: bar.update(task, completed=done),
        )
    return score_predictions(
        predictions["true"], predictions["predicted"], clips.groups
    )
