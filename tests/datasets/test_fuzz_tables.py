"""Damaged and odd annotation tables: a result, or one line that names the fault."""

import warnings
from collections import Counter

import numpy as np
import pytest
import soundfile

from skaudio.datasets import load_audio_table

N_TABLES = 150
NAMES = [
    ("file", "start_time", "end_time", "label"),
    ("audio_file", "start_time", "end_time", "annotation"),
    ("File", "Start (s)", "End (s)", "Common name"),
    ("Begin Path", "File Offset (s)", "Delta Time (s)", "Species"),
    ("IN FILE", "OFFSET", "DURATION", "TOP1MATCH"),
    ("audiofilename", "start", "end", "label:species"),
    ("filename", "onset", "offset", "category"),
]
ENCODINGS = ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two recordings, a file that is no sound, and a place for tables."""
    folder = tmp_path_factory.mktemp("fuzz")
    rng = np.random.default_rng(0)
    for name, seconds in (("one.wav", 1), ("zwölf.wav", 3)):
        noise = rng.uniform(-0.5, 0.5, 8000 * seconds)
        soundfile.write(folder / name, noise, 8000)
    (folder / "text.wav").write_text("no sound")
    return folder


def good_rows(rng):
    """Make 1 to 6 rows, each a span of a recording."""
    rows = []
    for _ in range(rng.integers(1, 7)):
        name, seconds = [("one.wav", 1), ("zwölf.wav", 3)][rng.integers(2)]
        start = round(rng.uniform(0, seconds - 0.2), 2)
        end = round(rng.uniform(start + 0.1, seconds), 2)
        rows.append([name, str(start), str(end), ["Käuzchen", "cow"][rng.integers(2)]])
    return rows


def cell(column, *values):
    """A fault that replaces a random cell of a column."""

    def change(rng, header, rows):
        rows[rng.integers(len(rows))][column] = values[rng.integers(len(values))]

    return change


def swap_times(rng, header, rows):
    for row in rows:
        row[1], row[2] = row[2], row[1]


def repeat_rows(rng, header, rows):
    rows.append(list(rows[rng.integers(len(rows))]))


def second_label(rng, header, rows):
    rows.append([*rows[0][:3], "other"])


def no_rows(rng, header, rows):
    rows.clear()


def rename_column(rng, header, rows):
    place = rng.integers(len(header))
    header[place] = ["", "x", "start_ms", header[0], "ключ"][rng.integers(5)]


def drop_column(rng, header, rows):
    place = rng.integers(len(header))
    for row in (header, *rows):
        del row[place]


def add_groups(rng, header, rows):
    header.append("group")
    for row in rows:
        row.append(["a", "b", ""][rng.integers(3)])


def more_fields(rng, header, rows):
    rows[rng.integers(len(rows))].append("surplus")


def fewer_fields(rng, header, rows):
    del rows[rng.integers(len(rows))][rng.integers(1, 4) :]


FAULTS = {
    "none": lambda rng, header, rows: None,
    "swapped times": swap_times,
    "negative time": cell(1, "-1", "-0.001", "-1e-9"),
    "past the end": cell(2, "99", "1e7", "inf"),
    "starts past the end": cell(1, "99", "3.0"),
    "no number": cell(1, "zero", "0:01", "1.2.3", "--", "0x1", "2024-06-01"),
    "huge number": cell(1, "1e300", "1e308", "inf", "9" * 400),
    "no time": cell(1, "", "NaN", "NA"),
    "missing file": cell(0, "gone.wav", "/a/b/gone.wav", "C:\\gone.wav", "x" * 300),
    "no file": cell(0, "", "NA", " ", "."),
    "no sound": cell(0, "text.wav"),
    "no label": cell(3, "", "NaN", "None"),
    "labels that look alike": cell(3, "COW", "cow ", "KÄUZCHEN"),
    "huge field": cell(3, "y" * 200_000, "y" * 100_000),
    "repeated row": repeat_rows,
    "two labels": second_label,
    "no rows": no_rows,
    "renamed column": rename_column,
    "dropped column": drop_column,
    "groups": add_groups,
    "more fields": more_fields,
    "fewer fields": fewer_fields,
}


def damage(rng, content):
    """Damage the bytes of a table in one of several ways."""
    kind = ["cut", "flipped byte", "zero byte", "quote", "empty"][rng.integers(5)]
    place = int(rng.integers(len(content)))
    before, after = content[:place], content[place + 1 :]
    byte = {"flipped byte": bytes([rng.integers(256)]), "zero byte": b"\0"}
    byte |= {"quote": b'"', "cut": b"", "empty": b""}
    after = b"" if kind == "cut" else after
    return kind, b"" if kind == "empty" else before + byte[kind] + after


def make_table(seed):
    """Make the bytes of a table with one or two faults, and list their kinds."""
    rng, fault = np.random.default_rng(seed), list(FAULTS)[seed % len(FAULTS)]
    header, rows = list(NAMES[rng.integers(len(NAMES))]), good_rows(rng)
    if header[2] in ("DURATION", "Delta Time (s)"):
        for row in rows:
            row[2] = str(round(float(row[2]) - float(row[1]), 2))
    kinds = []
    for kind in [fault, rng.choice(list(FAULTS))][: rng.integers(1, 3)]:
        if len(header) == 4 and rows and all(len(row) == 4 for row in rows):
            FAULTS[kind](rng, header, rows)
            kinds.append(str(kind))
    separator = [",", ";", "\t", "|"][rng.integers(4)]
    if separator != "," and rng.integers(2):
        for row in rows:
            row[1:3] = [value.replace(".", ",") for value in row[1:3]]
    text = "\n".join(separator.join(row) for row in [header, *rows])
    content = text.encode(ENCODINGS[rng.integers(len(ENCODINGS))], "replace")
    if rng.integers(6) == 0:
        kind, content = damage(rng, content)
        kinds.append(kind)
    return kinds, content


def outcome(path):
    """Load a table: "loaded", or the type of the error, which must be one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            clips = load_audio_table(path)
        except (ValueError, OSError) as error:
            text = str(error)
            assert "\n" not in text and len(text) < 3000, text[:500]
            assert str(path) in text or "wav" in text, text
            return "refused"
    assert len(clips.frame) == len(clips.target) == len(clips.groups) > 0
    times = clips.frame[["start_time", "end_time"]]
    assert (times.isna() | (times > -1e-6)).all(axis=None)  # less than a sample
    assert not (times["start_time"] >= times["end_time"]).any()
    assert (clips.frame["duration"] > 0).all() and all(clips.target)
    return "some set aside" if len(clips.rejected) else "loaded"


def test_fuzz_tables_end_in_a_result_or_one_line(folder):
    outcomes = Counter()
    for seed in range(N_TABLES):
        kinds, content = make_table(seed)
        path = folder / f"{seed}.csv"
        path.write_bytes(content)
        try:
            result = outcome(path)
        except Exception as error:
            error.add_note(f"seed {seed}: {kinds}\n{content[:1000]!r}")
            raise
        assert kinds != ["none"] or result == "loaded", seed
        for kind in kinds:
            outcomes[kind, result] += 1
    assert {kind for kind, _ in outcomes} >= set(FAULTS)
    for kind in ("no number", "no file", "no label", "no rows", "dropped column"):
        assert not outcomes[kind, "loaded"], kind
