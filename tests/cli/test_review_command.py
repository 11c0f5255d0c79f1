import json

import numpy as np
import pandas as pd
import pytest
import soundfile
from html_pages import Page

import skaudio.recordings
from skaudio.cli import _app
from skaudio.cli._review import review

RATE = 16000


def drawn(events, n_per_class=100, *, n=None, random_state=None):
    """Stand in for `draw_for_review` where it is not there yet."""
    n = n or n_per_class * events["annotation"].nunique()
    names = {"audio_file": "file", "annotation": "label"}
    names |= {"peak_start_time": "start_time", "peak_end_time": "end_time"}
    table = events.drop(columns=["start_time", "end_time"]).rename(columns=names)
    table = table.sample(min(n, len(table)), random_state=random_state)
    return table.assign(stratum=1, inclusion_probability=len(table) / len(events))


@pytest.fixture
def command(command, monkeypatch):
    if not hasattr(skaudio.recordings, "draw_for_review"):
        monkeypatch.setattr(skaudio.recordings, "draw_for_review", drawn, raising=False)
    if "review" not in [one.__name__ for one in _app.COMMANDS]:
        _app.app.command()(review)
        monkeypatch.setattr(_app, "COMMANDS", (*_app.COMMANDS, review))
    return command


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A folder of results, as `skaudio detect` writes it."""
    folder = tmp_path_factory.mktemp("detected")
    sound = 0.1 * np.random.default_rng(0).standard_normal(RATE * 12)
    soundfile.write(folder / "dawn.wav", sound, RATE)
    found = folder / "found"
    found.mkdir()
    start = np.arange(10.0)
    events = pd.DataFrame(
        {
            "audio_file": str(folder / "dawn.wav"),
            "annotation": ["Frog"] * 6 + ["Owl"] * 4,
            "start_time": start,
            "end_time": start + 1,
            "score": np.linspace(0.5, 0.95, 10),
            "peak_start_time": start,
            "peak_end_time": start + 1,
        }
    )
    events.to_csv(found / "events.csv", index=False)
    run = {
        "classes": ["Frog", "Owl", "Toad", "background"],
        "scoring": {"streams": [[8000, "mix"]]},
    }
    (found / "run.json").write_text(json.dumps(run))
    return found


def test_a_page_of_what_was_found(found, tmp_path, command):
    path = tmp_path / "review.html"
    status, out, err = command("review", found, "-o", path, "-n", 8, "--padding", 0.5)
    assert status == 0, err
    assert out.split() == ["4", "Frog", "4", "Owl"] and "8 windows" in err
    page = Page(path)
    assert page.data["classes"] == ["Frog", "Owl", "Toad"]
    windows = page.data["windows"]
    assert len(windows) == 8 and {one["khz"] for one in windows} == {8}
    assert max(np.ptp(one["shown"]) for one in windows) == pytest.approx(2)
    # One class, all of it.
    status, out, err = command(
        *("review", found, "-o", path, "--per-class", 50, "--class", "Owl")
    )
    assert status == 0, err
    assert out.split() == ["4", "Owl"]


@pytest.mark.skipif(
    not hasattr(skaudio.recordings, "draw_for_review"), reason="needs draw_for_review"
)
def test_more_windows_are_drawn_to_the_verdicts_so_far(found, tmp_path, command):
    path, checked = tmp_path / "review.html", tmp_path / "verdicts.csv"
    events = pd.read_csv(found / "events.csv")
    drawn = skaudio.recordings.draw_for_review(events, 3, random_state=0)
    drawn = drawn.assign(verdict="yes", reviewer="Ann")
    drawn.to_csv(checked, index=False)
    status, out, err = command(
        *("review", found, "-o", path, "--per-class", 4, "--checked", checked)
    )
    assert status == 0, err
    assert out.split() == ["4", "Frog", "4", "Owl"]
    windows = Page(path).data["windows"]
    assert sum("said" in one for one in windows) == 6
    status, out, err = command(
        *("review", found, "-o", path, "--per-class", 4, "--checked", checked),
        *("--class", "Frog"),
    )
    assert status == 0, err
    assert out.split() == ["4", "Frog"]
    status, out, err = command("review", found, "-o", checked, "--checked", checked)
    assert status == 1 and "is an input of this command" in err


def test_mistakes_are_named(found, tmp_path, command):
    path = tmp_path / "review.html"
    status, _, err = command("review", found, "-o", path, "--class", "Newt")
    assert status == 1 and "--class Newt: none was found" in err and "Frog, Owl" in err
    status, _, err = command("review", tmp_path, "-o", path)
    assert status == 1 and "events.csv: no such file" in err and "detect" in err
    path.write_text("my notes")
    status, _, err = command("review", found, "-o", path)
    assert status == 1 and path.read_text() == "my notes"
    none = tmp_path / "none"
    none.mkdir()
    for name in ("events.csv", "run.json"):
        (none / name).write_bytes((found / name).read_bytes())
    events = pd.read_csv(none / "events.csv")
    events.assign(annotation="NA").to_csv(none / "events.csv", index=False)
    status, _, err = command("review", none, "-o", tmp_path / "none.html")
    assert status == 1 and "such as NA" in err
    events[:0].to_csv(none / "events.csv", index=False)
    status, _, err = command("review", none, "-o", tmp_path / "none.html")
    assert status == 1 and "has no events" in err
    assert not (tmp_path / "none.html").exists()
