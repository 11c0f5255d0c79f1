import numpy as np
import pandas as pd
import pytest
import soundfile
from html_pages import Page

from skaudio.cli._embed import embed
from skaudio.datasets import make_animal_sounds

pytest.importorskip("pyarrow")

RATE = 16000


@pytest.fixture(scope="module")
def survey(tmp_path_factory, mn04):
    """Two recordings, each with a tone that rises, and an example of it."""
    folder = tmp_path_factory.mktemp("survey")
    time = np.arange(RATE) / RATE
    call = 0.3 * np.sin(2 * np.pi * (800 + 1200 * time) * time) * np.hanning(RATE)
    for seed, name in enumerate(["dawn.wav", "dusk.wav"]):
        sound = 0.003 * np.random.default_rng(seed).standard_normal(24 * RATE)
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
        *("-o", tmp_path / "hits.csv", "--html", page, "-j", 1),
    )
    assert status == 0, err
    hits = pd.read_csv(tmp_path / "hits.csv")
    title, *lines = out.splitlines()
    assert title == " score  window" and len(hits) == len(lines) == 4
    assert "4 of 4 shown, best first; the score is the similarity" in err
    assert f"wrote {tmp_path / 'hits.csv'}: 4 of " in err
    assert "--label" not in err
    best = hits.head(2)
    assert sorted(best["file"]) == [str(survey / "dawn.wav"), str(survey / "dusk.wav")]
    assert best["start_time"].between(3, 5.5).all()
    windows = Page(page).data["windows"]
    # The best are judged first.
    assert [(one["file"], one["start"]) for one in windows] == list(
        zip(hits["file"], hits["start_time"], strict=True)
    )
    assert {one["label"] for one in windows} == {"Frog"}


def test_a_list_that_is_cut_says_so(survey, embedded, command, tmp_path):
    example, hits = survey / "examples" / "frog.wav", tmp_path / "hits.csv"
    status, out, err = command("search", embedded, example, "--top", 12, "-o", hits)
    assert status == 0, err
    assert len(pd.read_csv(hits)) == 12 and len(out.splitlines()) == 11
    assert "10 of 12 shown" in err


def test_part_of_a_recording_as_example(survey, embedded, command, tmp_path):
    arguments = ("search", embedded, survey / "dawn.wav", "-o", tmp_path / "hits.csv")
    part = ("--start", 4.9, "--end", 6.1, "--top", 1)
    status, _, err = command(*arguments, *part, "--exclude-own")
    assert status == 0, err
    (hit,) = pd.read_csv(tmp_path / "hits.csv").itertuples()
    assert hit.file == str(survey / "dusk.wav") and 3 <= hit.start_time <= 5.5
    assert hit.label == "dawn"
    assert "the hits are called dawn, as the file is: --label gives the name" in err
    status, _, err = command(*arguments, survey / "dusk.wav", *part)
    assert status == 1 and "expected one example, got 2" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("{survey}", "{survey}/dawn.wav"), "no embeddings in it"),
        (("{survey}/i", "{survey}/gone.wav"), "gone.wav: no such file"),
        (("{survey}/i", "{survey}/dawn.wav", "-o", "{survey}/dawn.wav"), "is an input"),
        (("{survey}/i", "{survey}/dawn.wav", "--top", "0"), "from 1 to 1000000"),
        (
            ("{survey}/i", "{survey}/dawn.wav", "--start", "70"),
            "the span from 70.0 s to the end holds no sound",
        ),
        (("{survey}/i", "{survey}/dawn.wav", "--padding", "-1"), "--padding -1.0: exp"),
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
    assert "bad.wav" in err and "embedded again" not in err and "32 windows" in err


def write_verdicts(path, table):
    columns = ["file", "start_time", "end_time", "label", "score", "stratum"]
    columns += ["inclusion_probability", "verdict", "verdict_label", "reviewer"]
    table.reindex(columns=columns).to_csv(path, index=False)
    return path


