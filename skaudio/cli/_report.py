"""`skaudio report`."""

import shlex
import sys

from skaudio.cli._console import note, progress, say_warning, show_reports
from skaudio.cli._train import feature_names

# Beside whatever is asked for stands what costs a second.
FLOOR = "mfcc_svm"


def run(
    folder,
    output,
    test,
    noise,
    test_noise,
    classifiers,
    features,
    cv,
    repeats,
    seeds,
    seed,
    cache,
    jobs,
):
    """Cross-validate, score the test clips, add noise, write the page."""
    from skaudio.cli._evaluate import load_test
    from skaudio.cli._train import check_classes, check_noise
    from skaudio.datasets import load_audio_folder
    from skaudio.reports import write_html

    check_output(output)
    if cv < 2:
        raise ValueError(f"--cv {cv}: expected at least 2 folds")
    check_noise(noise)
    check_noise(test_noise)
    noise, heard_by_test = _split_noise(noise, test_noise, seed, jobs)
    pipelines = _pipelines(classifiers, features, noise)
    clips = load_audio_folder(folder, n_jobs=jobs)
    check_classes(clips, folder, cv)
    tests = None if test is None else load_test(test, clips.target_names, jobs)
    note(
        f"{len(clips.data)} clips of {len(clips.target_names)} classes in "
        f"{clips.groups.max() + 1} groups"
    )
    audit = audit_both(clips, tests, jobs)
    reports = make_reports(
        *(pipelines, clips, tests, audit, cv, repeats, seeds, seed, cache, jobs)
    )
    if heard_by_test is not None:
        _add_robustness(reports, pipelines, clips, heard_by_test, cv, seed, cache, jobs)
    add_rejected(reports, clips, tests)
    show_reports(reports)
    for doubt in dict.fromkeys(text for report in reports for text in report.warnings):
        say_warning(doubt)
    write_html(reports, output, command=the_command())
    note(f"wrote {output} ({output.stat().st_size / 1e6:.1f} MB)")


def check_output(path):
    """Tell at once of a page that cannot be written, not after hours of fits."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path.parent}: no such folder to write a page in")
    if path.is_dir():
        raise IsADirectoryError(f"{path}: is a folder, expected a file to write")


def the_command():
    """Give the line that was typed."""
    return shlex.join(["skaudio", *sys.argv[1:]])


def audit_both(clips, tests, jobs):
    """Audit training clips and, if there are any, test clips against them."""
    import numpy as np

    from skaudio.datasets import audit_dataset

    parts = [part for part in (clips, tests) if part is not None]
    names = ("train", "test")
    return audit_dataset(
        np.concatenate([part.data for part in parts]),
        np.concatenate([part.target for part in parts]),
        [
            name
            for name, part in zip(names, parts, strict=False)
            for _ in range(len(part.data))
        ],
        n_jobs=jobs,
    )


def make_reports(pipelines, clips, tests, audit, cv, repeats, seeds, seed, cache, jobs):
    """Give the report of each pipeline by cross-validation, then those on the test.

    Parameters
    ----------
    pipelines : dict of name to Pipeline
    clips : Bunch
    tests : Bunch or None
    audit : AuditReport
    cv : int
        0 leaves the cross-validation out.
    repeats, seeds, seed : int
    cache : path or None
    jobs : int

    Returns
    -------
    reports : list of Report
    """
    from skaudio.reports import cross_validated_report, held_out_report

    shared = audit.across_splits.copy()
    shared.attrs["near"] = True
    reports = []
    with progress() as bar:
        task = bar.add_task("fits", total=None, now="")

        def show(done, total, last):
            bar.update(task, completed=done, total=total)

        common = dict(random_state=seed, cache_dir=cache, n_jobs=jobs, on_run=show)
        for name, pipeline in pipelines.items() if cv else ():
            bar.update(task, now=name)
            reports.append(
                cross_validated_report(
                    *(pipeline, clips.data, clips.target, clips.groups, cv, repeats),
                    name=name,
                    audit=audit,
                    **common,
                )
            )
        for name, pipeline in pipelines.items() if tests is not None else ():
            bar.update(task, now=f"{name}, test clips")
            reports.append(
                held_out_report(
                    *(pipeline, clips.data, clips.target, tests.data, tests.target),
                    *(clips.groups, tests.groups, seeds),
                    name=f"{name}, test clips" if cv else name,
                    shared=shared,
                    **common,
                )
            )
    return reports


def add_rejected(reports, *sets):
    """Note the clips that could not be read among the warnings."""
    for clips in sets:
        if clips is not None and len(clips.rejected):
            told = "; ".join(
                f"{row.file}: {row.error}" for row in clips.rejected.itertuples()
            )
            reports[0].warnings.append(f"unreadable and left out: {told}")


def _split_noise(noise, test_noise, seed, jobs):
    """Give noise for training and noise for testing, which share no source."""
    from skaudio.reports import hold_out_noise

    if test_noise is not None or noise is None:
        return noise, test_noise
    train, test = hold_out_noise(noise, random_state=seed, n_jobs=jobs)
    note(f"{len(train)} noise files for training, {len(test)} others for testing")
    return train, test


def _pipelines(names, features, noise):
    """Give networks by name, heads on each set of features, and the floor."""
    from skaudio.model_selection import HEADS, floor_pipelines, make_pipeline

    names = names or ["logistic" if features else "enhanced_cnn1d"]
    heads = [name for name in names if name in HEADS]
    if features and not heads:
        raise ValueError(f"--features without a head: add --classifier {HEADS[0]}")
    if heads and not features:
        some = "yamnet" if heads[0] == "fine_tuned" else "birdnet"
        raise ValueError(f"--classifier {heads[0]} without --features: add {some}")
    chosen = {
        name: make_pipeline(name, noise=noise) for name in names if name not in heads
    }
    chosen |= head_pipelines(features, heads)
    return chosen | {FLOOR: floor_pipelines()[FLOOR]}


def head_pipelines(features, heads):
    """Give each head on each set of features, such as "birdnet+yamnet logistic"."""
    from skaudio.model_selection import make_pipeline

    sets = [feature_names(text) for text in features]
    pairs = [
        (names, head)
        for names in sets
        for head in heads
        # Beside other features, which go under the other heads.
        if head != "fine_tuned" or names == ["yamnet"] or ["yamnet"] not in sets
    ]
    return {
        f"{'+'.join(names)} {head}": make_pipeline(head, features=names)
        for names, head in pairs
    }


def _add_robustness(reports, pipelines, clips, noise, cv, seed, cache, jobs):
    from skaudio.reports import fold_robustness

    with progress() as bar:
        task = bar.add_task("noise", total=len(pipelines), now="")
        for report, (name, pipeline) in zip(reports, pipelines.items(), strict=False):
            bar.update(task, now=name)
            report.robustness = fold_robustness(
                *(pipeline, clips.data, clips.target, clips.groups, noise, cv, seed),
                cache_dir=cache,
                n_jobs=jobs,
            )
            attrs = report.robustness.attrs
            report.facts["noise for testing"] = [
                f"{len(attrs['noise'])} files: "
                + ", ".join(file.rpartition("/")[2] for file in attrs["noise"])
            ]
            report.facts["clips with noise"] = f"{attrs['n_clips']}, the first fold"
            bar.advance(task)
