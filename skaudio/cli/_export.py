"""`skaudio export`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import note
from skaudio.cli._inputs import check_output, check_output_folder, load_classifier
from skaudio.cli._options import ModelFile, Trust


def export(
    model: ModelFile,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Default: model.onnx, or none."
        ),
    ] = None,
    runtime: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Also write model.onnx and run.py, a program that finds events "
            "without skaudio, into this folder.",
        ),
    ] = None,
    window: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Length of a window. Default: what the model was trained for.",
        ),
    ] = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="thresholds.json of `skaudio calibrate`, to keep."
        ),
    ] = None,
    int8: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Compute with 8-bit integers, whose ranges clips of this folder give: "
            "a smaller file, other probabilities.",
        ),
    ] = None,
    trust: Trust = None,
):
    """Write a model as an ONNX file, which runs without torch.

    From waveforms to probabilities in one graph, for onnxruntime: `skaudio predict` and
    `skaudio detect` take it, and so do other programs, on small computers and in
    browsers. Needs the extra onnx.

    Example: skaudio export model.skaudio -o model.onnx
    """
    from skaudio._utils.hashing import sha256_of
    from skaudio.export import export_onnx, export_runtime

    if output is None and runtime is None:
        output = Path("model.onnx")
    check_output(output, "the graph", "onnx", [model, thresholds])
    check_output_folder(runtime, "the model", [model, thresholds])
    classifier = load_classifier(model, trust, several=True)
    for path, write in ((output, export_onnx), (runtime, export_runtime)):
        if path is None:
            continue
        facts = write(
            *(classifier, path, window),
            thresholds=thresholds,
            int8=int8,
            model_id=f"{model.name} sha256:{sha256_of(model)}",
        )
        note(
            f"wrote {path}: {len(facts['classes'])} classes, windows of "
            f"{facts['window']:g} s at {facts['sample_rate']} Hz"
        )
