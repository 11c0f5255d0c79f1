import json
import re

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from skaudio.cli._calibrate import calibrate
from skaudio.recordings import draw_for_review


@pytest.fixture
def found(tmp_path):
    """A folder as `detect` leaves it, and verdicts of its events."""
    folder = tmp_path / "found"
    folder.mkdir()
    rng = np.random.default_rng(0)
    n = 300
    starts = np.arange(n) * 2.0
    events = pd.DataFrame(
        {
            "audio_file": [f"tape {k % 7},ä.wav" for k in range(n)],
            "annotation_file": None,
            "annotation": np.where(np.arange(n) < 280, "Frog", "Donkey"),
            "start_time": starts,
            "end_time": starts + 1,
            "low_f": np.nan,
            "high_f": np.nan,
            "score": rng.random(n).round(4),
            "peak_start_time": starts,
            "peak_end_time": starts + 1,
            "datetime": "2024-05-14 05:30:00",
        }
    )
    events.to_csv(folder / "events.csv", index=False)
    run = {"model": "m.skaudio sha256:abc", "parameters": {"threshold": 0.1}}
    (folder / "run.json").write_text(json.dumps(run))
    verdicts = draw_for_review(events, 100, random_state=0)
    is_frog = verdicts["label"] == "Frog"
    verdicts["verdict"] = np.where(verdicts["score"] > 0.4, "yes", "no")
    # Of Donkey, the first of each stratum only.
    first = ~verdicts.duplicated(["label", "stratum"])
    verdicts["verdict"] = verdicts["verdict"].where(is_frog | first)
    verdicts["reviewer"] = "Ann"
    verdicts.to_csv(tmp_path / "verdicts.csv", index=False)
    return folder


def run(*arguments):
    app = typer.Typer()
    app.command()(calibrate)
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_thresholds_and_events_are_written_into_the_folder(found, tmp_path):
    result = run(found, tmp_path / "verdicts.csv")
    assert result.exit_code == 0, result.output
    assert "of the events called Frog at or above" in result.output
    assert (
        "too few checked to promise anything for Donkey: check 17 more" in result.output
    )
    # How many calls there are: an estimate, with its interval.
    assert re.search(
        r"Frog: an estimated \d+ of 280 events at all scores are right, with 95 % "
        r"confidence \d+ to \d+\n",
        result.output,
    )
    facts = json.loads((found / "thresholds.json").read_text())
    assert facts["model"] == "m.skaudio sha256:abc"
    assert facts["parameters"] == {"threshold": 0.1}
    said = facts["verdicts"]
    assert said["file"] == "verdicts.csv" and said["reviewers"] == ["Ann"]
    assert said["drawn"] == 120 and said["yes"] + said["no"] == 103
    assert set(facts["thresholds"]) == {"Frog"}
    assert {row["label"] for row in facts["promises"]} == {"Frog", "Donkey"}
    assert facts["date"].endswith("+00:00")
    events = pd.read_csv(found / "events.csv")
    kept = pd.read_csv(found / "events_checked.csv")
    expected = events[
        (events["annotation"] == "Frog")
        & (events["score"] >= facts["thresholds"]["Frog"])
    ]
    pd.testing.assert_frame_equal(kept, expected.reset_index(drop=True))
    assert 0 < len(kept) < len(events)
    # Again, over its own files.
    result = run(found, tmp_path / "verdicts.csv")
    assert result.exit_code == 0, result.output


def test_verdicts_of_other_events_and_lost_rows_are_refused(found, tmp_path):
    verdicts = pd.read_csv(tmp_path / "verdicts.csv")
    judged = verdicts[verdicts["verdict"].notna()]
    judged.to_csv(tmp_path / "lost.csv", index=False)
    result = run(found, tmp_path / "lost.csv")
    assert "expected all rows that were drawn" in str(result.exception)
    verdicts.assign(start_time=verdicts["start_time"] + 0.5).to_csv(
        tmp_path / "other.csv", index=False
    )
    result = run(found, tmp_path / "other.csv")
    assert "is no event of" in str(result.exception)
    assert not (found / "thresholds.json").exists()
    assert not (found / "events_checked.csv").exists()


def test_a_folder_without_results_is_named(tmp_path):
    (tmp_path / "verdicts.csv").write_text("file\na.wav\n")
    result = run(tmp_path, tmp_path / "verdicts.csv")
    assert "has no events.csv, expected a folder of skaudio detect" in str(
        result.exception
    )
