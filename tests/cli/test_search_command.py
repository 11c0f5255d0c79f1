import numpy as np
import pandas as pd
import pytest
import soundfile
from html_pages import Page

from skaudio.cli._embed import embed

pytest.importorskip("pyarrow")

RATE = 16000


@pytest.fixture(scope="module")
def survey(tmp_path_factory, mn04):
    """Two recordings, each with a tone that rises, and an example of it."""
    folder = tmp_path_factory.mktemp("survey")
    time = np.arange(RATE) / RATE
    call = 0.3 * np.sin(2 * np.pi * (800 + 1200 * time) * time) * np.hanning(RATE)
    for seed, name in enumerate(["dawn.wav", "dusk.wav"]):
        sound = 0.003 * np.random.default_rng(seed).standard_normal(12 * RATE)
        sound[5 * RATE : 6 * RATE] += call
        soundfile.write(folder / name, sound, RATE)
    (folder / "examples").mkdir()
    soundfile.write(folder / "examples" / "frog.wav", call, RATE)
    return folder


@pytest.fixture(scope="module")
def embedded(survey):
    embed([survey / "dawn.wav", survey / "dusk.wav"], survey / "i")
    return survey / "i"


def test_from_an_example_to_a_page(survey, embedded, command, tmp_path):
    example, page = survey / "examples" / "frog.wav", tmp_path / "found.html"
    status, out, err = command(
        *("search", embedded, example, "--top", 4, "--label", "Frog"),
        *("-o", tmp_path / "hits.csv", "--html", page),
    )
    assert status == 0, err
    hits = pd.read_csv(tmp_path / "hits.csv")
    assert len(hits) == len(out.splitlines()) == 4
    best = hits.head(2)
    assert sorted(best["file"]) == [str(survey / "dawn.wav"), str(survey / "dusk.wav")]
    assert best["start_time"].between(3, 5.5).all()
    windows = Page(page).data["windows"]
    # The best are judged first.
    assert [(one["file"], one["start"]) for one in windows] == list(
        zip(hits["file"], hits["start_time"], strict=True)
    )
    assert {one["label"] for one in windows} == {"Frog"}


def test_part_of_a_recording_as_example(survey, embedded, command, tmp_path):
    arguments = ("search", embedded, survey / "dawn.wav", "-o", tmp_path / "hits.csv")
    part = ("--start", 4.9, "--end", 6.1, "--top", 1)
    status, _, err = command(*arguments, *part, "--exclude-own")
    assert status == 0, err
    (hit,) = pd.read_csv(tmp_path / "hits.csv").itertuples()
    assert hit.file == str(survey / "dusk.wav") and 3 <= hit.start_time <= 5.5
    assert hit.label == "dawn"
    status, _, err = command(*arguments, survey / "dusk.wav", *part)
    assert status == 1 and "expected one example, got 2" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("{survey}", "{survey}/dawn.wav"), "no embeddings in it"),
        (("{survey}/i", "{survey}/gone.wav"), "gone.wav: no such file"),
        (("{survey}/i", "{survey}/dawn.wav", "-o", "{survey}/dawn.wav"), "is an input"),
        (("{survey}/i", "{survey}/dawn.wav", "--top", "0"), "from 1 to 1000000"),
    ],
)
def test_what_cannot_be_searched(
    survey, embedded, command, tmp_path, monkeypatch, arguments, words
):
    monkeypatch.chdir(tmp_path)
    arguments = [one.format(survey=survey) for one in arguments]
    status, _, err = command("search", *arguments)
    assert status in (1, 2) and words in " ".join(err.split()), err
    assert not list(tmp_path.iterdir())


def test_embed_names_what_it_cannot_read(survey, embedded, command):
    bad = survey / "bad.wav"
    bad.write_bytes(b"no sound")
    try:
        status, out, err = command(
            "embed", survey / "dawn.wav", bad, "-o", embedded, "--jobs", 1
        )
    finally:
        bad.unlink()
    assert status == 1 and "1 of 3 recordings cannot be read" in out
    assert "bad.wav" in err and "embedded again" not in err and "16 windows" in err