def test_from_an_example_to_a_detector_and_more_to_label(
    survey, embedded, command, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    status, _, err = command(
        *("search", embedded, survey / "examples" / "frog.wav", "--label", "Frog"),
        *("--top", 8, "-o", "hits.csv"),
    )
    assert status == 0, err
    hits = pd.read_csv("hits.csv")
    holds = (hits["start_time"] < 5.8) & (hits["end_time"] > 5.2)
    verdicts = hits.assign(verdict=np.where(holds, "yes", "no"), reviewer="Ann")
    verdicts.loc[verdicts.index[-1], "verdict"] = "unsure"
    write_verdicts("verdicts.csv", verdicts)
    status, out, err = command(
        *("train", "--verdicts", "verdicts.csv", "-o", "m.skaudio", "--seed", 0)
    )
    assert status == 0, err
    assert "5 background, 2 Frog" in err and "windows left out: 1 unsure" in err
    assert "7 clips of 2 classes in 2 groups" in err
    recordings = (survey / "dawn.wav", survey / "dusk.wav")
    status, out, err = command(
        *("detect", "m.skaudio", *recordings, "-o", "found", "--min-confidence", 0.3)
    )
    assert status == 0, err
    events = pd.read_csv("found/events.csv")
    calls = (events["start_time"] < 6) & (events["end_time"] > 5)
    assert sorted(events.loc[calls, "audio_file"]) == sorted(map(str, recordings))
    for strategy, more in (("margin", ()), ("diverse", ("--index", embedded))):
        status, out, err = command(
            *("review", "found", "-o", "more.html", "-n", 4, "--strategy", strategy),
            *("--checked", "verdicts.csv", *more),
        )
        assert status == 0, err
        windows = Page(tmp_path / "more.html").data["windows"]
        assert out.split()[1] == "Frog" and len(windows) == int(out.split()[0]) <= 4
        for one in windows:
            own = verdicts[verdicts["file"] == one["file"]]
            assert (np.abs(own["start_time"] - one["start"]) >= 3).all()
    status, _, err = command("review", "found", "--strategy", "diverse")
    assert status == 1 and "expected --index" in err
    status, _, err = command("review", "found", "--index", embedded)
    assert status == 1 and "expected --strategy diverse" in err


def test_train_on_verdicts_beside_a_folder_of_clips(
    survey, command, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    make_animal_sounds(3, n_classes=2, output_dir=tmp_path, random_state=0)
    start = np.arange(0.0, 12.0, 3.0)
    table = pd.DataFrame(
        {
            "file": str(survey / "dawn.wav"),
            "start_time": start,
            "end_time": start + 3,
            "label": "Frog",
            "verdict": ["no", "yes", "no", "no"],
        }
    )
    write_verdicts("verdicts.csv", table)
    status, _, err = command(
        *("train", "Training", "--verdicts", "verdicts.csv", "-o", "m.skaudio")
    )
    assert status == 0, err
    assert "10 clips of 4 classes in 7 groups" in err
    status, out, err = command("info", "m.skaudio")
    assert status == 0 and all(name in out for name in ("Frog", "background", "cat"))


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        (["yes", "yes"], "only one class (Frog)"),
        ([None, "unsure"], "none of 2 windows"),
    ],
)
def test_verdicts_that_teach_nothing(
    survey, command, tmp_path, monkeypatch, verdicts, words
):
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame(
        {
            "file": str(survey / "dawn.wav"),
            "start_time": [0.0, 6.0],
            "end_time": [3.0, 9.0],
            "label": "Frog",
            "verdict": verdicts,
        }
    )
    write_verdicts("verdicts.csv", table)
    status, _, err = command("train", "--verdicts", "verdicts.csv", "-o", "m.skaudio")
    assert status == 1 and words in err
    status, _, err = command("train", "-o", "m.skaudio")
    assert status == 1 and "DIR: expected a folder of clips, or --verdicts" in err
