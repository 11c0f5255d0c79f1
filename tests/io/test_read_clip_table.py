"""Tables in text files: separators, encodings, paths, and what is refused."""

import codecs

import pandas as pd
import pytest

from skaudio.io import read_clip_table


@pytest.fixture
def folder(tmp_path):
    """A folder with recordings; their content does not matter here."""
    for name in ("dawn.wav", "north/dawn.wav", "north/señal.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def spans(table, folder):
    """List file (below the folder), start and end of each row."""
    files = [file.removeprefix(f"{folder}/") for file in table["file"]]
    return list(zip(files, table["start_time"], table["end_time"], strict=True))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end_of_line", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"]
)
def test_text_of_any_program(folder, separator, end_of_line, encoding):
    comma = "." if separator == "," else ","
    rows = [
        ["file", "start", "end", "species", "note"],
        ["north/señal.wav", f"0{comma}5", f"1{comma}25", "Rüppell", ""],
        [],
        ["dawn.wav", "2", "3", '"a b"', ""],
    ]
    text = end_of_line.join(separator.join(row) for row in rows)
    (folder / "table.csv").write_bytes(text.encode(encoding))
    table = read_clip_table(folder / "table.csv")
    assert spans(table, folder) == [("north/señal.wav", 0.5, 1.25), ("dawn.wav", 2, 3)]
    assert table["species"].tolist() == ["Rüppell", "a b"]
    assert table["note"].tolist() == [None, None]
    assert table.attrs["columns"]["start_time"] == "start"


def test_excel_says_which_separator(folder):
    (folder / "a.csv").write_text("sep=;\nfile;start;end\ndawn.wav;0,5;1\n")
    assert spans(read_clip_table(folder / "a.csv"), folder) == [("dawn.wav", 0.5, 1)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "dawn.Table.1.selections.txt",
            "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\t"
            "High Freq (Hz)\tAnnotation\n"
            "1\tSpectrogram 1\t1\t0.5\t1.5\t100\t900\tcat\n"
            "2\tSpectrogram 1\t1\t2\t3\t100\t900\tcow\n",
        ),
        ("dawn.txt", "0.500000\t1.500000\tcat\n\\\t100.0\t900.0\n2.000000\t3.0\tcow\n"),
        ("dawn.csv", "onset,offset,label\n0.5,1.5,cat\n2,3,cow\n"),
    ],
    ids=["Raven", "Audacity", "csv"],
)
def test_a_table_beside_its_recording(folder, name, text):
    (folder / name).write_text(text)
    table = read_clip_table(folder / name)
    assert spans(table, folder) == [("dawn.wav", 0.5, 1.5), ("dawn.wav", 2, 3)]
    assert table.iloc[:, -1].tolist() == ["cat", "cow"]
    assert table.attrs["columns"]["file"] == "dawn.wav, beside the table"
    (folder / "dawn.flac").touch()
    with pytest.raises(ValueError, match=r"may be of .*dawn\.flac or .*dawn\.wav"):
        read_clip_table(folder / name)
    other = (folder / name).rename(folder / f"other_{name}")
    with pytest.raises(ValueError, match=rf"other_{name}: none of the columns \["):
        read_clip_table(other)


def test_where_files_are(folder, monkeypatch):
    def read(path, root=None):
        (folder / "tables").mkdir(exist_ok=True)
        (folder / "tables" / "a.csv").write_text(f"file\n{path}\n")
        return read_clip_table(folder / "tables" / "a.csv", root)["file"][0]

    dawn = str(folder / "north" / "dawn.wav")
    assert read(dawn) == dawn
    assert read("north/dawn.wav", folder) == read("north\\dawn.wav", folder) == dawn
    # Without root: beside the table, else where the command runs.
    assert read("north/dawn.wav") == str(folder / "tables" / "north" / "dawn.wav")
    monkeypatch.chdir(folder)
    assert read("north/dawn.wav") == "north/dawn.wav"
    # Absolute on another machine: the last parts of the path are looked for.
    assert read("C:\\study\\north\\dawn.wav", folder) == dawn
    assert read("/media/disk/north/dawn.wav", folder) == dawn
    assert read("/media/disk/north/gone.wav", folder) == "/media/disk/north/gone.wav"
    # Paths of a DataFrame stay as they are.
    table = pd.DataFrame({"file": ["north/dawn.wav"]})
    assert read_clip_table(table)["file"].tolist() == ["north/dawn.wav"]


