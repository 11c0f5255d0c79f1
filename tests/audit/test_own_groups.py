"""Groups of the user: read from names or a table, and used beside those found."""

import os
import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from skaudio.audit import (
    audit_dataset,
    drop_leaks,
    find_leaks,
    groups_from_names,
    groups_from_table,
)
from skaudio.datasets import load_audio_folder, load_audio_table


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Clips of recordings r1 to r4, of which r2 is in training and test."""
    root = tmp_path_factory.mktemp("recordings")
    names = [
        *("Training/cat/r1_1.wav", "Training/cat/r1_2.wav", "Training/cat/r2_1.wav"),
        *("Training/cow/r3_1.wav", "Training/cow/r3_2.wav", "Training/cow/r4_1.wav"),
        *("Test/cat/r2_2.wav", "Test/cow/r5_1.wav"),
    ]
    for seed, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(seed).uniform(-0.5, 0.5, 4000)
        soundfile.write(root / name, noise, 8000)
    return root


RECORDING = partial(groups_from_names, pattern=r"^(r\d+)_")


def test_groups_from_names():
    files = ["clips/r1/a_01.wav", "clips/r2/a_02.wav", "b_01.flac"]
    assert groups_from_names(files, r"([ab])_").tolist() == ["a", "a", "b"]
    # The first parentheses that match, and only in the name of the file.
    assert groups_from_names(files, r"(z)_|(\d+)").tolist() == ["01", "02", "01"]
    assert groups_from_names(files, re.compile("(A)", re.I))[0:2].tolist() == ["a", "a"]
    for pattern, reason in [
        ("(", r"pattern='\(' is no regular expression: .*position 0"),
        ("a_", "pattern='a_' has no group: expected parentheses"),
        (
            "(r1)",
            r"'\(r1\)' finds no group for 3 of 3 clips, such as clips/r1/a_01.wav",
        ),
        ("a_(.*?)", "finds no group for 3 of 3"),
    ]:
        with pytest.raises(ValueError, match=reason):
            groups_from_names(files, pattern)


def test_groups_from_a_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = ["clips/cat/1.wav", "clips/cow/1.wav", str(tmp_path / "clips/cow/2.wav")]
    table = pd.DataFrame(
        {
            "file": ["cow/1.wav", "cat\\1.wav", "./2.wav", "cat/9.wav"],
            "group": [3, 1, 3, 1],
        }
    )
    assert groups_from_table(files, table).tolist() == ["1", "3", "3"]
    assert groups_from_table(files, table.set_index("file")).tolist() == ["1", "3", "3"]
    table["site"] = list("abcd")
    assert groups_from_table(files, table, "site").tolist() == ["b", "a", "c"]
    named = table.rename(columns={"group": "Group", "file": "IN FILE"})
    assert groups_from_table(files, named).tolist() == ["1", "3", "3"]
    named.to_csv("groups.csv", sep=";", index=False, encoding="utf-16")
    assert groups_from_table(files, "groups.csv").tolist() == ["1", "3", "3"]
    absolute = table[:3].assign(file=[*map(os.path.abspath, files)])
    assert groups_from_table(files, absolute, "site").tolist() == ["a", "b", "c"]
    # Several rows of one clip, of one group.
    assert len(groups_from_table(files, pd.concat([table, table]), "group")) == 3


BAD_TABLES = {
    "no file": (
        {"clip": ["a.wav"], "group": ["x"]},
        r"\['clip', 'group'\]; expected a",
    ),
    "no group": (
        {"file": ["a.wav"], "x": [1], "y": [2]},
        "expected one of groups, called group, groups or src_file",
    ),
    "no group, another column": (
        {"file": ["a.wav", "b.wav"], "duration": [1.5, 1.5]},
        r"\['file', 'duration'\]: expected one of groups",
    ),
    "missing row": (
        {"file": ["a.wav"], "group": ["x"]},
        r"1 of 2 clips, such as .*b\.w",
    ),
    "empty": (
        {"file": ["a.wav", "b.wav"], "group": ["x", None]},
        r"has no group for 1 of 2 clips, such as d/b\.wav: expected a row",
    ),
    "blank": (
        {"file": ["a.wav", "b.wav"], "group": ["x", " "]},
        r"no group for 1 of 2",
    ),
    "two groups": (
        {"file": ["a.wav", "b.wav", "a.wav"], "group": ["x", "y", "z"]},
        r"gives a\.wav the groups 'x' and 'z'",
    ),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_bad_tables_of_groups(name, tmp_path):
    columns, reason = BAD_TABLES[name]
    table = pd.DataFrame(columns)
    table.to_csv(tmp_path / "groups.csv", index=False)
    for given, where in ((table, "The table"), (tmp_path / "groups.csv", "groups.csv")):
        with pytest.raises(ValueError, match=rf"{where}.*{reason}") as caught:
            groups_from_table(["d/a.wav", "d/b.wav"], given)
        assert "\n" not in str(caught.value)


def test_bad_row_that_fits_two_clips():
    table = pd.DataFrame({"file": ["1.wav"], "group": ["x"]})
    with pytest.raises(
        ValueError, match=r"the row of 1\.wav fits .*/cat/1\.wav and .*/c"
    ):
        groups_from_table(["cat/1.wav", "cow/1.wav"], table)
    # Spans of one file are no two clips.
    assert groups_from_table(["cat/1.wav"] * 2, table).tolist() == ["x", "x"]


def test_clips_load_with_own_groups(root):
    clips = load_audio_folder(root / "Training", RECORDING)
    assert clips.groups.tolist() == [0, 0, 1, 2, 2, 3]
    assert clips.frame["own_group"].tolist() == ["r1", "r1", "r2", "r3", "r3", "r4"]
    # Groups of copies and of sources are joined with them.
    copies = {"r1_1.wav": "a", "r1_2.wav": "b", "r2_1.wav": "b"}
    clips = load_audio_folder(
        root / "Training",
        lambda files: [copies.get(Path(file).name, file) for file in files],
    )
    assert clips.groups.tolist() == [0, 1, 1, 2, 3, 4]
    for groups, reason in [
        (lambda files: ["a"] * 5, "has 5 entries, expected one for each of the 6"),
        (lambda files: ["a", None] * 3, "groups contains NaN, None"),
        ("recording", 'expected "auto", None, or a function'),
        ([0, 0, 1, 2, 2, 3], 'expected "auto", None, or a function'),
    ]:
        with pytest.raises(ValueError, match=reason):
            load_audio_folder(root / "Training", groups)


def test_own_groups_tell_leaks(root):
    train, test = root / "Training", root / "Test"
    report = audit_dataset(train, test=test, groups=RECORDING, cv=1)
    leaks = report.leaks[["test_file", "relation", "train_file"]].to_numpy().tolist()
    first = [str(test / "cat/r2_2.wav"), "same group", str(train / "cat/r2_1.wav")]
    assert leaks == [first]
    assert report.findings()[0].startswith("1 test clip has a clip of the same group")
    assert "same group" in str(report)
    assert report.groups_.tolist() == [0, 0, 1, 2, 2, 3, 1, 4]
    # What clips were loaded with counts without being given again.
    train, test = (load_audio_folder(folder, RECORDING) for folder in (train, test))
    assert audit_dataset(train, test=test, cv=1).leaks["relation"].tolist() == [
        first[1]
    ]
    assert find_leaks(train, test)["test_file"].tolist() == first[:1]
    assert drop_leaks(train, test)[1].data.tolist() == test.data[1:].tolist()
    assert find_leaks(train, test.data).empty
    groups = ["a"] * 6 + ["b"] * 2
    assert audit_dataset(train, test=test, groups=groups, cv=1).leaks.empty


def test_spans_of_one_recording_leak(root):
    file = str(root / "Training" / "cat" / "r1_1.wav")
    other = str(root / "Training" / "cow" / "r3_1.wav")
    table = pd.DataFrame(
        {
            "file": [file, other, file],
            "start": [0.0, 0.0, 0.3],
            "end": [0.2, 0.3, 0.5],
            "label": ["cat", "cow", "cat"],
        }
    )
    split = ["train", "train", "test"]
    report = audit_dataset(table, table["label"], split, cv=1)
    assert report.leaks["relation"].tolist() == ["same source"]
    assert find_leaks(table[:2], table[2:])["relation"].tolist() == ["same source"]
    clips = load_audio_table(table)
    train, test = load_audio_table(table[:2]), load_audio_table(table[2:])
    assert find_leaks(train, test)["relation"].tolist() == ["same source"]
    assert audit_dataset(clips).groups_.tolist() == [0, 1, 0]
    with pytest.raises(ValueError, match="All 1 test clips are leaked"):
        drop_leaks(train, test)


def test_numbers_of_one_set_mean_nothing_in_another(root):
    files = sorted(map(str, root.rglob("*.wav")))
    table = pd.DataFrame({"file": files, "label": "cat", "group": ["a", "b"] * 4})
    names = [load_audio_table(part) for part in (table[:4], table[4:])]
    assert set(find_leaks(*names)["relation"]) == {"same group"}
    numbers = [load_audio_table(t, groups=[0, 0, 1, 2]) for t in (table[:4], table[4:])]
    assert numbers[0].groups.tolist() == [0, 0, 1, 2]
    assert find_leaks(*numbers).empty


def test_bad_targets_and_splits_are_refused(root):
    with pytest.raises(ValueError, match="target contains NaN, None"):
        audit_dataset(["a.wav", "b.wav"], ["cat", None])
    with pytest.raises(ValueError, match=r"split holds \['None'\]"):
        audit_dataset(["a.wav", "b.wav"], ["cat", "cow"], ["train", None])


def test_classes_that_look_alike_are_a_finding():
    report = audit_dataset(["a.wav", "b.wav", "c.wav"], ["Cat", "cat ", "cow"])
    assert "the classes 'Cat' and 'cat ' differ only by case or space" in str(report)
