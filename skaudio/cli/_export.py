"""`skaudio export`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import note
from skaudio.cli._inputs import (
    check_output,
    check_output_folder,
    load_classifier,
    new_file,
)
from skaudio.cli._options import ModelFile, Trust, Window


def export(
    model: ModelFile,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Default: a new model.onnx, or none."
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
    web: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Also write a page that runs the model in the browser, from the "
            "microphone or files, into this folder.",
        ),
    ] = None,
    onnxruntime_web: Annotated[
        Path | None,
        typer.Option(
            "--onnxruntime-web",
            metavar="DIR",
            help="Folder with the files of onnxruntime-web, to be copied beside the "
            "page. Default: the page takes them from the network when it is opened.",
        ),
    ] = None,
    window: Window = None,
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

    The page of --web must be served from https or localhost, for browsers give the
    microphone to no other: python -m http.server -d DIR, then http://localhost:8000.

    Example: skaudio export model.skaudio --web page
    """
    from functools import partial

    from skaudio._utils.hashing import sha256_of
    from skaudio.export import export_onnx, export_runtime, export_web

    if output is None and runtime is None and web is None:
        output = new_file("model.onnx", "an ONNX file")
    if onnxruntime_web is not None and web is None:
        raise ValueError("--onnxruntime-web: expected --web DIR beside it")
    check_output(output, "the graph", "onnx", [model, thresholds])
    check_output_folder(runtime, "the model", [model, thresholds])
    check_output_folder(web, "the page", [model, thresholds])
    to_web = partial(export_web, onnxruntime_web=onnxruntime_web)
    classifier = load_classifier(model, trust, several=True)
    for path, write in (
        (output, export_onnx),
        (runtime, export_runtime),
        (web, to_web),
    ):
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
    if web is not None:
        note(f"serve the page: python -m http.server -d {shlex.quote(str(web))}")
    return output or runtime or web
