"""A folder with a model and a program that runs it, without skaudio."""

import re
from importlib.resources import files
from pathlib import Path

from skaudio._utils.atomic import make_folder, write_text
from skaudio.export._export_onnx import export_onnx

# An import of skaudio, in one line or in parentheses.
_OWN = r"from skaudio\._utils\.(\w+) import (?:\([^)]*\)|.*)\n"


def export_runtime(model, folder, window=None, **options):
    """Write ``model.onnx`` and ``run.py``, which needs four packages and no skaudio.

    ``python run.py dawn.wav recordings/`` prints the events of recordings, the table of
    `skaudio.recordings.detect`, on a computer with numpy, soundfile, soxr and
    onnxruntime; ``-`` reads a pipe. Windows, resampling and events are those of
    skaudio.

    Parameters
    ----------
    model : fitted classifier or Pipeline
    folder : path
        Is made where it is not there. Older files of these names are replaced.
    window, **options
        As of `export_onnx`.

    Returns
    -------
    facts : dict
        As of `export_onnx`.

    Raises
    ------
    ModelFileError, ImportError, ValueError, OSError
        As `export_onnx`.

    Examples
    --------
    >>> import os, tempfile
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.export import export_runtime
    >>> from skaudio.pipelines import audio_pipeline
    >>> calls = make_animal_sounds(6, n_classes=2, random_state=0)
    >>> pipeline = audio_pipeline("cnn1d").set_params(clf__max_epochs=1)
    >>> model = pipeline[1:].fit(calls.data, calls.target)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     facts = export_runtime(model, folder, window=3.0)
    ...     sorted(os.listdir(folder))
    ['model.onnx', 'run.py']
    """
    folder = Path(folder)
    make_folder(folder, "the model")
    program = folder / "run.py"
    text = _program()
    if program.exists() and not _is_ours(program, text):
        raise FileExistsError(
            f"{program}: is no program of skaudio and would be replaced: move it away, "
            "or choose another folder"
        )
    facts = export_onnx(model, folder / "model.onnx", window, **options)
    write_text(program, text, "the program")
    return facts


def _program():
    """Return the text of run.py: that of the runtime, and of what it imports."""
    text = (files("skaudio.export") / "_runtime.py").read_text("utf-8")

    def source(match):
        module = (files("skaudio") / "_utils" / f"{match[1]}.py").read_text("utf-8")
        return f"# From skaudio/_utils/{match[1]}.py.\n" + module.split('"""', 2)[2]

    return re.sub(_OWN, source, text)


def _is_ours(program, text):
    """Return whether a program begins as skaudio's, of whatever version."""
    first = text.partition("\n")[0].encode()
    return program.read_bytes().partition(b"\n")[0].rstrip() == first
