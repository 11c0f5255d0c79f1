"""What is loaded for nothing costs each command, and each worker, up to seconds."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from tiny_weights import write_mobilenet

from skaudio import CNN1DClassifier, EfficientATEmbedder, WavLoader, save_model
from skaudio.datasets import load_audio_folder


def loaded(code, *names):
    """Run code in a process; return which of the packages it has imported."""
    code = f"{code}\nimport sys; print('loaded', *{set(names)} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(run.stdout.splitlines()[-1].split()[1:])


def command(*arguments):
    return (
        f"import sys; sys.argv = {['skaudio', *map(str, arguments)]}\n"
        "from skaudio.cli import main\n"
        "try: main()\n"
        "except SystemExit as stop: assert not stop.code, stop.code"
    )


def test_the_help_waits_for_no_library():
    libraries = ("torch", "sklearn", "numpy", "scipy", "pandas", "matplotlib", "rich")
    assert not loaded(command("--help"), *libraries)
    assert not loaded("import skaudio, skaudio.recordings", *libraries)


def test_the_classes_are_defined_without_torch():
    code = "import skaudio; [getattr(skaudio, name) for name in skaudio.__all__]"
    others = ("torch", "skorch", "transformers", "onnx", "librosa", "matplotlib")
    # All that can be asked of an estimator before it is fitted.
    code += (
        "\nfrom sklearn.base import clone"
        "\nfor one in (skaudio.CNN1DClassifier(), skaudio.SimCLREncoder()):"
        "\n    repr(clone(one).set_params(lr=0.1))"
    )
    assert not loaded(code, *others)


@pytest.fixture
def default_model(clip_folder, tmp_path):
    """A model as `skaudio train` makes it, over a small network of random weights."""
    clips = load_audio_folder(clip_folder, n_jobs=1)
    weights = write_mobilenet(tmp_path / "weights.pt")
    model = make_pipeline(
        WavLoader(sample_rate=32000),
        EfficientATEmbedder(model_path=weights),
        LogisticRegression(),
    )
    path = tmp_path / "model.skaudio"
    save_model(model.fit(clips.data, clips.target), path)
    return path, clips.data[0]


def test_predict_waits_for_what_it_needs(default_model):
    others = ("matplotlib", "transformers", "numba", "librosa", "skorch", "onnx")
    found = loaded(command("predict", *default_model), "torch", *others, "jinja2")
    assert found == {"torch"}


def test_a_network_is_opened_without_the_compiler_of_torch(log_mels, calls, tmp_path):
    model = CNN1DClassifier(max_epochs=1, random_state=0)
    save_model(model.fit(log_mels, calls.target), tmp_path / "m.skaudio")
    np.save(tmp_path / "X.npy", log_mels[:2])
    code = (
        "import numpy as np; from skaudio import load_model\n"
        f"X = np.load({str(tmp_path / 'X.npy')!r})\n"
        f"load_model({str(tmp_path / 'm.skaudio')!r}).predict_proba(X)"
    )
    assert not loaded(code, "torch._dynamo", "sympy", "matplotlib")
