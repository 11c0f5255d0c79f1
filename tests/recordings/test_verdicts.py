import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.metrics import cohen_kappa_score

from skaudio._utils.verdicts import VERDICT_COLUMNS
from skaudio.datasets import load_audio_table
from skaudio.recordings import merge_verdicts, read_verdicts, verdicts_to_clips


def table_of(*rows, reviewer="Ann"):
    """Make verdicts of (file, start, label, verdict, verdict_label), 3 s each."""
    rows = [
        (file, start, start + 3, label, 0.5, "1", 0.25, verdict, instead)
        + ((reviewer,) if verdict else (None,))
        for file, start, label, verdict, instead in rows
    ]
    table = pd.DataFrame(rows, columns=VERDICT_COLUMNS, dtype=object)  # None stays None
    numbers = ["start_time", "end_time", "score", "inclusion_probability"]
    return table.astype(dict.fromkeys(numbers, float))


def frogs(*verdicts, reviewer="Ann"):
    rows = [("a.wav", 3.0 * k, "Frog", *one) for k, one in enumerate(verdicts)]
    return table_of(*rows, reviewer=reviewer)


YES, NO, TOAD, UNSURE, OPEN = (
    ("yes", None),
    ("no", None),
    ("no", "Toad"),
    ("unsure", None),
    (None, None),
)


def test_tables_are_read_as_they_were_written_and_as_spreadsheets_save_them(tmp_path):
    table = frogs(YES, NO, TOAD, UNSURE, OPEN)
    table["label"] = ["=1+1", "'-x", 'Ärger, "laut"', "Frog", "@home"]
    guarded = table.assign(label=["'=1+1", "''-x", *table["label"][2:4], "'@home"])
    guarded.to_csv(tmp_path / "own.csv", index=False)
    read = read_verdicts(tmp_path / "own.csv")
    pd.testing.assert_frame_equal(read, table, check_dtype=False)
    assert [*read["verdict"]] == ["yes", "no", "no", "unsure", None]
    saved = guarded.assign(verdict=guarded["verdict"].str.upper())
    for name in ("start_time", "end_time", "score", "inclusion_probability"):
        saved[name] = [f"{value:.2f}".replace(".", ",") for value in saved[name]]
    saved.to_csv(tmp_path / "saved.csv", index=False, sep=";", encoding="cp1252")
    read = read_verdicts([tmp_path / "saved.csv"])
    pd.testing.assert_frame_equal(read, table, check_dtype=False)


def test_files_of_one_person_are_joined_and_those_of_two_kept_apart(tmp_path):
    half, all_ = frogs(YES, NO, OPEN), frogs(YES, NO, TOAD)
    half.to_csv(tmp_path / "half.csv", index=False)
    all_.to_csv(tmp_path / "all.csv", index=False)
    for names in (["half", "all"], ["all", "half"]):
        read = read_verdicts([tmp_path / f"{name}.csv" for name in names])
        read = read.sort_values("start_time").reset_index(drop=True)
        pd.testing.assert_frame_equal(read, all_, check_dtype=False)
    frogs(NO, NO, OPEN, reviewer="Ben").to_csv(tmp_path / "ben.csv", index=False)
    read = read_verdicts([tmp_path / "half.csv", tmp_path / "ben.csv"])
    assert read["reviewer"].value_counts().to_dict() == {"Ann": 2, "Ben": 2}
    assert len(read) == 5  # what nobody judged is there once
    # The same person, who thought again.
    frogs(NO, NO, OPEN).to_csv(tmp_path / "later.csv", index=False)
    with pytest.warns(UserWarning, match=r"1 windows have different .* of Ann in"):
        read = read_verdicts([tmp_path / "all.csv", tmp_path / "later.csv"])
    assert sorted(zip(read["start_time"], read["verdict"], strict=True)) == [
        *((0.0, "no"), (3.0, "no"), (6.0, "no")),
    ]


@pytest.mark.parametrize(
    "column, value, expected",
    [
        ("file", None, "a path"),
        ("label", " ", "a class"),
        ("start_time", "soon", "seconds"),
        ("end_time", 1.0, "later than start_time"),
        ("score", "high", "a number"),
        ("inclusion_probability", 1.5, "at most 1"),
        ("verdict", "maybe", "yes, no or unsure"),
        ("verdict_label", "Toad", "beside the verdict no"),
    ],
)
def test_a_bad_value_is_named_with_its_file_and_window(
    column, value, expected, tmp_path
):
    table = frogs(YES, YES).astype({column: object})
    table.loc[1, column] = value
    table.to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(ValueError, match=rf"bad\.csv: .*{column}.*{expected}") as error:
        read_verdicts(tmp_path / "bad.csv")
    message = str(error.value)
    assert "\n" not in message and "row 2 " in message
    assert f"no {column}" in message if value in (None, " ") else str(value) in message


