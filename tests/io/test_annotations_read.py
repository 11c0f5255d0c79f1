"""Annotations as other programs write them, and what is wrong with some."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skaudio.io import read_annotations

RAVEN = (
    "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\t"
    "High Freq (Hz)\tSpecies\n"
    "1\tWaveform 1\t1\t0.5\t1.5\t\t\tEATO\n"
    "1\tSpectrogram 1\t1\t0.5\t1.5\t2878.2\t4049.0\tEATO\n"
    '2\tWaveform 1\t1\t2.0\t3.0\t\t\t"chip" call\n'
)
RAVEN_OF_MANY = (
    "Selection\tView\tBegin Time (s)\tEnd Time (s)\tLow Frequency (Hz)\t"
    "High Frequency (Hz)\tBegin File\tFile Offset (s)\tAnnotation\n"
    "1\tSpectrogram 1\t0.5\t1.5\t0\t900\tdawn.wav\t0.5\tcat\n"
    "2\tSpectrogram 1\t60.3\t60.4\t0\t900\tdusk.wav\t0.3\tcow\n"
)
AUDACITY = "0.5\t1.5\tcat\n\\\t100.0\t900.0\n2\t3\tcow\n\\\t-1\t-1\n4\t4\tpoint\n"
BIRDNET = (
    "Start (s),End (s),Scientific name,Common name,Confidence,File\n"
    "0.0,3.0,Parus major,Great Tit,0.91,dawn.wav\n"
)
BIRDNET_OF_ONE = BIRDNET.replace(",File", "").replace(",dawn.wav", "")
BIRDNET_AS_RAVEN = (
    "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\t"
    "High Freq (Hz)\tCommon Name\tSpecies Code\tConfidence\tBegin Path\t"
    "File Offset (s)\n"
    "1\tSpectrogram 1\t1\t60.0\t63.0\t0\t15000\tGreat Tit\tgretit1\t0.91\t"
    "C:\\rec\\dawn.wav\t0.0\n"
)
OPENSOUNDSCAPE = (
    "audio_file,annotation_file,annotation,start_time,end_time,low_f,high_f,label\n"
    "dawn.wav,dawn.txt,cat,0.5,1.5,100,900,other\ndusk.wav,,cow,2,3,,,other\n"
)
KALEIDOSCOPE = (
    "INDIR,FOLDER,IN FILE,CHANNEL,OFFSET,DURATION,Fmin,TOP1MATCH*,TOP1DIST,MANUAL ID\n"
    "D:\\survey,north\\a,dawn.wav,0,0.1,0.2,1.5,CATBIR,0.3,Gray Catbird\n"
    "D:\\survey,,dusk.wav,0,2.5,1.5,1.5,CATBIR,0.3,\n"
)
PLAIN = "audiofilename,start,end,label:species\ndawn.wav,0,5,Species A\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with recordings; their content does not matter here."""
    monkeypatch.chdir(tmp_path)
    for name in ("dawn.wav", "rec/north/dawn.wav", "rec/south/dawn.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def write(folder, text, name="dawn.txt"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def spans(table):
    names = ["audio_file", "annotation", "start_time", "end_time"]
    return [tuple(row) for row in table[names].to_numpy().tolist()]


@pytest.mark.parametrize("says_format", [True, False], ids=["named", "found"])
@pytest.mark.parametrize(
    ("format", "text", "expected"),
    [
        (
            "raven",
            RAVEN,
            [("x.wav", "EATO", 0.5, 1.5), ("x.wav", '"chip" call', 2, 3)],
        ),
        ("audacity", AUDACITY, [("x.wav", *row) for row in [("cat", 0.5, 1.5)]] + [
            ("x.wav", "cow", 2, 3), ("x.wav", "point", 4, 4)]),
        ("audacity", "0,5\t1,5\tcat\r\n", [("x.wav", "cat", 0.5, 1.5)]),
        ("audacity", "", []),
        ("raven", RAVEN.splitlines()[0].replace("\tSpecies", ""), []),
        ("birdnet", BIRDNET, [("x.wav", "Great Tit", 0, 3)]),
        ("birdnet", BIRDNET_OF_ONE, [("x.wav", "Great Tit", 0, 3)]),
        ("raven", BIRDNET_AS_RAVEN, [("x.wav", "Great Tit", 0, 3)]),
        ("plain", PLAIN, [("x.wav", "Species A", 0, 5)]),
        (
            "plain",
            "file,start_time,end_time,species\nx.wav,0,3,cat\n",
            [("x.wav", "cat", 0, 3)],
        ),
        ("plain", "onset;offset;class\n0,5;1,5;cat\n", [("x.wav", "cat", 0.5, 1.5)]),
    ],
    ids=[
        *("raven", "audacity", "decimal commas", "no labels", "no calls", "birdnet"),
        *("birdnet of one", "birdnet as raven", "plain", "no clip table", "semicolons"),
    ],
)  # fmt: skip
def test_what_programs_write(folder, format, text, expected, says_format):
    options = {"format": format} if says_format else {}
    table = read_annotations(write(folder, text), audio_file="x.wav", **options)
    assert spans(table) == expected
    assert table["annotation_file"].tolist() == [f"{folder}/dawn.txt"] * len(table)
    numbers = table.drop(columns=["audio_file", "annotation_file", "annotation"])
    assert set(map(str, numbers.dtypes)) == {"float64"}


def test_raven_over_several_recordings(folder):
    table = read_annotations(write(folder, RAVEN_OF_MANY))
    # The second ends a tenth after its offset, exactly; dawn.wav lies beside the table.
    assert spans(table) == [
        (f"{folder}/dawn.wav", "cat", 0.5, 1.5),
        ("dusk.wav", "cow", 0.3, 0.4),
    ]
    assert table["high_f"].tolist() == [900, 900]
    text = RAVEN_OF_MANY.replace("File Offset (s)", "Other")
    with pytest.raises(ValueError, match=r"dawn\.txt: 'Begin Time \(s\)' counts on"):
        read_annotations(write(folder, text))


def test_frequencies_and_scores(folder):
    table = read_annotations(write(folder, AUDACITY))
    assert table["low_f"].fillna(0).tolist() == [100, 0, 0]
    assert "score" not in table
    table = read_annotations([write(folder, AUDACITY), write(folder, BIRDNET, "b.csv")])
    assert table["score"].fillna(0).tolist() == [0, 0, 0, 0.91]


def test_opensoundscape_annotations(folder):
    table = read_annotations(write(folder, OPENSOUNDSCAPE, "a.csv"))
    assert table["annotation"].tolist() == ["cat", "cow"]
    assert table["annotation_file"].tolist() == ["dawn.txt", None]
    assert table["low_f"].fillna(-1).tolist() == [100, -1]


@pytest.mark.parametrize("kind", [float, int, bool])
def test_opensoundscape_clip_tables(folder, kind):
    index = pd.MultiIndex.from_tuples(
        [("dawn.wav", 0.0, 3.0), ("dawn.wav", 3.0, 6.0), ("dusk.wav", 0.0, 3.0)],
        names=["file", "start_time", "end_time"],
    )
    labels = pd.DataFrame({"cat": [1, 1, 0], "cow": [0, 1, 0]}, index).astype(kind)
    labels.to_csv(folder / "a.csv")
    table = read_annotations("a.csv")
    assert [row[1:] for row in spans(table)] == [
        ("cat", 0, 3),
        ("cat", 3, 6),
        ("cow", 3, 6),
    ]
    assert "score" not in table
    scores = labels * 0.5
    scores.iloc[2] = np.nan  # a window that failed
    scores.to_csv(folder / "b.csv")
    with pytest.raises(ValueError, match=r"line 2: column 'cat' has '0.5', expected 0"):
        read_annotations("b.csv")
    assert read_annotations("b.csv", threshold=0.5)["score"].tolist() == [0.5] * 3
    assert read_annotations("b.csv", threshold=0.6).empty


def test_kaleidoscope(folder):
    path = write(folder, KALEIDOSCOPE, "cluster.csv")
    with pytest.warns(UserWarning, match="1 of 2 rows have nothing in 'MANUAL ID' and"):
        table = read_annotations(path)
    # 0.1 + 0.2 in decimals, and folders joined as on the other machine.
    assert spans(table) == [
        ("D:\\survey\\north\\a\\dawn.wav", "Gray Catbird", 0.1, 0.3),
        ("D:\\survey\\dusk.wav", "CATBIR", 2.5, 4),
    ]
    table = read_annotations(path, label_column="TOP1MATCH*")
    assert table["annotation"].tolist() == ["CATBIR", "CATBIR"]
    with pytest.raises(ValueError, match="line 3: no label in column 'MANUAL ID'"):
        read_annotations(path, label_column="MANUAL ID")
    none_verified = KALEIDOSCOPE.replace("Gray Catbird", "")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = read_annotations(write(folder, none_verified, "cluster.csv"))
    assert table["annotation"].tolist() == ["CATBIR", "CATBIR"]


def test_the_column_of_labels(folder):
    path = write(folder, RAVEN.replace("Species", "My call"))
    with pytest.raises(
        ValueError, match=r"no column of labels .*\['Selection', 'View'"
    ):
        read_annotations(path)
    assert len(read_annotations(path, label_column="My call")) == 2
    with pytest.raises(ValueError, match=r"has no column 'Call' .*expected one of"):
        read_annotations(path, label_column="Call")
    path = write(folder, BIRDNET, "b.csv")
    table = read_annotations(path, label_column="Scientific name")
    assert table["annotation"].tolist() == ["Parus major"]


@pytest.mark.parametrize(
    "name",
    [
        "dawn.txt",
        "dawn.Table.1.selections.txt",
        "dawn.selections.txt",
        "dawn.BirdNET.results.csv",
        "dawn.wav.txt",
        "DAWN2.dawn.txt",
    ],
)
def test_recordings_by_the_name_of_the_table(folder, name):
    text = BIRDNET_OF_ONE if "BirdNET" in name else RAVEN
    path = write(folder, text, f"tables/{name}")
    if name.startswith("DAWN2"):
        with pytest.raises(ValueError, match=r"is named as none of the 3 recordings"):
            read_annotations(path, recordings=folder)
        return
    # Beside the table there is none.
    with pytest.raises(
        ValueError,
        match=r"none of the 0 recordings beside it: put a table beside its recording "
        r"and name it as .* a column name .*Begin Path.*; in Python, pass audio_file",
    ):
        read_annotations(path)
    table = read_annotations(path, recordings=folder / "dawn.wav")
    assert set(table["audio_file"]) == {str(folder / "dawn.wav")}
    # Two of one name: the folders tell, or nothing does.
    with pytest.raises(ValueError, match=r"may be of .*north/dawn.wav or .*south/dawn"):
        read_annotations(path, recordings="rec")
    path = write(folder, text, f"tables/south/{name}")
    table = read_annotations(path, recordings="rec")
    assert set(table["audio_file"]) == {"rec/south/dawn.wav"}


def test_tables_of_recordings_that_are_not_given(folder):
    """What to do is said once, whatever the number of tables."""
    for name in ("dawn", "noon", "dusk", "night"):
        write(folder, RAVEN, f"raven/{name}.selections.txt")
    with pytest.raises(ValueError, match=r"dusk.selections.txt: names no rec") as error:
        read_annotations(folder / "raven", recordings=folder / "dawn.wav")
    text = str(error.value)
    assert text.count("named as none of the 1 recordings") == 3
    assert text.count("give the recordings of all tables, or the tables of these") == 1
    assert "audio_file" not in text and "beside" not in text
    path = write(folder, "file,start,end,label\nnoon.wav,0,1,x\n", "tables/a.csv")
    with pytest.raises(ValueError, match=r"'noon.wav' is none.*: give the recordings"):
        read_annotations(path, recordings=folder / "dawn.wav")


def test_recordings_that_a_table_names(folder):
    def files(*names, **options):
        rows = "".join(f"{name},0,1,x\n" for name in names)
        path = write(folder, f"file,start,end,label\n{rows}", "tables/a.csv")
        return read_annotations(path, **options)["audio_file"].tolist()

    given = {"recordings": "rec"}
    names = ["D:\\survey\\north\\dawn.WAV", "/mnt/south/dawn.wav"]
    assert files(*names, **given) == ["rec/north/dawn.wav", "rec/south/dawn.wav"]
    assert files(*names) == names
    with pytest.raises(ValueError, match=r"line 2: the file 'dawn.wav' is rec/north/d"):
        files("dawn.wav", **given)
    with pytest.raises(
        ValueError, match=r"line 3: the file 'eve\.wav' is none of the 2"
    ):
        files(names[0], "eve.wav", **given)
    with pytest.warns(
        UserWarning, match=r"1 files or rows .*\n.*line 3: the file 'eve"
    ):
        assert files(names[0], "eve.wav", on_error="warn", **given) == [
            "rec/north/dawn.wav"
        ]
    with pytest.raises(ValueError, match=r"names 'a/dawn.wav' and 'b/dawn.wav', which"):
        files("a/dawn.wav", "b/dawn.wav", recordings="dawn.wav")


def test_folders_of_tables(folder):
    for name in ("north/dawn", "south/dawn"):
        write(folder, RAVEN, f"tables/{name}.selections.txt")
    write(folder, "Device ID : 24F3", "tables/north/CONFIG.TXT")  # of an AudioMoth
    write(folder, "notes", "tables/.hidden/dawn.selections.txt")
    table = read_annotations(folder / "tables", "raven", recordings="rec")
    assert table["audio_file"].tolist() == [
        *["rec/north/dawn.wav"] * 2,
        *["rec/south/dawn.wav"] * 2,
    ]
    with pytest.raises(
        ValueError, match=r"tables: no annotations in it; looked for \."
    ):
        read_annotations(folder / "tables", "birdnet")
    # Of unknown format all are tried.
    with pytest.warns(
        UserWarning, match=r"1 files .*\n.*CONFIG\.TXT: has no start times"
    ):
        table = read_annotations(folder / "tables", recordings="rec", on_error="warn")
    assert len(table) == 4
    # Labels of Audacity beside Raven's tables.
    write(folder, AUDACITY, "tables/north/dawn.txt")
    (folder / "tables/north/CONFIG.TXT").unlink()
    table = read_annotations(folder / "tables", "audacity", recordings="rec")
    assert table["audio_file"].tolist() == ["rec/north/dawn.wav"] * 3


BAD_ROWS = {
    "end before start": ("x.wav,2,1,cat", r"column 'end' has '1', which ends before"),
    "negative": ("x.wav,-1,1,cat", "column 'start' has '-1', expected 0 or more"),
    "no number": ("x.wav,zero,1,cat", "column 'start' has 'zero', expected a number"),
    "no time": ("x.wav,0,,cat", "column 'end' has '', expected a number"),
    "infinite": ("x.wav,0,inf,cat", "column 'end' has 'inf', expected a number"),
    "a date": ("x.wav,0,20240101093000,cat", "column 'end' has '20240101093000', exp"),
    "empty label": ("x.wav,0,1, ", r"no label in column 'label' \(''\)"),
    "no label": ("x.wav,0,1,NA", r"no label in column 'label' \('NA'\)"),
    "no file": (",0,1,cat", "column 'file' names no file"),
    "cut": ("x.wav,0", " has 2 fields, expected 4"),
    "wrong delimiter": ("x.wav;0;1;cat", " has 1 fields, expected 4"),
    "too many": ("x.wav,0,1,cat,dog", " has 5 fields, expected 4"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_rows_are_named_and_good_ones_kept(folder, name):
    row, reason = BAD_ROWS[name]
    text = f"file,start,end,label\nx.wav,0,1,cow\n{row}\ny.wav,1,2,cow\n"
    path = write(folder, text, "a.csv")
    with pytest.raises(ValueError, match=rf"a\.csv: line 3.*{reason}") as caught:
        read_annotations(path)
    assert "\n" not in str(caught.value)
    with pytest.warns(UserWarning, match=rf"1 files or rows.*\n.*a\.csv: .*{reason}"):
        table = read_annotations(path, on_error="warn")
    assert spans(table) == [("x.wav", "cow", 0, 1), ("y.wav", "cow", 1, 2)]


def test_many_bad_rows_are_one_line(folder):
    rows = "x.wav,2,1,cat\n" * 30
    path = write(folder, f"file,start,end,label\nx.wav,0,1,cat\n{rows}", "a.csv")
    with pytest.raises(ValueError, match=r"line 3: .*line 5: .*; and 27 more$"):
        read_annotations(path)
    with pytest.warns(UserWarning, match=r"(?s)30 files or rows.*line 22.*and 10 more"):
        assert len(read_annotations(path, on_error="warn")) == 1


def test_labels_that_look_alike_are_named(folder):
    path = write(folder, "0\t1\tEATO\n2\t3\tEATO \n")
    with pytest.warns(UserWarning, match="'EATO' and 'EATO '"):
        table = read_annotations(path)
    assert table["annotation"].tolist() == ["EATO", "EATO "]


def test_bad_frequencies(folder):
    for band, reason in {
        "900\t100": r"column 'high_f' has '100', which is below '900' in 'low_f'",
        "low\t100": "column 'low_f' has 'low', expected a number",
        "-5\t100": "column 'low_f' has '-5', expected 0 or more",
        "5": "line 2 has frequencies that follow no label",
    }.items():
        path = write(folder, f"0\t1\tcat\n\\\t{band}\n")
        with pytest.raises(ValueError, match=reason):
            read_annotations(path)
    with pytest.raises(ValueError, match="line 1 has frequencies that follow no label"):
        read_annotations(write(folder, "\\\t100\t900\n"), "audacity")


BAD_FILES = {
    "another format": (KALEIDOSCOPE, "raven", r"is no table .*format='kaleidoscope' f"),
    "labels": (AUDACITY, "birdnet", r"got the columns \['0.5', '1.5', 'cat'\], expect"),
    "a header": (
        PLAIN,
        "audacity",
        "line 1 is no label of Audacity: expected lines of",
    ),
    "spaces": (
        "start end label\n0 1 cat\n",
        "auto",
        r"has no start times: got the col",
    ),
    "half": ("file,start,label\nx.wav,0,cat\n", "plain", "but no end times"),
    "samples": ("file,start_samples,end_samples\n", "auto", "are not in seconds"),
    "predictions": (
        "file,start_time,end_time,prediction,Cow,Sheep\nx.wav,0,1,Sheep,0.1,0.9\n",
        "auto",
        r"is a table of `skaudio predict`.*events\.csv of `skaudio detect`",
    ),
    "empty": ("", "raven", "is empty: expected a table with a header"),
    "quote": ('file,start,end,label\n"x.wav,0,1,cat\n', "auto", "line 2 is no row"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_named(folder, name):
    text, format, reason = BAD_FILES[name]
    path = write(folder, text)
    with pytest.raises(ValueError, match=rf"dawn\.txt: .*{reason}") as caught:
        read_annotations(path, format)
    assert "\n" not in str(caught.value)
    good = write(folder, AUDACITY if format == "audacity" else PLAIN, "good.txt")
    if format in ("auto", "plain"):
        with pytest.warns(UserWarning, match=reason):
            assert len(read_annotations([path, good], format, on_error="warn")) == 1
    else:  # nothing at all could be read
        with pytest.raises(ValueError, match=reason):
            read_annotations(path, format, on_error="warn")


def test_unknown_encodings_and_absent_files(folder):
    (folder / "a.txt").write_bytes(bytes(range(256)))
    with pytest.raises(ValueError, match=r"a\.txt: it is no text"):
        read_annotations(folder / "a.txt", "raven")
    (folder / "a.txt").write_bytes("0\t1\tRüppell\n".encode("cp1252"))
    table = read_annotations("a.txt", audio_file="x.wav")
    assert table["annotation"].tolist() == ["Rüppell"]
    (folder / "a.txt").write_bytes("0\t1\t鳥\n".encode("utf-16"))
    table = read_annotations("a.txt", audio_file="x.wav")
    assert table["annotation"].tolist() == ["鳥"]
    with pytest.raises(FileNotFoundError, match=r"gone\.txt: no such table$"):
        read_annotations("gone.txt")
    with pytest.warns(UserWarning, match=r"gone\.txt: no such table"):
        table = read_annotations(
            ["gone.txt", "a.txt"], audio_file="x.wav", on_error="warn"
        )
    assert len(table) == 1
    with pytest.raises(ValueError, match="'excel'"):
        read_annotations("a.txt", "excel")
