import base64
import hashlib
import io
import json
import os
import re
import resource
import struct
import zlib
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile
from made_up_reports import guesses, report_from_table, report_of

from skaudio.reports._write_html import write_html

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(2)</script>",
    "{{ 7 * 7 }}{% raw %}",
    'it\'s "quoted" & <b>bold</b>',
    "\N{LION FACE} gr\u00fcn \N{RIGHT-TO-LEFT OVERRIDE}",
    "n" * 300,
    "--><!--",
]


class Page(HTMLParser):
    """A page's elements as (tag, attributes, text)."""

    VOID = {"meta", "link", "img", "br"}

    def __init__(self, path):
        super().__init__()
        self.text = path.read_text(encoding="utf-8")
        self.elements, self._open = [], []
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag, attrs):
        element = [tag, dict(attrs), ""]
        self.elements.append(element)
        if tag not in self.VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for element in self._open:
            element[2] += data

    def all(self, tag, name=None):
        return [
            (attrs, text)
            for kind, attrs, text in self.elements
            if kind == tag and (name is None or name in attrs.get("class", "").split())
        ]

    @property
    def data(self):
        (data,) = [t for a, t in self.all("script") if a.get("id") == "data"]
        return json.loads(data)

    @property
    def cards(self):
        return [text for _, text in self.all("p", "file")]


def written(reports, tmp_path, **options):
    path = tmp_path / "page" / "report.html"
    path.parent.mkdir(exist_ok=True)
    assert write_html(reports, path, **options) == path
    return Page(path)


def decoded(uri):
    kind, content = uri.removeprefix("data:").split(";base64,")
    return kind, base64.b64decode(content)


def clips_of(folder):
    files = sorted(str(path) for path in folder.rglob("*.wav"))
    return files, [os.path.basename(os.path.dirname(file)) for file in files]


def test_a_page_says_what_was_scored_and_how(clip_folder, tmp_path):
    files, labels = clips_of(clip_folder)
    report = guesses(files, labels, "CNN", warnings=["copies across the folds"])
    page = written(report, tmp_path)
    accuracy = report.summary.loc["accuracy"]
    # The order: doubts, scores, classes, matrix, clips, curves, origin.
    places = [
        page.text.index(text)
        for text in (
            "copies across the folds",
            f"{accuracy['low']:.2f}\N{EN DASH}{accuracy['high']:.2f}",
            'id="classes"',
            'class="matrix"',
            'class="card"',
            'id="curves"',
            "skaudio evaluate somewhere",
            ">1234<",
            "python 3.99",
            "clf__lr",
        )
    ]
    assert places == sorted(places)
    assert f"{len(files)} clips of 3 classes" in page.text
    assert "654 k" in page.text and "12 s" in page.text


def test_scores_and_counts_are_those_of_the_report(clip_folder, tmp_path):
    files, labels = clips_of(clip_folder)
    reports = [guesses(files, labels, "A"), guesses(files, labels, "B", seed=1)]
    page = written(reports, tmp_path, n_hardest=0)
    (classes,) = re.findall(
        r'<table class="sortable classes">.*?</table>', page.text, re.S
    )
    values = [
        float(value) for value in re.findall(r'"number.*?" data-v="(.*?)"', classes)
    ]
    expected = [
        [reports[0].per_class.loc[label, "support"]]
        + [
            report.per_class.loc[label, score]
            for report in reports
            for score in ("precision", "recall", "f1")
        ]
        for label in sorted(set(labels))
    ]
    assert values == pytest.approx(np.ravel(expected))
    tables = re.findall(r'<table class="matrix".*?</table>', page.text, re.S)
    for report, table in zip(reports, tables, strict=True):
        cells = re.findall(r"<td(?: class=\"(?:hit|miss)\"| ?).*?</td>", table)
        counts = [int((re.findall(r">(\d+)<", cell) or [0])[0]) for cell in cells]
        assert counts[1:] == report.confusion.to_numpy().ravel().tolist()


