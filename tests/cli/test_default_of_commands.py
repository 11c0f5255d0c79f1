"""What the commands train where no classifier is named."""

import json

from typer.testing import CliRunner

from skaudio import EfficientATEmbedder, load_model, pipelines
from skaudio.cli._app import app
from skaudio.datasets import load_audio_folder


def run_here(*arguments):
    run = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    return run


def test_train_fits_a_head_on_efficientat(mn04, clip_folder, tmp_path, recwarn):
    path = tmp_path / "model.joblib"
    run = run_here("train", clip_folder, "-o", path)
    assert "classifier: efficientat logistic" in run.stderr
    assert "Downloading" not in run.stderr and not recwarn.list
    model = load_model(path)
    assert isinstance(model["embed"], EfficientATEmbedder)
    clips = load_audio_folder(clip_folder)
    assert (model.predict(clips.data) == clips.target).mean() > 0.9


def test_report_is_on_it(mn04, clip_folder, tmp_path):
    page = tmp_path / "report.html"
    run = run_here("report", clip_folder, "--cv", 2, "--jobs", 1, "-o", page)
    # Below the names of the clips, and of the scores.
    assert run.stdout.splitlines()[2].startswith("efficientat logistic")
    html = page.read_text("utf-8")
    assert "efficientat logistic" in html and "EfficientATEmbedder" in html


def test_ablate_has_it_beside_the_study(clip_folder, tmp_path, monkeypatch, mn04):
    network = pipelines.audio_pipeline("cnn1d").set_params(clf__max_epochs=1)
    named = {"cnn1d": network, "mel_ensemble": network}
    monkeypatch.setattr(pipelines, "reference_pipelines", lambda *_, **__: named)

    def rows(folder):
        run_here("ablate", clip_folder, "--cv", 2, "--jobs", 1, "-o", folder)
        facts = json.loads((folder / "ablation.json").read_text())
        return [row["pipeline"] for row in facts["rows"]][3:]

    assert rows(tmp_path / "with") == [*named, "efficientat logistic"]
    # Without weights and network the table has the study's rows.
    monkeypatch.delenv("SKAUDIO_WEIGHTS")
    monkeypatch.setenv("SKAUDIO_DATA", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert rows(tmp_path / "without") == [*named]
