"""What a folder of results holds is not lost in a later run of detect."""

import os
import re
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest
import soundfile
from scoring_models import RATE, levels_model
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skaudio import MFCCStatistics
from skaudio.recordings import detect, embed_recordings, evaluate_recordings

pytest.importorskip("pyarrow")
pytestmark = pytest.mark.filterwarnings("ignore:.*no class of background")
OPTIONS = {
    **{"clip_duration": 1.0, "clip_overlap": 0.0, "threshold": 0.2},
    **{"smoothing": None, "model_id": "m", "formats": ["audacity"]},
}


def record(folder, *names):
    """Recordings of which each second has another level."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    for name in names:
        levels = np.repeat(rng.choice([0.01, 0.1, 0.5], 10), RATE)
        sound = levels * rng.uniform(-1, 1, len(levels))
        soundfile.write(folder / f"{name}.wav", sound, RATE)
    return folder


@pytest.fixture
def site(tmp_path):
    return record(tmp_path / "site1", "dawn", "dusk")


def files_of(folder):
    """The results in a folder, without the journal of what was tried."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "journal.jsonl"
    }


def found_in(model, recordings, output, **options):
    return detect(model, recordings, output, **{**OPTIONS, **options})


@pytest.fixture
def found(site, tmp_path):
    """Folder of results that has a file of the user in it."""
    assert len(found_in(levels_model(), site, tmp_path / "found").events) > 3
    (tmp_path / "found" / "notes.txt").write_text("mine")
    return tmp_path / "found"


def test_a_path_that_is_not_there_is_refused_before_any_work(site, found):
    before = files_of(found)
    for wrong in (site.parent / "nothere", [site, site / "gone.wav"]):
        for call in (
            lambda wrong: found_in(levels_model(), wrong, found),
            lambda wrong: embed_recordings(wrong, found, MFCCStatistics()),
            lambda wrong: evaluate_recordings(levels_model(), wrong, pd.DataFrame()),
        ):
            with pytest.raises(
                FileNotFoundError, match=r"(nothere|gone\.wav): no such"
            ):
                call(wrong)
    assert files_of(found) == before


def test_results_of_other_recordings_are_not_replaced(site, found, tmp_path):
    before = files_of(found)
    other = record(tmp_path / "site2", "dawn")
    for recordings in (other, site / "dawn.wav", [other, site / "dusk.wav"]):
        with pytest.raises(FileExistsError, match=r"found: holds.*--replace") as error:
            found_in(levels_model(), recordings, found)
        assert "are not given to this run" in str(error.value)
    assert files_of(found) == before
    again = found_in(levels_model(), other, found, replace=True)
    assert again.effort["file"].tolist() == [str(other / "dawn.wav")]


def test_more_recordings_and_other_options_replace(site, found, tmp_path):
    other = record(tmp_path / "site2", "dawn")
    again = found_in(levels_model(), [site, other], found, threshold=0.9)
    assert len(again.effort) == 3
    written = pd.read_csv(found / "effort.csv")
    assert written["file"].tolist() == again.effort["file"].tolist()


def test_where_nothing_can_be_read_all_stays_as_it_was(site, found, tmp_path):
    before = files_of(found)
    shutil.copytree(site, tmp_path / "kept")
    for file in site.iterdir():
        file.write_bytes(b"damaged")
    with pytest.raises(FileExistsError, match=r"2 recordings that cannot be read now"):
        found_in(levels_model(), site, found)
    with (
        pytest.warns(UserWarning, match=r"(?s)dawn\.wav: .*dusk\.wav: "),
        pytest.raises(ValueError, match="None of 2 recordings could be read"),
    ):
        found_in(levels_model(), site, found, replace=True)
    assert files_of(found) == before


def test_sound_of_which_no_window_can_be_scored_replaces_nothing(site, found):
    """As with a channel that they lack: they can be opened."""
    before = files_of(found)
    for replace in (False, True):
        with (
            pytest.warns(UserWarning, match="there is no channel 7"),
            pytest.raises(ValueError, match="None of 2 recordings could be read"),
        ):
            found_in(levels_model(), site, found, channel=7, replace=replace)
    stereo = np.random.default_rng(0).normal(0, 0.1, (RATE * 2, 2))
    soundfile.write(site / "stereo.wav", stereo, RATE)
    with (
        pytest.warns(UserWarning, match="there is no channel 1"),
        pytest.raises(FileExistsError, match=r"2 recordings that cannot be read"),
    ):
        found_in(levels_model(), site, found, channel=1)
    new = {path for path in files_of(found) if path.stem.startswith("stereo")}
    assert {p: d for p, d in files_of(found).items() if p not in new} == before