def test_tables_of_other_things_are_refused(tmp_path):
    frogs(YES).drop(columns="stratum").to_csv(tmp_path / "less.csv", index=False)
    with pytest.raises(ValueError, match=r"less\.csv: no column stratum"):
        read_verdicts(tmp_path / "less.csv")
    with pytest.raises(FileNotFoundError, match=r"none\.csv"):
        read_verdicts(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="paths: is empty"):
        read_verdicts([])


def test_two_people_are_merged(tmp_path):
    ann = frogs(YES, NO, TOAD, UNSURE, YES, NO, OPEN, YES)
    ben = frogs(YES, NO, NO, UNSURE, NO, YES, YES, OPEN, reviewer="Ben")
    more = table_of(("b.wav", 0.0, "Frog", *TOAD), reviewer="Ben")
    merged = merge_verdicts([ann, pd.concat([ben, more])])
    got = merged.verdicts.sort_values(["file", "start_time"])
    assert got["verdict"].tolist() == [
        *("yes", "no", "unsure", "unsure", "unsure", "unsure", "yes", "yes", "no"),
    ]
    assert got["verdict_label"].tolist() == [None] * 8 + ["Toad"]
    assert got["reviewer"].tolist() == ["Ann and Ben"] * 6 + ["Ben", "Ann", "Ben"]
    assert merged.n_both == 6 and merged.agreement == pytest.approx(4 / 6)
    words = [[*one["verdict"][:6]] for one in (ann, ben)]
    assert merged.kappa == pytest.approx(cohen_kappa_score(*words))
    apart = merged.disagreements
    assert apart["start_time"].tolist() == [6.0, 12.0, 15.0]
    assert apart["verdict_label_1"].tolist()[0] == "Toad"
    assert apart["verdict_1"].tolist() == ["no", "yes", "no"]
    assert apart["reviewer_2"].tolist() == ["Ben"] * 3


def test_agreement_that_says_nothing_is_nan():
    ann = frogs(YES, YES)
    merged = merge_verdicts([ann, ann.assign(reviewer="Ben")])
    assert np.isnan(merged.kappa) and merged.agreement == 1
    assert merged.disagreements.empty
    other = ann.assign(file="b.wav")
    merged = merge_verdicts([ann, other])
    assert np.isnan(merged.kappa) and merged.n_both == 0 and len(merged.verdicts) == 4


def test_windows_that_are_there_twice_are_refused():
    twice = pd.concat([frogs(YES), frogs(NO, reviewer="Ben")])
    for function in (verdicts_to_clips, lambda table: merge_verdicts([table, table])):
        with pytest.raises(ValueError, match=r"a\.wav from 0 to 3 s, Frog is there"):
            function(twice)
    with pytest.raises(ValueError, match="got 3, expected two"):
        merge_verdicts([frogs(YES)] * 3)


def test_clips_of_verdicts(tmp_path):
    rng = np.random.default_rng(0)
    a, b = (str(tmp_path / name) for name in ("a.wav", "b.wav"))
    for file in (a, b):
        soundfile.write(file, 0.1 * rng.standard_normal(8000 * 40), 8000)
    table = table_of(
        (a, 0.0, "Frog", *YES),
        (a, 0.0, "Owl", *NO),  # the window has its Frog
        (a, 1.5, "Owl", *NO),  # overlaps with the Frog
        (a, 9.0, "Frog", *TOAD),
        (a, 20.0, "Frog", *YES),
        (a, 20.0, "Owl", *YES),
        (a, 30.0, "Frog", *UNSURE),
        (a, 33.0, "Frog", *OPEN),
        (b, 0.0, "Owl", *NO),
        (b, 0.0, "Frog", *NO),
    )
    clips = verdicts_to_clips(table)
    frame = [
        (a, 0.0, 3.0, "Frog", a),
        (a, 9.0, 12.0, "Toad", a),
        (b, 0.0, 3.0, "background", b),
    ]
    assert clips.frame.to_records(index=False).tolist() == frame
    assert clips.target.tolist() == [row[3] for row in frame]
    assert clips.groups.tolist() == [0, 0, 1]
    assert clips.target_names == ["Frog", "Toad", "background"]
    assert clips.left_out == {
        "not_judged": 1,
        "unsure": 1,
        "several_classes": 1,
        "near_animal": 2,
    }
    loaded = load_audio_table(clips.frame)
    assert loaded.target.tolist() == clips.target.tolist()
    assert loaded.groups.tolist() == clips.groups.tolist()
    with pytest.raises(ValueError, match="none of 1 windows is a clip"):
        verdicts_to_clips(table[table["verdict"] == "unsure"])
