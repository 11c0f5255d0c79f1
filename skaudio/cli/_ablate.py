"""`skaudio ablate`."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import command_line, note, show_models
from skaudio.cli._inputs import (
    check_cv,
    check_output,
    check_output_folder,
    check_there,
    load_clips,
    load_test_clips,
    own_groups,
    stopped_run,
    use_cache,
    warn_of_unused_noise,
)
from skaudio.cli._options import (
    Cache,
    Channel,
    ClipFolder,
    Cv,
    Device,
    FeatureSets,
    GroupPattern,
    Groups,
    Jobs,
    Noise,
    Repeats,
    Seed,
    Seeds,
    Test,
)

_FILES = {  # and their kinds
    "ablation.csv": "ablation.csv",
    "ablation.json": "ablation.json",
    "ablation.html": "html",
}

PretrainingName = StrEnum("PretrainingName", ["simclr", "cola", "byola"])


def ablate(
    folder: ClipFolder,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Folder for tables and finished fits."
        ),
    ],
    test: Test = None,
    noise: Noise = None,
    groups: Groups = None,
    group_pattern: GroupPattern = None,
    channel: Channel = "mix",
    pretrain: Annotated[
        PretrainingName | None,
        typer.Option(
            help="Add transformer_mel, started from an encoder that is first trained "
            "on the same clips without labels."
        ),
    ] = None,
    cv: Cv = 5,
    repeats: Repeats = 1,
    seeds: Seeds = 1,
    classifier: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only this network, or this head on --features, as in `train`; may be "
            "repeated.",
        ),
    ] = None,
    features: FeatureSets = None,
    only: Annotated[
        list[str] | None, typer.Option(hidden=True, help="As --classifier.")
    ] = None,
    seed: Seed = 0,
    device: Device = "cpu",
    cache: Cache = None,
    jobs: Jobs = -1,
):
    """Compare classifiers with one another and with baselines.

    Those of the study and three more, with the baselines, by grouped cross-validation
    and, with --test, on held-out clips; with --features other classifiers on
    pretrained embeddings than logistic on efficientat. A stopped run continues if it
    is given the same --output.

    Example: skaudio ablate clips/Training --test clips/Test --seeds 5 -o ablation
    """
    from skaudio import __version__, model_selection
    from skaudio._utils.atomic import write_text
    from skaudio.audit import audit_dataset
    from skaudio.features import set_channel
    from skaudio.pipelines import HEADS, named_pipelines, reference_pipelines
    from skaudio.reports import write_html

    inputs = [folder, test, noise]
    check_output_folder(output, "the tables", inputs)
    check_output_folder(output / "results", "the finished fits", inputs)
    if output.is_dir():
        for name, kind in _FILES.items():
            check_output(output / name, "the table", kind, inputs)
    check_there(test)
    check_cv(cv)
    if not cv and test is None:
        raise ValueError("--cv 0 without --test: there is nothing to score on")
    use_cache(cache, inputs)
    pretrain = pretrain and pretrain.value
    pipelines = reference_pipelines(noise, pretrain=pretrain, device=device)
    names = [*(classifier or []), *(only or [])]
    for name in names:
        if name not in (*pipelines, *HEADS):
            expected = ", ".join([*pipelines, *HEADS])
            raise ValueError(f"--classifier {name}: expected one of {expected}")
    heads = [name for name in names if name in HEADS]
    if names:
        pipelines = {name: pipelines[name] for name in names if name not in heads}
    elif not features:
        # Where the default is the ensemble, it stays the one with --noise.
        pipelines = pipelines | named_pipelines(n_jobs=jobs) | pipelines
    if heads or features:
        pipelines |= named_pipelines(heads or HEADS[:1], features or [], n_jobs=jobs)
    warn_of_unused_noise(noise, pipelines.values())
    models = list(pipelines.values())
    set_channel(models, channel)
    note(f"classifiers: {', '.join(pipelines)}")
    own = own_groups(groups, group_pattern)
    clips = load_clips(folder, models, jobs, cv, own)
    test_clips = load_test_clips(test, models, clips.target_names, jobs, own)
    output.mkdir(parents=True, exist_ok=True)
    with stopped_run(output, "finished fits"):
        table, reports = model_selection.ablate(
            *(pipelines, clips.data, clips.target, clips.groups),
            cv=cv or None,
            n_repeats=repeats,
            test=test_clips,
            n_seeds=seeds,
            random_state=seed,
            cache_dir=output / "results",
            n_jobs=jobs,
            audit=audit_dataset(clips, test=test_clips, n_jobs=jobs, verbose=1),
            return_reports=True,
            verbose=1,
        )
    csv = table.to_csv(float_format="%.6g")
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
        "device": device,
        "channel": channel,
        **table.attrs,
        "n_clips": len(clips.data),
        "rejected": clips.rejected.to_dict("records"),
        "rows": json.loads(table.reset_index().to_json(orient="records")),
    }
    text = json.dumps(facts, indent=2) + "\n"
    try:
        write_text(output / "ablation.csv", csv, "the table", "ablation.csv")
        write_text(output / "ablation.json", text, "the table", "ablation.json")
        write_html(reports, output / "ablation.html", command=command)
        note(f"wrote {', '.join(_FILES)} in {output}")
    finally:
        known = "below_baseline" in table
        show_models(reports, table.index[table["below_baseline"]] if known else ())
