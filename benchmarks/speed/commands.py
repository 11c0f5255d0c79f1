"""What a command and an import wait for."""

import subprocess
import sys

from harness import compare
from models import model_file


def run(*command, **options):
    """Run a command to its end, in silence."""
    subprocess.run(command, check=True, capture_output=True, **options)


def python(code):
    """Make a callable that runs Python code in a process."""
    return lambda: run(sys.executable, "-c", code)


def skaudio(*arguments):
    """Make a callable that runs a command of skaudio, as its installed script does."""
    code = "from skaudio.cli import main; main()"
    return lambda: run(sys.executable, "-c", code, *map(str, arguments))


@compare()
def help_text(folder):
    """`skaudio --help`."""
    return skaudio("--help")


@compare()
def import_of_classes(folder):
    """Import of all classes."""
    return python("import skaudio; [getattr(skaudio, n) for n in skaudio.__all__]")


@compare()
def open_yamnet(folder):
    """YAMNet opened, and a second of sound."""
    return python(
        "import numpy as np; from skaudio import YAMNetEmbedder;"
        "YAMNetEmbedder().transform(np.zeros((1, 16000), 'float32'))"
    )


@compare()
def predict_one_file(folder):
    """`skaudio predict` of one file with the default model."""
    from skaudio.pipelines import embedding_pipeline

    model = model_file(embedding_pipeline("efficientat"), folder)
    return skaudio("predict", model, next(folder.glob("*/*")), "-j", 1)


@compare()
def predict_one_file_cnn1d(folder):
    """`skaudio predict` of one file with cnn1d."""
    from skaudio.pipelines import audio_pipeline

    pipeline = audio_pipeline("cnn1d", random_state=0).set_params(clf__max_epochs=1)
    model = model_file(pipeline, folder)
    return skaudio("predict", model, next(folder.glob("*/*")), "-j", 1)
