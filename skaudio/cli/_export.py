"""`skaudio export`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import note
from skaudio.cli._inputs import check_output, load_classifier
from skaudio.cli._options import ModelFile, Trust


def export(
    model: ModelFile,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="An .onnx file.")
    ] = Path("model.onnx"),
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
    trust: Trust = None,
):
    """Write a model as an ONNX file, which runs without Python's torch.

    From waveforms to probabilities in one graph, for onnxruntime: on a phone, in a
    browser, on a small computer. Needs the extra onnx.

    Example: skaudio export model.skaudio -o model.onnx
    """
    from skaudio._utils.hashing import sha256_of
    from skaudio.export import export_onnx

    check_output(output, "the graph", "onnx", [model, thresholds])
    facts = export_onnx(
        load_classifier(model, trust, several=True),
        output,
        window,
        thresholds=thresholds,
        model_id=f"{model.name} sha256:{sha256_of(model)}",
    )
    note(
        f"wrote {output}: {len(facts['classes'])} classes, windows of "
        f"{facts['window']:g} s at {facts['sample_rate']} Hz"
    )
