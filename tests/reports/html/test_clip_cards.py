import io

import numpy as np
import pytest
import soundfile
from html_pages import decoded, levels_of, written
from made_up_reports import report_from_table, report_of


def test_unreadable_files_are_reported_on_their_cards(tone, tmp_path):
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("no sound")
    rows = [
        (str(tmp_path / name), "cat", "cow", None)
        for name in ("gone.wav", "empty.wav", "text.wav", "fine.wav")
    ]
    tone("fine.wav")
    page = written(report_of(rows, ["cat", "cow"]), tmp_path)
    problems = [text for _, text in page.all("p", "problem")]
    assert len(problems) == 3 and len(page.all("audio")) == 1
    for reason in ("no such file", "empty (0 bytes)", "not a sound file"):
        assert sum(reason in text for text in problems) == 1
    assert "1 of 4 clips embedded" in page.text
    assert str(tmp_path) not in page.text


def test_long_sounds_are_cut_to_their_loudest_part(tmp_path):
    rate = 44100
    wave = np.zeros((10 * rate, 2), np.float32)
    time = np.arange(rate) / rate
    wave[8 * rate : 9 * rate] = 0.5 * np.sin(2 * np.pi * 1000 * time)[:, None]
    soundfile.write(tmp_path / "late.wav", wave, rate)
    rows = [(str(tmp_path / "late.wav"), "cat", "cow", None)]
    page = written(report_of(rows, ["cat", "cow"]), tmp_path)
    kind, content = decoded(page.all("audio")[0][0]["src"])
    assert kind in ("audio/mpeg", "audio/wav")
    sound, sample_rate = soundfile.read(io.BytesIO(content))
    assert sample_rate == 16000 and sound.ndim == 1
    assert 5.9 < len(sound) / sample_rate < 6.2
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.1)
    if kind == "audio/mpeg":
        assert len(content) < 40_000
    assert "of 10.0 s" in page.text
    # Dark except for the second of the tone, at 1 kHz: about band 30 of 96.
    levels = levels_of(decoded(page.all("img")[0][0]["src"])[1])
    bright = levels > levels.max() / 2
    assert bright.any(axis=0).mean() == pytest.approx(1 / 6, abs=0.03)
    rows_lit = np.flatnonzero(bright.any(axis=1))
    assert 0.25 < 1 - rows_lit.mean() / len(levels) < 0.45


@pytest.mark.parametrize("wave", [np.zeros(16000), np.ones(1) / 2, np.zeros(1)])
def test_silence_and_a_single_sample_have_a_card(wave, tmp_path):
    soundfile.write(tmp_path / "odd.wav", wave, 16000)
    rows = [(str(tmp_path / "odd.wav"), "cat", "cow", None)]
    page = written(report_of(rows, ["cat", "cow"]), tmp_path)
    levels = levels_of(decoded(page.all("img")[0][0]["src"])[1])
    assert bool(levels.any()) == bool(wave.any())
    assert page.all("audio")


def test_spans_of_a_file_are_separate_clips(tone, tmp_path):
    file = str(tone(seconds=4.0))
    rows = [(file, "cat", "cow", None), (file, "cat", "cow", None)]
    table = report_of(rows, ["cat", "cow"]).predictions
    table.insert(1, "start_time", [0.0, 2.5])
    table.insert(2, "end_time", [2.5, 4.0])
    page = written(report_from_table(table, ["cat", "cow"]), tmp_path)
    assert set(page.cards) == {"tone.wav (0-2.5 s)", "tone.wav (2.5-4 s)"}
    lengths = {
        name: soundfile.info(io.BytesIO(decoded(attrs["src"])[1])).duration
        for name, (attrs, _) in zip(page.cards, page.all("audio"), strict=True)
    }
    assert lengths["tone.wav (0-2.5 s)"] == pytest.approx(2.5, abs=0.15)
    assert lengths["tone.wav (2.5-4 s)"] == pytest.approx(1.5, abs=0.15)


def test_the_palette_is_magma():
    matplotlib = pytest.importorskip("matplotlib", reason="only a comparison needs it")
    from skaudio.reports.html._spectrogram_png import spectrogram_png

    png = spectrogram_png(np.linspace(0, 1, 48)[None])
    place = png.index(b"PLTE") + 4
    palette = np.frombuffer(png[place : place + 48 * 3], np.uint8).reshape(48, 3)
    expected = matplotlib.colormaps["magma"](np.linspace(0, 1, 48))[:, :3] * 255
    assert np.abs(palette - expected).max() < 12
    assert (levels_of(png)[0] == np.arange(48)).all()
