"""`skaudio report`."""

from skaudio.cli._console import command_line, note, progress, say_warning, show_reports
from skaudio.cli._inputs import (
    audit_clips,
    check_cv,
    check_output,
    load_clips,
    load_test_clips,
)

# Beside whatever is asked for stands what costs a second.
BASELINE = "mfcc_svm"


def run(
    *,
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
    from skaudio.model_selection import ablate, hold_out_noise
    from skaudio.pipelines import baseline_pipelines, named_pipelines
    from skaudio.reports import write_html

    check_output(output, "a page")
    check_cv(cv, least=2)
    if test_noise is not None and not test_noise.exists():
        raise FileNotFoundError(f"{test_noise}: no such folder or file of noise")
    if noise is not None and test_noise is None:
        noise, test_noise = hold_out_noise(noise, random_state=seed, n_jobs=jobs)
        note(
            f"{len(noise)} noise files for training, {len(test_noise)} others for "
            "testing"
        )
    pipelines = named_pipelines(classifiers, features, noise)
    pipelines[BASELINE] = baseline_pipelines()[BASELINE]
    clips = load_clips(folder, jobs)
    test_clips = load_test_clips(test, clips.target_names, jobs)
    with progress() as bar:
        task = bar.add_task("fits", total=None, now="")

        def show(done, total, last):
            now = "" if last is None else last.name
            bar.update(task, completed=done, total=total, now=now)

        _, reports = ablate(
            *(pipelines, clips.data, clips.target, clips.groups),
            cv=cv,
            n_repeats=repeats,
            test=test_clips,
            n_seeds=seeds,
            random_state=seed,
            cache_dir=cache,
            n_jobs=jobs,
            baselines=False,
            audit=audit_clips(clips, test_clips, jobs),
            noise=test_noise,
            return_reports=True,
            on_run=show,
        )
    show_reports(reports)
    for text in dict.fromkeys(text for report in reports for text in report.warnings):
        say_warning(text)
    write_html(reports, output, command=command_line())
    note(f"wrote {output} ({output.stat().st_size / 1e6:.1f} MB)")
