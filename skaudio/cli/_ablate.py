"""`skaudio ablate`."""

import json

from skaudio.cli._console import note, progress, say, show_ablation
from skaudio.cli._report import (
    add_rejected,
    audit_both,
    head_pipelines,
    make_reports,
    the_command,
)


def run(
    folder,
    output,
    test,
    noise,
    pretrain,
    cv,
    repeats,
    seeds,
    only,
    features,
    heads,
    seed,
    jobs,
):
    """Compare the reference pipelines, print the table, write it and a page."""
    from skaudio import __version__
    from skaudio.cli._evaluate import load_test
    from skaudio.cli._train import check_classes, check_noise
    from skaudio.datasets import load_audio_folder
    from skaudio.model_selection import (
        ablate,
        floor_pipelines,
        reference_pipelines,
    )
    from skaudio.reports import write_html

    if cv < 0 or cv == 1:
        raise ValueError(f"--cv {cv}: expected 0 for none, or at least 2 folds")
    if not cv and test is None:
        raise ValueError("--cv 0 without --test: there is nothing to score on")
    pipelines = reference_pipelines(noise, pretrain=pretrain)
    unknown = sorted(set(only) - set(pipelines))
    if unknown:
        raise ValueError(f"--only {unknown[0]}: expected one of {', '.join(pipelines)}")
    pipelines = {name: pipelines[name] for name in only or pipelines}
    pipelines |= head_pipelines(features, heads)
    check_noise(noise)
    output.mkdir(parents=True, exist_ok=True)
    clips = load_audio_folder(folder, n_jobs=jobs)
    check_classes(clips, folder, cv)
    tests = None if test is None else load_test(test, clips.target_names, jobs)
    note(
        f"{len(clips.data)} clips of {len(clips.target_names)} classes in "
        f"{clips.groups.max() + 1} groups"
    )
    with progress() as bar:
        task = bar.add_task("fits", total=None, now="")

        def show(done, total, last):
            now = "" if last is None else last.name
            bar.update(task, completed=done, total=total, now=now)

        table = ablate(
            pipelines,
            clips.data,
            clips.target,
            clips.groups,
            cv=cv or None,
            n_repeats=repeats,
            test=tests,
            n_seeds=seeds,
            random_state=seed,
            cache_dir=output / "cells",
            n_jobs=jobs,
            on_run=show,
        )
    show_ablation(table, len(clips.data), None if tests is None else len(tests.data))
    table.to_csv(output / "ablation.csv", float_format="%.6g")
    facts = {
        "command": the_command(),
        "skaudio": __version__,
        "train": str(folder),
        "test": None if test is None else str(test),
        "noise": None if noise is None else str(noise),
        "pretrain": pretrain,
        "cv": cv,
        "repeats": repeats,
        "seeds": seeds,
        **table.attrs,
        "n_clips": len(clips.data),
        "rejected": clips.rejected.to_dict("records"),
    }
    rows = json.loads(table.reset_index().to_json(orient="records"))
    text = json.dumps(facts | {"rows": rows}, indent=2)
    (output / "ablation.json").write_text(text + "\n", encoding="utf-8")
    # The fits are done: the page finds all of them in the cells.
    reports = make_reports(
        *(floor_pipelines() | pipelines, clips, tests, audit_both(clips, tests, jobs)),
        *(cv, repeats, seeds, seed, output / "cells", jobs),
    )
    add_rejected(reports, clips, tests)
    write_html(reports, output / "ablation.html", command=facts["command"])
    names = ", ".join(f"ablation.{kind}" for kind in ("csv", "json", "html"))
    note(f"wrote {names} in {output}")
    if table.get("below_floor") is not None and table["below_floor"].any():
        say("* no better than a floor: it has learnt nothing that is worth its weight")
