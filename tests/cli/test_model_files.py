"""Which files the commands save and open, and what they say of them."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from typer.testing import CliRunner

from skaudio import MFCCStatistics, ModelFileError, WavLoader, load_model, save_model
from skaudio.cli import _train
from skaudio.cli._app import app
from skaudio.datasets import load_audio_folder
from skaudio.pipelines import audio_pipeline


class Halver(TransformerMixin, BaseEstimator):
    """A user's own transformer."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return X / 2


@pytest.fixture
def run(monkeypatch, tmp_path):
    """The command, in this process and in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments, error=None):
        result = CliRunner().invoke(app, [*map(str, arguments)])
        if error is None:
            assert result.exit_code == 0, result.output
            return result.output
        assert isinstance(result.exception, error), result.output
        return str(result.exception)

    return invoke


@pytest.fixture
def short_training(monkeypatch):
    def short(*arguments, **options):
        pipeline = audio_pipeline("cnn1d", random_state=0)
        return pipeline.set_params(clf__max_epochs=1, mel__n_mels=16, mel__n_frames=40)

    monkeypatch.setattr(
        "skaudio.pipelines.named_pipelines", lambda *_, **__: {"cnn1d": short()}
    )


def pipeline(clips, *steps):
    model = make_pipeline(WavLoader(), MFCCStatistics(), *steps, LogisticRegression())
    return model.fit(clips.data, clips.target)


def test_train_saves_without_code_and_info_prints_the_scores(
    run, short_training, clip_folder, tmp_path
):
    out = run("train", clip_folder, "--cv", 2, "--test", clip_folder, "--jobs", 1)
    assert "saved model.skaudio" in out and "executes code" not in out
    card = run("info", "model.skaudio")
    assert "Recognises 3 classes: cat, cow, dog." in card and "| cat | 8 |" in card
    assert "Cross-validation over 24 clips" in card
    assert "Held-out test clips: 24 clips" in card
    assert "24 of 24 test clips are leaked" in card
    # A model is not replaced by one that got its name by default.
    line = run("train", clip_folder, error=FileExistsError)
    assert line.startswith("model.skaudio: there is a model already")
    run("train", clip_folder, "-o", "model.skaudio", "--jobs", 1)
    assert "No scores were saved" in run("info", "model.skaudio")
    assert load_model("model.skaudio").training_clips_.shape == (24, 4)


def test_a_name_without_a_format_is_refused_before_any_work(
    run, clip_folder, monkeypatch
):
    monkeypatch.setattr(_train, "load_clips", lambda *_: pytest.fail("work began"))
    for name in ("model", "model.pkl", "model.zip"):
        line = run("train", clip_folder, "-o", name, error=ModelFileError)
        assert line.startswith(f"{name}: expected a name that ends in .skaudio")


def test_joblib_files_work_and_are_said_to_execute_code(
    run, short_training, clip_folder
):
    out = run("train", clip_folder, "-o", "m.joblib", "--jobs", 1)
    assert "m.joblib: a joblib file executes code when it is loaded" in out
    out = run("predict", "m.joblib", clip_folder)
    assert "m.joblib: a joblib file executes code now" in out
    assert "m.joblib: a joblib file executes code now" in run(
        "evaluate", "m.joblib", clip_folder
    )
    line = run("info", "m.joblib", error=ModelFileError)
    assert line.startswith("m.joblib: a joblib file, from which nothing can be read")
    assert "open it in Python with skaudio.load_model" in line


def test_own_classes_are_named_on_the_command_line(run, clip_folder, tmp_path):
    clips = load_audio_folder(clip_folder)
    model = pipeline(clips, Halver())
    save_model(model, "own.skaudio")
    line = run("predict", "own.skaudio", clip_folder, error=ModelFileError)
    assert f"holds '{__name__}.Halver', which skaudio does not know" in line
    trust = ("--trust", f"{__name__}.Halver")
    run("predict", "own.skaudio", clip_folder, "--csv", "p.csv", *trust)
    run("evaluate", "own.skaudio", clip_folder, *trust)
    predicted = np.loadtxt("p.csv", str, delimiter=",", skiprows=1)[:, 3]
    assert predicted.tolist() == model.predict(clips.data).tolist()


def test_bad_model_files_are_one_line(run, clip_folder, tmp_path):
    (tmp_path / "text.skaudio").write_text("hello")
    for command in ("predict", "evaluate"):
        line = run(command, "text.skaudio", clip_folder, error=ModelFileError)
        assert line.startswith("text.skaudio: no skaudio model file")
    assert "text.skaudio: no skaudio" in run("info", "text.skaudio", error=ValueError)
    assert "no such model" in run("info", "none.skaudio", error=FileNotFoundError)
    (tmp_path / "found").mkdir()
    line = run("info", "found", error=FileNotFoundError)
    assert line == "found: is a folder, expected the file of a model"
    # As another name of one: load_model opens joblib files by their name only.
    (tmp_path / "m.onnx").write_text("hello")
    with pytest.raises(
        ModelFileError, match=r"^m\.onnx: an ONNX file, which skaudio\.e"
    ):
        load_model("m.onnx")


def test_an_exported_model(run, short_training, clip_folder, tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    run("train", clip_folder, "--jobs", 1, "-o", "m.skaudio")
    assert "wrote model.onnx" in run("export", "m.skaudio", "--window", 1)
    card = run("info", "model.onnx")
    assert card.startswith("# model.onnx\n") and "3 classes: cat, cow, dog." in card
    assert "skaudio 0.1.0 made of m.skaudio sha256:" in " ".join(card.split())
    # As train: a default name replaces nothing.
    before = (tmp_path / "model.onnx").read_bytes()
    line = run("export", "m.skaudio", "--window", 0.5, error=FileExistsError)
    assert line.startswith("model.onnx: there is an ONNX file already: name it with -o")
    assert (tmp_path / "model.onnx").read_bytes() == before
    run("export", "m.skaudio", "--window", 0.5, "-o", "model.onnx")
    assert (tmp_path / "model.onnx").read_bytes() != before
