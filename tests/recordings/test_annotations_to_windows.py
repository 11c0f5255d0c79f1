import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import LogMelExtractor, MFCCStatistics, StatisticsMelClassifier, WavLoader
from skaudio.datasets import make_animal_sounds, make_soundscape
from skaudio.recordings import annotations_to_windows

COLUMNS = ["audio_file", "annotation", "start_time", "end_time"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three silent recordings of 12 s, one of 7 s."""
    folder = tmp_path_factory.mktemp("recordings")
    for name, seconds in (("a", 12), ("b", 12), ("north/c", 12), ("south/c", 7)):
        path = folder / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, np.zeros(1000 * seconds), 1000)
    return folder


def annotations(*rows):
    return pd.DataFrame([*rows], columns=COLUMNS)


def shown(windows, file):
    """Start of each window of a file, and what is in it."""
    frame = windows.frame.loc[[file]].droplevel(["file", "end_time"])
    return {
        start: " ".join(frame.columns[row.astype(bool)])
        for start, row in zip(frame.index, frame.to_numpy(), strict=True)
    }


def test_windows_are_labelled_with_what_they_hold(folder):
    a, b = (str(folder / name) for name in ("a.wav", "b.wav"))
    table = annotations(
        (a, "frog", 2.4, 3.6),  # 0.6 s in each window
        (a, "cat", 5.7, 6.3),  # 0.3 s in each, and half of it
        (a, "cow", 8.6, 10.5),  # 0.4 s in the third: neither; 1.5 s in the fourth
        (b, "frog", 4, 5),
        (b, "cat", 4, 5),
    )
    windows = annotations_to_windows(table, folder, 3.0)
    assert shown(windows, a) == {0: "frog", 3: "cat frog", 6: "cat", 9: "cow"}
    assert shown(windows, b) == {0: "", 3: "cat frog", 6: "", 9: ""}
    assert windows.target_names == ["cat", "cow", "frog"]
    assert windows.target is windows.frame and windows.data.shape[1] == 0
    assert windows.data.index.names == ["file", "start_time", "end_time"]
    with pytest.warns(UserWarning, match="1 of 5 annotations are in no window"):
        strict = annotations_to_windows(table, folder, 3.0, min_label_fraction=None)
    assert shown(strict, a) == {0: "frog", 3: "frog", 9: "cow"}


def test_what_is_near_an_annotation_is_no_background(folder):
    a = str(folder / "a.wav")
    table = annotations((a, "frog", 4, 5))
    for margin, expected in (
        (0.0, {0: "", 3: "frog", 6: "", 9: ""}),
        (1.0, {0: "", 3: "frog", 6: "", 9: ""}),
        (1.1, {3: "frog", 9: ""}),
    ):
        windows = annotations_to_windows(table, [a], 3.0, background_margin=margin)
        assert shown(windows, a) == expected
        left_out = 4 - len(expected)
        assert windows.left_out["near_annotation"] == left_out
        assert windows.n_background == len(expected) - 1


def test_background_is_drawn_at_random(folder):
    table = annotations((str(folder / "a.wav"), "frog", 4, 5))
    everything = annotations_to_windows(table, folder, 1.0)
    drawn = annotations_to_windows(table, folder, 1.0, max_background=5, random_state=0)
    assert drawn.n_background == 5 and len(drawn.data) == 6
    assert drawn.left_out["background"] == everything.n_background - 5
    assert drawn.data.index.isin(everything.data.index).all()
    assert drawn.data.index.is_monotonic_increasing
    again, other = (
        annotations_to_windows(table, folder, 1.0, max_background=5, random_state=seed)
        for seed in (0, 1)
    )
    assert again.data.index.equals(drawn.data.index)
    assert not other.data.index.equals(drawn.data.index)
    none = annotations_to_windows(table, folder, 1.0, max_background=0)
    assert len(none.data) == 1 and none.n_background == 0


def test_annotated_background_is_background(folder):
    a = str(folder / "a.wav")
    table = annotations((a, "frog", 4, 5), (a, "Noise", 6, 12))
    windows = annotations_to_windows(table, [a], 3.0)
    assert windows.target_names == ["frog"] and shown(windows, a)[9] == ""


def test_one_label_per_window(folder):
    a = str(folder / "a.wav")
    table = annotations(
        (a, "frog", 0, 2), (a, "cat", 4, 5), (a, "frog", 4, 5), (a, "cow", 6, 8)
    )
    with pytest.warns(UserWarning, match="1 of 4 windows hold several classes"):
        windows = annotations_to_windows(table, [a], 3.0, multilabel=False)
    assert windows.target.tolist() == ["frog", "cow", "background"]
    assert windows.target_names == ["background", "cow", "frog"]
    assert windows.left_out["several_classes"] == 1
    with pytest.warns(UserWarning, match="several classes"):
        frogs = annotations_to_windows(
            table, [a], 3.0, multilabel=False, classes=["frog"]
        )
    assert frogs.target.tolist() == ["frog", "background"]
    assert frogs.left_out["other_classes"] == 1  # the cow is no background
    both = annotations_to_windows(table, [a], 3.0, classes=["frog"])
    assert shown(both, a) == {0: "frog", 3: "frog", 6: "", 9: ""}
    assert both.n_background == 1


def test_groups(folder):
    table = annotations((str(folder / "a.wav"), "frog", 4, 5))
    windows = annotations_to_windows(table, folder, 3.0)
    files = windows.data.index.get_level_values("file")
    assert windows.groups.tolist() == pd.factorize(files)[0].tolist()
    by_name = annotations_to_windows(
        table, folder, 3.0, groups=lambda files: [file[-5:] for file in files]
    )
    assert len({*by_name.groups}) == 3  # the two c.wav are one
    given = {file: k % 2 for k, file in enumerate(dict.fromkeys(files))}
    of_table = annotations_to_windows(table, folder, 3.0, groups=given)
    assert of_table.groups.tolist() == [given[file] for file in files]
    assert annotations_to_windows(table, folder, 3.0, groups=None).groups is None


def test_groups_by_recorder_and_day(tmp_path):
    names = [
        "north/20240514_053000",
        "north/20240514_193000",
        "north/20240515_053000",
        "south/20240514_053000",
        "south/dawn",
        "south/dusk",
    ]
    for name in names:
        path = tmp_path / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, np.zeros(5000), 1000)
    table = annotations((f"{tmp_path}/{names[0]}.wav", "frog", 1, 2))
    windows = annotations_to_windows(table, tmp_path, 5.0, groups="recorder_day")
    assert len(windows.data) == 6
    first, *others = windows.groups
    assert others[0] == first and len({*windows.groups}) == 5


def test_recordings_of_one_name_in_two_folders(folder):
    windows = annotations_to_windows(
        annotations(("other/machine/south/c.flac", "frog", 4, 5)), folder, 3.0
    )
    labelled = windows.frame.index[windows.frame["frog"] == 1]
    assert {*labelled.get_level_values("file")} == {str(folder / "south" / "c.wav")}
    with pytest.raises(ValueError, match=r"c.wav may be .*c.wav or .*c.wav"):
        annotations_to_windows(annotations(("c.wav", "frog", 4, 5)), folder, 3.0)


def test_windows_end_with_the_recording(folder):
    table = annotations(("a.wav", "frog", 4, 5))
    for final_clip, end in (("full", 7), ("extend", 8), ("remainder", 7), (None, 4)):
        windows = annotations_to_windows(
            table, folder, 4.0, final_clip=final_clip, background_margin=0
        )
        ends = (
            windows.data.index.to_frame(index=False).groupby("file")["end_time"].max()
        )
        assert ends[str(folder / "south" / "c.wav")] == end


def test_what_is_lost_is_said(folder):
    a = str(folder / "a.wav")
    table = annotations((a, "frog", 4, 5), ("elsewhere.wav", "frog", 4, 5))
    with pytest.warns(UserWarning, match=r"\['elsewhere.wav'\] \(1 of 2 files\)"):
        annotations_to_windows(table, [a], 3.0)
    table = annotations((a, "frog", 4, 5), (a, "frog", 11.9, 12))
    with pytest.warns(UserWarning, match="1 of 2 annotations are in no window"):
        annotations_to_windows(table, [a], 5.0, final_clip=None)


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([("a.wav", "frog", 13, 14)], {}, "row 0 .* outside .*a.wav of 12 s"),
        ([("a.wav", "frog", 11, 14)], {}, "row 0 .* outside .*a.wav of 12 s"),
        ([("a.wav", "frog", 5, 4)], {}, "row 0 .* has no length"),
        ([("a.wav", None, 4, 5)], {}, "row 0 .* has no label"),
        (
            [("d.wav", "frog", 4, 5)],
            {},
            r"\['d.wav'\] .* none of the 4 recordings",
        ),
        (None, {"classes": ["newt"]}, r"\['newt'\]: expected some of .* \['frog'\]"),
        (None, {"min_overlap": 4}, "min_overlap=4: expected a number from 0 to 3.0"),
        (None, {"min_label_fraction": 2}, "min_label_fraction=2: expected"),
        (None, {"background_margin": -1}, "background_margin=-1: expected"),
        (None, {"max_background": 0.5}, "max_background=0.5: expected an integer"),
        (None, {"groups": "site"}, "groups='site': expected \"recording\""),
        (None, {"groups": {}}, "groups lacks .*a.wav"),
        (None, {"clip_overlap": 3.0}, "clip_overlap=3.0 with clip_duration=3.0"),
    ],
)
def test_errors_say_what_is_wrong(folder, rows, options, message):
    table = annotations(*(rows or [("a.wav", "frog", 4, 5)]))
    with pytest.raises(ValueError, match=message):
        annotations_to_windows(table, folder, 3.0, **options)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a.wav", "b.wav"]),
            st.sampled_from(["frog", "cat"]),
            st.integers(0, 100),
            st.integers(1, 20),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([0.0, 1.5]),
    st.sampled_from([0.1, 0.5, 2.0]),
    st.sampled_from([None, 0.5]),
)
@pytest.mark.filterwarnings("ignore:.*are in no window")
def test_labels_against_loops(folder, spans, overlap, min_overlap, fraction):
    spans = [(*one, start / 10, (start + n) / 10) for *one, start, n in spans]
    windows = annotations_to_windows(
        annotations(*spans),
        folder,
        3.0,
        overlap,
        min_overlap=min_overlap,
        min_label_fraction=fraction,
    )
    for (file, start, end), row in windows.frame.iterrows():
        labels, distance = set(), np.inf
        for name, label, begin, stop in spans:
            if str(folder / name) == file:
                common = min(end, stop) - max(start, begin)
                distance = min(distance, -common)
                if common >= min_overlap - 1e-9:
                    labels.add(label)
                if fraction and common >= fraction * (stop - begin) - 1e-9:
                    labels.add(label)
        assert {*row.index[row == 1]} == labels
        assert labels or distance > 1 - 1e-9


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Four recordings of synthetic animals in wind, and their annotations."""
    folder = tmp_path_factory.mktemp("scenes")
    truth = []
    for k in range(4):
        clips = make_animal_sounds(4, n_classes=2, random_state=k)
        scene = make_soundscape(
            clips, clips.noise, 60, output=folder / f"{k}.flac", random_state=k
        )
        truth.append(scene.truth)
    return folder, pd.concat(truth)


@pytest.mark.filterwarnings("ignore:.*are in no window")
def test_networks_and_heads_train_on_the_windows(scenes):
    folder, truth = scenes
    windows = annotations_to_windows(truth, folder, 3.0, 1.5)
    assert {*windows.target_names} == {"cat", "cow"} and windows.n_background > 10
    mel = LogMelExtractor(n_mels=16, n_frames=94)
    net = StatisticsMelClassifier(max_epochs=1, random_state=0)
    pipe = make_pipeline(WavLoader(), mel, net)
    pipe.fit(
        windows.data, windows.target, statisticsmelclassifier__groups=windows.groups
    )
    assert pipe.classes_.tolist() == ["cat", "cow"]
    assert pipe.predict_proba(windows.data[:5]).shape == (5, 2)
    head = OneVsRestClassifier(LogisticRegression(class_weight="balanced"))
    pipe = make_pipeline(WavLoader(), MFCCStatistics(), StandardScaler(), head)
    pipe.fit(windows.data, windows.target)
    assert pipe.score(windows.data, windows.target) > 0.5


@pytest.mark.filterwarnings("ignore:.*(are in no window|several classes)")
def test_classifiers_of_one_label_train_on_the_windows(scenes):
    folder, truth = scenes
    windows = annotations_to_windows(
        truth, folder, 3.0, 1.5, multilabel=False, max_background=30, random_state=0
    )
    pipe = make_pipeline(
        WavLoader(),
        MFCCStatistics(),
        StandardScaler(),
        LogisticRegression(class_weight="balanced"),
    )
    pipe.fit(windows.data, windows.target)
    assert pipe.classes_.tolist() == ["background", "cat", "cow"]
    assert pipe.score(windows.data, windows.target) > 0.8
