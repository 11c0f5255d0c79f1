"""The card of a model: what it says, and that the hub's own reader takes it."""

import subprocess
import sys

import every_model
import numpy as np
import pytest
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skaudio import FineTunedClassifier, WavLoader, load_model, save_model
from skaudio._utils.model_files import read_facts
from skaudio.datasets import load_audio_folder
from skaudio.export import read_model_card
from skaudio.export._networks import NETWORKS, networks_inside
from skaudio.features import MFCCStatistics
from skaudio.model_selection import cross_validated_report
from skaudio.pipelines import window_pipeline
from skaudio.pretrained import EMBEDDERS
from skaudio.reports import report_on


@pytest.fixture(scope="module")
def clips(clip_folder):
    return load_audio_folder(clip_folder)


@pytest.fixture(scope="module")
def saved(clips, tmp_path_factory):
    """A model with its training clips and two reports, and where it is saved."""
    path = tmp_path_factory.mktemp("card") / "farm.skaudio"
    model = make_pipeline(WavLoader(), MFCCStatistics(), LogisticRegression())
    scores = cross_validated_report(
        *(model, clips.data, clips.target, clips.groups, 2), random_state=0, audit=False
    )
    model.fit(clips.data, clips.target)
    held_out = report_on(model, clips.data[:4], clips.target[:4], train=clips)
    reports = [scores, held_out]
    save_model(model, path, training_clips=clips, reports=reports)
    return path, reports


def front_matter(card):
    return yaml.safe_load(card.split("---\n")[1])


def test_the_card_has_classes_scores_limits_and_use(saved, clips):
    path, reports = saved
    card = read_model_card(path)
    assert "# farm\n" in card and "Recognises 3 classes: cat, cow, dog." in card
    assert "| cat | 8 |" in card and "24 clips." in card
    for report in reports:
        for score in report.summary.itertuples():
            row = f"| {score.value:.3f} | {score.low:.3f} to {score.high:.3f} |"
            assert row in card
    assert card.count("\n\n95 % intervals: of accuracies Wilson's, of the others") == 2
    assert "4 of 4 test clips are leaked" in card
    assert "Sound above 8 kHz has no effect." in card
    assert "skaudio predict farm.skaudio" in card
    assert 'model.predict_proba(["clip.wav"])' in card
    assert str(clips.data[0]) not in card


def test_the_front_matter_is_the_hubs(saved):
    path, (scores, _) = saved
    front = front_matter(read_model_card(path))
    assert front["license"] == "unknown" and front["library_name"] == "skaudio"
    assert front["pipeline_tag"] == "audio-classification"
    assert "bioacoustics" in front["tags"]
    (index,) = front["model-index"]
    assert index["name"] == "farm" and len(index["results"]) == 2
    metrics = {one["type"]: one["value"] for one in index["results"][0]["metrics"]}
    assert metrics["accuracy"] == pytest.approx(
        scores.summary.loc["accuracy", "value"], abs=1e-4
    )
    assert set(front["metrics"]) == set(scores.summary.index)
    hub = pytest.importorskip("huggingface_hub")
    data = hub.ModelCard(read_model_card(path)).data
    assert data.library_name == "skaudio" and len(data.eval_results) >= 8


def test_facts_are_there_for_programs(saved, clips):
    path, (_, held_out) = saved
    facts = read_facts(path)
    assert facts["n_training_clips"] == {"cat": 8, "cow": 8, "dog": 8}
    assert facts["takes"] == "files" and facts["sample_rate"] == 16000
    assert facts["thresholds"] is None and facts["calibration"] is None
    cross_validated, tested = facts["scores"]
    assert cross_validated["kind"] == "cross-validation"
    assert cross_validated["per_class"]["cat"]["support"] == 8
    assert tested["summary"].keys() == set(held_out.summary.index)
    clips_in_file = load_model(path).training_clips_
    assert clips_in_file["digest"].tolist() == clips.frame["digest"].tolist()
    # What is saved again keeps its clips; scores belong to who measured them.
    save_model(load_model(path), path.parent / "again.skaudio")
    again = read_facts(path.parent / "again.skaudio")
    assert again["training_clips"] == facts["training_clips"] and again["scores"] == []


def test_a_model_without_clips_or_classes_says_so(tmp_path):
    path = tmp_path / "m.skaudio"
    save_model(every_model.others()["majority"], path)
    card = read_model_card(path)
    assert "Not recorded in this file" in card and "No scores were saved" in card
    assert "skaudio predict" not in card.partition("## How")[2]
    save_model(every_model.untouched()["features"], path)
    assert 'model.transform(["clip.wav"])' in read_model_card(path)


def test_licences_of_the_networks_inside(tmp_path):
    assert set(NETWORKS) == set(EMBEDDERS.values())
    models = every_model.heads()
    save_model(models["birdnet,yamnet logistic"], tmp_path / "m.skaudio")
    card = read_model_card(tmp_path / "m.skaudio")
    assert front_matter(card)["license"] == "cc-by-nc-sa-4.0"
    assert "- BirdNET v2.4: cc-by-nc-sa-4.0, no commercial use; its weights are" in card
    assert "- YAMNet: apache-2.0; its weights are not in this file" in card
    (tuned,) = networks_inside(make_pipeline(FineTunedClassifier("yamnet")))
    assert tuned["weights_in_file"] and tuned["licence"] == "apache-2.0"
    own = models["panns logistic"].set_params(embed__model_path="my.pth")
    (network,) = networks_inside(own)
    assert network["licence"] == "unknown" and network["commercial_use"] is None


def test_a_card_is_read_without_torch(saved):
    code = (
        "import sys; from skaudio.export import read_model_card; "
        "read_model_card(sys.argv[1]); "
        "print({'torch', 'sklearn', 'numpy', 'pandas'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, saved[0]], capture_output=True, text=True
    )
    assert run.stdout.strip() == "set()", run.stderr


def test_labels_that_are_numbers(tmp_path):
    model = LogisticRegression().fit(np.eye(4), [1, 1, 2, 2])
    save_model(model, tmp_path / "m.skaudio")
    assert read_facts(tmp_path / "m.skaudio")["classes"] == [1, 2]
    assert load_model(tmp_path / "m.skaudio").classes_.tolist() == [1, 2]


def test_a_model_for_recordings_says_what_background_it_knows(clips, tmp_path):
    hiss = np.random.RandomState(0).normal(0, 0.01, 16000 * 10)
    head = make_pipeline(WavLoader(), MFCCStatistics(), LogisticRegression())
    model = window_pipeline(head, [hiss], random_state=0)
    model.fit(clips.data, clips.target)
    save_model(model, tmp_path / "m.skaudio", training_clips=clips)
    card = read_model_card(tmp_path / "m.skaudio")
    assert "windows of 3 s, with 6 windows and clips of background" in card
    assert "| background | 6 windows |" in card
    assert "skaudio detect m.skaudio recordings" in card
    same = load_model(tmp_path / "m.skaudio")
    np.testing.assert_array_equal(
        same.predict_proba(clips.data), model.predict_proba(clips.data)
    )