def test_nothing_comes_from_outside(clip_folder, tmp_path):
    files, labels = clips_of(clip_folder)
    page = written(guesses(files, labels, skill=0), tmp_path)
    sources = [
        attrs[name]
        for _, attrs, _ in page.elements
        for name in ("src", "href", "srcset", "data", "poster", "action")
        if name in attrs
    ]
    assert len(sources) > 20
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert "url(" not in page.text and "@import" not in page.text
    # The page forbids it, too, and allows no script but its own.
    (policy,) = [a["content"] for a, _ in page.all("meta") if "http-equiv" in a]
    script = page.all("script")[-1][1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_hostile_names_stay_text(tone, tmp_path):
    files, labels = [], []
    for number, label in enumerate(HOSTILE * 2):
        name = f"{HOSTILE[(number + 3) % len(HOSTILE)]}{number}"[:200]
        files.append(str(tmp_path / "clips" / f"{name.replace('/', '_')}.wav"))
        labels.append(label)
        tone(files[-1])
    names = [HOSTILE[0], HOSTILE[2]]
    reports = [
        guesses(files, labels, name, skill=0, seed=seed, warnings=[HOSTILE[1]])
        for seed, name in enumerate(names)
    ]
    for report in reports:
        report.facts["parameters"] = {HOSTILE[1]: HOSTILE[2]}
    page = written(reports, tmp_path, title=HOSTILE[2], command=HOSTILE[0])
    assert len(page.all("script")) == 2
    assert len(page.all("img")) == len(page.all("audio")) == 12
    assert not [
        attrs
        for _, attrs, _ in page.elements
        if any(name.startswith("on") for name in attrs) or attrs.get("src") == "x"
    ]
    assert not page.all("b")
    assert page.all("h1")[0][1] == HOSTILE[2]
    # What is shown is what was given, to the letter.
    assert page.data["labels"] == sorted(HOSTILE)
    assert page.data["models"] == names
    assert set(page.data["clips"]) <= {os.path.basename(file) for file in files}
    assert set(page.cards) <= {os.path.basename(file) for file in files}
    assert "49" not in page.all("h3")[0][1]


def test_names_start_at_the_common_folder(clip_folder, tmp_path):
    files, labels = clips_of(clip_folder)
    page = written(guesses(files, labels, skill=0), tmp_path)
    assert str(clip_folder) not in page.text
    assert str(tmp_path.parent) not in page.text
    expected = {
        os.path.relpath(file, clip_folder).replace(os.sep, "/") for file in files
    }
    assert set(page.data["clips"]) == expected
    # A path that climbs stays what it is, and opens nothing.
    rows = [("../x/a.wav", "cat", "cow", None), ("../x/\udcff.wav", "cow", "cat", None)]
    page = written(report_of(rows, ["cat", "cow"]), tmp_path)
    assert page.data["clips"] == ["a.wav", "\udcff.wav"]
    assert page.cards == ["a.wav", "?.wav"]
    # Where no folder is common to all, the last one is enough.
    rows = [("/home/me/a/x.wav", "cat", "cow", None), ("b/y.wav", "cow", "cat", None)]
    page = written(report_of(rows, ["cat", "cow"]), tmp_path)
    assert page.cards == ["a/x.wav", "b/y.wav"] and "/home" not in page.text


def test_sounds_that_cannot_be_read_are_told(tone, tmp_path):
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


def test_sounds_are_small_and_the_loudest_part(tmp_path):
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
    # Dark but for the second of the tone, which lies at 1 kHz: band 30 of 96 or so.
    levels = levels_of(decoded(page.all("img")[0][0]["src"])[1])
    bright = levels > levels.max() / 2
    assert bright.any(axis=0).mean() == pytest.approx(1 / 6, abs=0.03)
    rows_lit = np.flatnonzero(bright.any(axis=1))
    assert 0.25 < 1 - rows_lit.mean() / len(levels) < 0.45


def levels_of(png):
    """Decode what `spectrogram_png` encodes: one byte a pixel, no filters."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, chunks = 8, {}
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        name = png[place + 4 : place + 8]
        chunks[name] = png[place + 8 : place + 8 + size]
        (checksum,) = struct.unpack(">I", png[place + 8 + size : place + 12 + size])
        assert checksum == zlib.crc32(name + chunks[name])
        place += 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8)
    lines = lines.reshape(height, 1 + width)
    assert not lines[:, 0].any()
    return lines[:, 1:].astype(int)


@pytest.mark.parametrize("wave", [np.zeros(16000), np.ones(1) / 2, np.zeros(1)])
def test_silence_and_a_single_sample_have_a_card(wave, tmp_path):
    soundfile.write(tmp_path / "odd.wav", wave, 16000)
    rows = [(str(tmp_path / "odd.wav"), "cat", "cow", None)]
    page = written(report_of(rows, ["cat", "cow"]), tmp_path)
    levels = levels_of(decoded(page.all("img")[0][0]["src"])[1])
    assert bool(levels.any()) == bool(wave.any())
    assert page.all("audio")


def test_the_hardest_are_the_surest_mistakes_of_all_models(tmp_path):
    def rows(*given):
        return [
            (
                f"{name}.wav",
                "cat",
                "cat" if cat > 0.5 else "cow",
                {"cat": cat, "cow": 1 - cat},
            )
            for name, cat in given
        ]

    labels = ["cat", "cow"]
    one = report_of(
        rows(("a", 0.4), ("b", 0.45), ("c", 0.55), ("d", 0.8)), labels, "one"
    )
    two = report_of(
        rows(("a", 0.4), ("b", 0.9), ("c", 0.05), ("d", 0.8)), labels, "two"
    )
    assert written(one, tmp_path).cards == ["a.wav", "b.wav"]
    # Both miss "a", if not by much; then those that one misses; both know "d".
    assert written([one, two], tmp_path).cards == ["a.wav", "c.wav", "b.wav"]
    assert written([one, two], tmp_path, n_hardest=2).cards == ["a.wav", "c.wav"]
    none = written([one, two], tmp_path, n_hardest=0)
    assert none.cards == [] and "0 of 4 clips embedded" in none.text
    assert "Hardest clips" not in none.text


def test_without_probabilities_the_classes_take_turns(tmp_path):
    rows = [(f"{label}{n}.wav", label, "owl", None) for label in "abc" for n in (1, 2)]
    page = written(report_of(rows, ["a", "b", "c", "owl"]), tmp_path, n_hardest=4)
    assert page.cards == ["a1.wav", "b1.wav", "c1.wav", "a2.wav"]
    # Nor does the page claim that anybody was sure.
    assert "surest" not in page.text and "Hardest" not in page.text


def test_cells_list_their_clips_and_count_the_rest(tmp_path):
    files = [f"{number}.wav" for number in range(300)]
    labels = ["cat"] * 150 + ["cow"] * 150
    report = guesses(files, labels, skill=0.8, n_repeats=2)
    page = written(report, tmp_path, n_hardest=0)
    table = report.predictions
    (cells,) = page.data["cells"]
    assert len(cells) == 4
    for place, (n_clips, rows) in cells.items():
        true, predicted = (page.data["labels"][int(part)] for part in place.split(","))
        behind = table[(table["true"] == true) & (table["predicted"] == predicted)]
        assert n_clips == behind["file"].nunique()
        assert len(rows) == min(n_clips, 100)
        # The surest mistakes first, and of what is right the least sure.
        told = [sure for _, _, sure, _ in rows]
        assert told == sorted(told, reverse=true != predicted)
        times = behind["file"].value_counts()
        for clip, n_times, sure, truth in rows:
            name = page.data["clips"][clip]
            mine = behind[behind["file"] == name]
            assert times[name] == n_times
            assert mine[f"probability_{predicted}"].mean() == pytest.approx(
                sure, abs=0.006
            )
            assert mine[f"probability_{true}"].mean() == pytest.approx(truth, abs=0.006)


def test_twenty_times_the_clips_make_no_large_page(tmp_path):
    sizes = []
    for n_clips in (600, 12000):
        files = [f"/data/class {n % 13}/recording-{n:06}.wav" for n in range(n_clips)]
        labels = [f"class {n % 13}" for n in range(n_clips)]
        reports = [guesses(files, labels, f"model {k}", 3, k) for k in range(2)]
        sizes.append(len(written(reports, tmp_path).text))
    assert sizes[1] < 5 * sizes[0]
    assert sizes[1] < 1e6


def test_a_page_states_its_size(clip_folder, tmp_path):
    files, labels = clips_of(clip_folder)
    page = written(guesses(files, labels, skill=0), tmp_path, n_hardest=3)
    size = (tmp_path / "page" / "report.html").stat().st_size
    ((told, unit),) = re.findall(r"This page: ([\d.]+) (kB|MB)", page.text)
    assert float(told) * {"kB": 1e3, "MB": 1e6}[unit] == pytest.approx(size, rel=0.02)
    assert f"3 of {len(files)} clips embedded" in page.text


def test_a_page_is_whole_or_the_older_one_stays(tmp_path):
    rows = [("a.wav", "cat", "cow", None), ("b.wav", "cow", "cow", None)]
    report = report_of(rows, ["cat", "cow"])
    path = tmp_path / "report.html"
    path.write_text("older")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8000, limits[1]))
    try:
        with pytest.raises(OSError, match="the older file there is untouched"):
            write_html(report, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == "older"
    assert os.listdir(tmp_path) == ["report.html"]
    with pytest.raises(OSError, match="its folder does not exist"):
        write_html(report, tmp_path / "missing" / "report.html")
    with pytest.raises(OSError, match="is a folder"):
        write_html(report, tmp_path)
    assert os.listdir(tmp_path) == ["report.html"]


def test_a_bare_report_makes_a_page(tmp_path):
    # No files, no probabilities, no epochs, labels that are numbers, nothing known.
    rows = [(None, n % 3, n % 2, None) for n in range(12)]
    report = report_of(rows, [0, 1, 2], facts={}, kind="held-out")
    page = written(report, tmp_path)
    assert page.cards and all(name.startswith("row ") for name in page.cards)
    assert not page.all("audio") and not page.all("p", "problem")
    assert 'id="curves"' not in page.text
    assert "0 of 12 clips embedded" in page.text
    assert page.data["labels"] == ["0", "1", "2"]


def test_spans_of_a_file_are_clips_of_their_own(tone, tmp_path):
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


def test_models_are_tested_pair_by_pair_where_that_can_be(tmp_path):
    files = [f"{number}.wav" for number in range(60)]
    labels = ["cat", "cow"] * 30
    good, bad = guesses(files, labels, "good", 9), guesses(files, labels, "bad", -9)
    assert "good is better" in written([good, bad], tmp_path).text
    other = guesses(files[:40], labels[:40], "other")
    page = written([good, other], tmp_path)
    assert "is better" not in page.text and "pair by pair" not in page.text
    assert "60 clips of 2 classes" in page.text


def test_calibration_error_is_the_gap_to_the_share_of_right_answers(tmp_path):
    rows = [
        (f"{n}.wav", "cat" if n < 6 else "cow", "cat", {"cat": 0.85, "cow": 0.15})
        for n in range(10)
    ]
    page = written(report_of(rows, ["cat", "cow"]), tmp_path)
    assert 'data-v="0.25">0.25' in re.sub(r"0\.2[45]\d{5,}|0\.25", "0.25", page.text)


def test_names_and_commands(tmp_path):
    rows = [("a.wav", "cat", "cow", None), ("b.wav", "cow", "cow", None)]
    report = report_of(rows, ["cat", "cow"], "the model")
    page = written(report, tmp_path, command="made by hand")
    assert page.all("h1")[0][1] == page.all("title")[0][1] == "the model"
    assert "made by hand" in page.text and "evaluate somewhere" not in page.text
    assert written(report, tmp_path, title="Mine").all("title")[0][1] == "Mine"
    with pytest.raises(ValueError, match="more than one report"):
        written([report, report], tmp_path)
    with pytest.raises(ValueError, match="no reports"):
        written([], tmp_path)


def test_the_palette_is_magma():
    matplotlib = pytest.importorskip("matplotlib", reason="only a comparison needs it")
    from skaudio.reports.html._spectrogram_png import spectrogram_png

    png = spectrogram_png(np.linspace(0, 1, 48)[None])
    place = png.index(b"PLTE") + 4
    palette = np.frombuffer(png[place : place + 48 * 3], np.uint8).reshape(48, 3)
    expected = matplotlib.colormaps["magma"](np.linspace(0, 1, 48))[:, :3] * 255
    assert np.abs(palette - expected).max() < 12
    assert (levels_of(png)[0] == np.arange(48)).all()