def test_kaleidoscope_joins_its_folders(folder):
    rows = (
        "INDIR,FOLDER,IN FILE,CHANNEL,OFFSET,DURATION,TOP1MATCH\n"
        "D:\\survey,north,dawn.wav,0,2.5,1.5,CATBIR\n"
    )
    (folder / "cluster.csv").write_text(rows)
    table = read_clip_table(folder / "cluster.csv")
    assert spans(table, folder) == [("north/dawn.wav", 2.5, 4.0)]
    assert table["TOP1MATCH"].tolist() == ["CATBIR"]
    # Two folders of one name on the other machine.
    (folder / "cluster.csv").write_text(rows + "E:\\other,north,dawn.wav,0,1,1,X\n")
    with pytest.raises(ValueError, match=r"would both be .*north/dawn\.wav: expected"):
        read_clip_table(folder / "cluster.csv")


BAD_TEXTS = {
    "empty": (b"", "it is empty"),
    "blank": (b"\n , ,\n", "it is empty"),
    "sound": (b"RIFF\x24\0\0\0WAVEfmt ", "it is no text"),
    "spreadsheet": (b"PK\x03\x04\x14\0\0\0xl/workbook.xml", "it is no text"),
    "half UTF-16": (codecs.BOM_UTF16_LE + b"f\0i", "it is no text"),
    "bytes": (bytes(range(256)), "it is no text"),
    "no header": (b"dawn.wav,0,1,cat\n", r"none of the columns \['dawn.wav', '0'"),
    "only paths": (b"dawn.wav\nnorth/dawn.wav\n", "none of the columns"),
    "too many fields": (b"file,start,end\nx.wav,0,1,2\n", "line 2 has 4 fields, exp"),
    "cut short": (b"file,start,end\nx.wav,0,1\nx.wav,1", "line 3 has 2 fields, exp"),
    "open quote": (b'file,start,end\n"x.wav,0,1\n', "line 2 is no row: unexpected end"),
    "huge field": (b"file\n" + b"x" * 200_000, "line 2 is no row: field larger"),
    "huge path": (b"file\n" + b"x" * 100_000, "Expected a path in row 0, got 'xxx"),
    "huge header": (
        b"file,start,end," + b"x" * 100_000 + b"\nx.wav,1",
        "line 2 has 2 fields",
    ),
    "two columns": (b"file,start,start,end\nx.wav,0,1,2\n", "have one meaning"),
    "no times": (b"file,label\nx.wav,a\nx.wav,b\n", r"x\.wav has 2 rows without"),
    "no file": (b"file,start,end\n,0,1\n", "Expected a path in row 0, got None"),
    "words": (b"file,start,end\nx.wav,zero,one\n", "'start' has 'zero' in row 0"),
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_bad_text_is_refused_in_one_line(tmp_path, name):
    content, reason = BAD_TEXTS[name]
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(ValueError, match=rf"bad\.csv: .*{reason}") as caught:
        read_clip_table(tmp_path / "bad.csv")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 1500


def test_bad_path_of_a_table(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.csv: no such table$"):
        read_clip_table(tmp_path / "gone.csv")
    with pytest.raises(IsADirectoryError, match=str(tmp_path)):
        read_clip_table(tmp_path)


def test_other_columns_stay_and_names_do_not_clash(folder):
    table = pd.DataFrame(
        {"File": ["a.wav"], "Start (s)": [0], "End (s)": [1], "path": ["b"], "n": [3]},
        index=pd.Index([7], name="id"),
    )
    table = read_clip_table(table)
    assert table.columns.tolist() == [
        "file",
        "start_time",
        "end_time",
        "id",
        "path",
        "n",
    ]
    # What was read is a clip table, and can be read again.
    again = read_clip_table(table)
    pd.testing.assert_frame_equal(again, table)
    kept = pd.DataFrame({"file": ["a.wav"], "n": [1]}).set_index("file", drop=False)
    assert read_clip_table(kept).columns.tolist() == [*table.columns[:3], "n"]
    one = read_clip_table(pd.DataFrame({"clips": ["a.wav", "b.wav"]}))
    assert one["file"].tolist() == ["a.wav", "b.wav"]
    assert one.attrs["columns"] == {"file": "clips"}
