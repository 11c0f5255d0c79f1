"""`skaudio train` and `ablate` with the ensemble, the default without weights."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from skaudio import MelEnsembleClassifier, load_model, pipelines
from skaudio.cli import _train
from skaudio.cli._app import app
from skaudio.datasets import load_audio_folder, make_animal_sounds
from skaudio.pipelines import audio_pipeline


def shorten(pipeline):
    """One epoch of each member on small log-mels."""
    members = ("cnn1d", "statistics", "alexnet")
    epochs = {f"clf__{name}__max_epochs": 1 for name in members}
    return pipeline.set_params(mel__n_mels=16, mel__n_frames=40, **epochs)


@pytest.fixture(scope="module")
def few_clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few-clips")
    make_animal_sounds(4, n_classes=2, output_dir=folder, random_state=2)
    return folder / "Training"


def test_train_without_weights_and_network_trains_the_ensemble(
    skaudio, few_clips, tmp_path, monkeypatch
):
    monkeypatch.delenv("SKAUDIO_WEIGHTS", raising=False)
    monkeypatch.setenv("SKAUDIO_DATA", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    path, scores = tmp_path / "model.skaudio", tmp_path / "scores.csv"
    run = skaudio("train", few_clips, "-o", path, "--jobs", 1)
    (warned,) = (line for line in run.stderr.splitlines() if "warning:" in line)
    assert f"put the file there yourself: {tmp_path}" in warned
    assert warned.endswith("the default is mel_ensemble, trained from scratch.")
    assert "classifier: mel_ensemble" in run.stderr
    assert "8 clips of 2 classes" in run.stderr
    assert "trained 105 epochs" in run.stderr and f"saved {path}" in run.stderr
    classifier = load_model(path)["clf"]
    assert isinstance(classifier, MelEnsembleClassifier)
    skaudio("predict", path, few_clips, "--csv", scores)
    table = pd.read_csv(scores)
    assert (table["prediction"] == table["file"].str.split("/").str[-2]).mean() > 0.8


# In two processes, as on every laptop, too.
@pytest.mark.parametrize(
    "name, n_jobs", [("mel_ensemble", 1), ("mel_ensemble", 2), ("cnn1d", None)]
)
def test_the_progress_bar_counts_the_epochs_of_all_networks(
    name, n_jobs, few_clips, bars
):
    pipeline = audio_pipeline(name, random_state=0, n_jobs=n_jobs)
    if name == "mel_ensemble":
        shorten(pipeline).set_params(clf__alexnet__max_epochs=2)
    else:
        pipeline.set_params(clf__max_epochs=4, clf__early_stopping=False)
    _train.fit(pipeline, load_audio_folder(few_clips))
    (bar,) = bars
    assert bar.n == bar.total == 4
    losses = [epoch["train_loss"] for epoch in pipeline["clf"].history_]
    assert bar.postfix in [f"train loss {loss:.3f}" for loss in losses]
    # Nothing of the bar is left in what is saved.
    parts = {
        key: value
        for key, value in pipeline.get_params().items()
        if key.endswith("callbacks")
    }
    fitted = getattr(pipeline["clf"], "members_", [])
    parts |= {member: network.callbacks for member, network in fitted}
    assert len(parts) == (6 if name == "mel_ensemble" else 1)
    assert set(parts.values()) == {None}


def test_ablate_only_the_ensemble(few_clips, tmp_path, monkeypatch):
    real = pipelines.reference_pipelines

    def short(*arguments, **options):
        named = real(*arguments, **options)
        return named | {"mel_ensemble": shorten(named["mel_ensemble"])}

    monkeypatch.setattr(pipelines, "reference_pipelines", short)
    arguments = (
        *("ablate", few_clips, "--only", "mel_ensemble", "--cv", 2),
        *("--jobs", 1, "-o", tmp_path),
    )
    run = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    table = pd.read_csv(tmp_path / "ablation.csv", index_col="pipeline")
    assert table.index.tolist()[3:] == ["mel_ensemble"]
    clips = load_audio_folder(few_clips)
    fitted = short()["mel_ensemble"].fit(clips.data, clips.target)["clf"]
    assert table.loc["mel_ensemble", "n_parameters"] == fitted.n_parameters_
    assert "mel_ensemble" in (tmp_path / "ablation.html").read_text("utf-8")
