"""`skaudio ablate`."""

import json

from skaudio.cli._console import command_line, note, progress, say, show_ablation
from skaudio.cli._inputs import audit_clips, check_cv, load_clips, load_test_clips


def run(
    *,
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
    from skaudio._utils.atomic import write_text
    from skaudio.model_selection import ablate
    from skaudio.pipelines import named_pipelines, reference_pipelines
    from skaudio.reports import write_html

    check_cv(cv)
    if not cv and test is None:
        raise ValueError("--cv 0 without --test: there is nothing to score on")
    pipelines = reference_pipelines(noise, pretrain=pretrain)
    unknown = sorted(set(only) - set(pipelines))
    if unknown:
        raise ValueError(f"--only {unknown[0]}: expected one of {', '.join(pipelines)}")
    pipelines = {name: pipelines[name] for name in only or pipelines}
    if features:
        pipelines |= named_pipelines(heads, features)
    output.mkdir(parents=True, exist_ok=True)
    clips = load_clips(folder, jobs)
    test_clips = load_test_clips(test, clips.target_names, jobs)
    with progress() as bar:
        task = bar.add_task("fits", total=None, now="")

        def show(done, total, last):
            now = "" if last is None else last.name
            bar.update(task, completed=done, total=total, now=now)

        table, reports = ablate(
            *(pipelines, clips.data, clips.target, clips.groups),
            cv=cv or None,
            n_repeats=repeats,
            test=test_clips,
            n_seeds=seeds,
            random_state=seed,
            cache_dir=output / "results",
            n_jobs=jobs,
            audit=audit_clips(clips, test_clips, jobs),
            return_reports=True,
            on_run=show,
        )
    show_ablation(table)
    csv = table.to_csv(float_format="%.6g")
    write_text(output / "ablation.csv", csv, "the table")
    command = command_line()
    facts = {
        "command": command,
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
        "rows": json.loads(table.reset_index().to_json(orient="records")),
    }
    text = json.dumps(facts, indent=2) + "\n"
    write_text(output / "ablation.json", text, "the table")
    write_html(reports, output / "ablation.html", command=command)
    names = ", ".join(f"ablation.{kind}" for kind in ("csv", "json", "html"))
    note(f"wrote {names} in {output}")
    if table["below_baseline"].any():
        say("* no better than a baseline")