def test_one_recording_that_was_damaged_since_does_not_cost_its_events(site, found):
    before = files_of(found)
    (site / "dusk.wav").write_bytes(b"damaged")
    with pytest.raises(FileExistsError, match=r"1 recording.*such as .*dusk\.wav"):
        found_in(levels_model(), site, found)
    assert files_of(found) == before
    with pytest.warns(UserWarning, match=r"dusk\.wav"):
        again = found_in(levels_model(), site, found, replace=True)
    assert again.effort["seconds_recorded"].isna().tolist() == [False, True]
    # It holds no results any more, and so is in nobody's way.
    (site / "dusk.wav").unlink()
    assert len(found_in(levels_model(), site, found).effort) == 1


def test_the_same_names_in_another_folder_are_other_recordings(
    site, tmp_path, monkeypatch
):
    record(tmp_path / "site2", "dawn", "dusk")
    found = tmp_path / "found"
    monkeypatch.chdir(site)
    found_in(levels_model(), ".", found)
    monkeypatch.chdir(tmp_path / "site2")
    with pytest.raises(FileExistsError, match=re.escape(str(site / "dawn.wav"))):
        found_in(levels_model(), ".", found)
    monkeypatch.chdir(tmp_path)
    assert len(found_in(levels_model(), "site1", found).effort) == 2


def test_a_stopped_run_goes_on_whatever_it_was_given_first(site, found, tmp_path):
    shutil.rmtree(found)
    record(tmp_path / "site2", "dawn")
    model = levels_model()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("skaudio.recordings._events.detect.find_events", stop)
        with pytest.raises(KeyboardInterrupt):
            found_in(model, tmp_path / "site2", found)
    assert len(os.listdir(found / "scores")) == 2  # scores and journal
    assert len(found_in(model, site, found).effort) == 2


def test_a_recording_may_grow_while_others_are_scored(site, tmp_path):
    def record_on(X):
        soundfile.write(site / "dusk.wav", np.full(20 * RATE, 0.1), RATE)
        return X

    first = levels_model()
    model = make_pipeline(first[0], FunctionTransformer(record_on), *first[1:])
    effort = found_in(model, site, tmp_path / "new", n_jobs=1).effort
    assert effort["seconds_scored"].tolist() == [10.0, 20.0]


def stop(*_, **__):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sites": "("}, r"sites='\('"),
        ({"sites": r"(\d+)x"}, "has no site"),
        ({"time_zone": "Nowhere"}, "time_zone='Nowhere'"),
        ({"merge_gap": -1}, "merge_gap=-1"),
        ({"min_duration": -1}, "min_duration=-1"),
        ({"smoothing": 2}, "smoothing=2"),
        ({"threshold": 7}, "threshold=7"),
        ({"threshold": 0.1, "continue_threshold": 0.2}, "continue_threshold=0.2"),
        ({"clip_overlap": 3.0}, "clip_overlap=3"),
        ({"channel": "left"}, "channel='left'"),
    ],
)
def test_bad_options_are_refused_before_the_recordings_are_scored(
    options, message, site, tmp_path
):
    model = levels_model()
    with pytest.raises(ValueError, match=message):
        found_in(model, site, tmp_path / "new", **options)
    assert not list((tmp_path / "new").rglob("*.parquet"))


@pytest.mark.parametrize("name", ["threshold", "merge_gap", "min_duration"])
def test_evaluation_refuses_bad_options_before_it_scores(name, site):
    events = pd.DataFrame(
        {
            "audio_file": [str(site / "dawn.wav")],
            **{"annotation": "cat", "start_time": 1.0, "end_time": 2.0},
        }
    )
    (site / "dusk.wav").write_bytes(b"damaged")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of the recording, where it is scored
        with pytest.raises(ValueError, match=f"{name}=-1"):
            evaluate_recordings(
                levels_model(), site, events, clip_duration=1.0, **{name: -1}
            )
