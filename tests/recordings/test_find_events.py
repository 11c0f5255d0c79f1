import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio.recordings import find_events

COLUMNS = [
    *("audio_file", "annotation_file", "annotation", "start_time", "end_time"),
    *("low_f", "high_f", "score", "peak_start_time", "peak_end_time"),
]
NAN = np.nan


def table(columns, step=1.0, length=2.0, file="dawn.wav", dtype=np.float32):
    """Scores of windows that follow each other by `step` seconds."""
    columns = columns if isinstance(columns, dict) else {"frog": columns}
    starts = np.arange(len(next(iter(columns.values())))) * step
    index = pd.MultiIndex.from_arrays(
        [[file] * len(starts), starts, starts + length],
        names=["file", "start_time", "end_time"],
    )
    return pd.DataFrame(columns, index=index, dtype=dtype)


def spans(events, name="frog"):
    events = events[events["annotation"] == name]
    return events[["start_time", "end_time"]].to_numpy().tolist()


def test_table_of_events():
    scores = table({"frog": [0.1, 0.8, 0.9, 0.1], "cat": [0.7, 0.1, 0.1, 0.1]})
    events = find_events(scores)
    assert events.columns.tolist() == COLUMNS
    expected = [
        ("dawn.wav", "cat", 0.0, 1.5, 0.7, 0.0, 2.0),
        ("dawn.wav", "frog", 1.5, 3.5, 0.9, 2.0, 4.0),
    ]
    shown = ["audio_file", "annotation", *COLUMNS[3:5], *COLUMNS[7:]]
    for row, wanted in zip(events[shown].to_numpy().tolist(), expected, strict=True):
        assert row[:2] == list(wanted[:2]) and row[2:] == pytest.approx(wanted[2:])
    assert events[["annotation_file", "low_f", "high_f"]].isna().all(axis=None)


def test_no_event_is_a_table_of_the_same_columns():
    for scores in (table([0.1, 0.2]), table([0.1])[:0]):
        events = find_events(scores)
        assert events.columns.tolist() == COLUMNS and events.empty
    assert events["score"].dtype == float


@pytest.mark.parametrize(
    ("boundaries", "expected"),
    [("centre", [[0, 1.5], [2.5, 3.5], [4.5, 6]]), ("window", [[0, 6]])],
)
def test_which_time_a_window_stands_for(boundaries, expected):
    scores = table([0.9, 0.1, 0.9, 0.1, 0.9])
    assert spans(find_events(scores, boundaries=boundaries)) == expected


def test_windows_without_overlap_stand_for_themselves():
    scores = table([0.9, 0.1, 0.9, 0.9], length=1.0)
    for boundaries in ("centre", "window"):
        assert spans(find_events(scores, boundaries=boundaries)) == [[0, 1], [2, 4]]


def test_short_last_window():
    # As clip_windows cuts 3.5 s with final_clip="remainder": one within another.
    index = [("a.wav", 0.0, 3.0), ("a.wav", 1.5, 3.5), ("a.wav", 3.0, 3.5)]
    scores = table([0.1, 0.1, 0.9]).set_axis(
        pd.MultiIndex.from_tuples(index, names=["file", "start_time", "end_time"])
    )
    assert spans(find_events(scores)) == [[3.0, 3.5]]


def test_hysteresis_goes_on_while_it_is_likely():
    scores = table([0.4, 0.4, 0.1, 0.4, 0.9, 0.4, 0.2], length=1.0)
    events = find_events(scores, 0.7, continue_threshold=0.3)
    assert spans(events) == [[3, 6]]
    assert events["peak_start_time"].tolist() == [4]


def test_smoothing_weighs_each_window_with_its_neighbours():
    scores = table([0.1, 0.8, 0.1, 0.1, 0.9, 0.8, 0.1, 0.7, 0.1, 0.1], length=1.0)
    events = find_events(scores, smoothing=3)
    # Half of the own score and a quarter of each neighbour's.
    assert spans(events) == [[4, 6]]
    assert events["score"].tolist() == pytest.approx([0.675])
    single = table([0.1, 0.1, 0.8, 0.1, 0.1])
    assert len(find_events(single)) == 1 and find_events(single, smoothing=3).empty
    steady = find_events(table([0.7] * 4), smoothing=3)
    assert steady["score"].tolist() == pytest.approx([0.7])


def test_smoothing_stays_within_runs():
    both = pd.concat(
        [table([0.1, 0.9, 0.9], file="a"), table([0.9, NAN, 0.9, 0.1], file="b")]
    )
    for name in ("a", "b"):
        alone = find_events(both.loc[[name]], smoothing=3)
        together = find_events(both, smoothing=3)
        together = together[together["audio_file"] == name].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, together)


def test_thresholds_per_class():
    scores = table({"frog": [0.6, 0.1], "cat": [0.6, 0.1], "Noise": [0.9, 0.9]})
    for thresholds in (
        {"frog": 0.5, "cat": 0.7},
        {"frog": 0.5, "cat": 0.7, "Noise": 0},
    ):
        for kind in (dict, pd.Series):
            events = find_events(scores, kind(thresholds))
            assert events["annotation"].tolist() == ["frog"]
    with pytest.raises(ValueError, match=r"threshold lacks classes \['cat'\]"):
        find_events(scores, {"frog": 0.5})
    assert len(find_events(scores, {"frog": 0.5}, classes=["frog"])) == 1
    with pytest.raises(ValueError, match=r"has the unknown classes \['newt'\]"):
        find_events(scores, {"frog": 0.5, "cat": 0.7, "newt": 0.1})


def test_threshold_that_scores_of_32_bits_reach():
    assert len(find_events(table([0.7, 0.1]), 0.7)) == 1
    assert len(find_events(table([0.7, 0.1]), {"frog": 0.7})) == 1
    just_below = table([np.nextafter(0.7, 0), 0.1], dtype=np.float64)
    assert find_events(just_below, 0.7).empty


def test_background_is_never_an_event():
    names = ["background", "Noise", "OTHER", "silence", "frog"]
    scores = table({name: [0.9, 0.9] for name in names})
    assert set(find_events(scores)["annotation"]) == {"frog"}
    with pytest.raises(ValueError, match=r"\['Noise'\]: expected animals"):
        find_events(scores, classes=["Noise"])


def test_failed_window_ends_an_event():
    scores = table([0.9, 0.9, NAN, 0.9], length=1.0)
    for merge_gap in (0.0, 5.0):
        assert spans(find_events(scores, merge_gap=merge_gap)) == [[0, 2], [3, 4]]
    assert find_events(table([NAN, NAN])).empty
    # A class alone without a score: the window failed.
    scores["cat"] = [NAN, 0.9, 0.9, 0.9]
    assert spans(find_events(scores), "frog") == [[1, 2], [3, 4]]


def test_gap_between_windows():
    scores = table([0.9] * 6, length=1.0).drop(index=[2.0, 4.0], level="start_time")
    assert spans(find_events(scores)) == [[0, 2], [3, 4], [5, 6]]
    assert spans(find_events(scores, merge_gap=1.0)) == [[0, 6]]
    assert spans(find_events(scores, merge_gap=0.9)) == [[0, 2], [3, 4], [5, 6]]


def test_merging_comes_before_the_least_duration():
    scores = table([0.9, 0.1, 0.9, 0.1, 0.1, 0.9], length=1.0)
    events = find_events(scores, merge_gap=1.0, min_duration=2.0)
    assert spans(events) == [[0, 3]]


def test_no_event_after_the_end_of_its_recording():
    # 5.2 s in windows of 2 s every second, of which the last reaches to 7 s.
    scores = table([0.1, 0.1, 0.1, 0.1, 0.9, 0.9])
    assert spans(find_events(scores)) == [[4.5, 7.0]]
    events = find_events(scores, recordings_duration={"dawn.wav": 5.2})
    # Of the windows from 3 to 5 s and from 4 to 5.2 s, half way between the middles.
    assert spans(events) == [pytest.approx([4.3, 5.2])]
    alone = table([0.1, 0.1, 0.1, 0.1, 0.1, 0.9])
    durations = pd.Series({"dawn.wav": 5.2})
    events = find_events(alone, recordings_duration=durations)
    assert spans(events) == [pytest.approx([5.0, 5.2])]
    with pytest.raises(ValueError, match=r"recordings_duration lacks dawn.wav"):
        find_events(scores, recordings_duration={"dusk.wav": 5.2})
    with pytest.raises(ValueError, match=r"scores from 5.0 to 7.0 s, but .* of 5.0 s"):
        find_events(scores, recordings_duration={"dawn.wav": 5.0})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scores": [1, 2]}, r"scores=\[1, 2\]: expected a DataFrame"),
        ({"scores": pd.DataFrame({"frog": [1.0]})}, "expected file, start_time and"),
        (
            {"scores": table(["a", "b"], dtype=object)},
            "'frog' holds .* expected",
        ),
        (
            {"scores": table([np.inf, 0.1])},
            "dawn.wav: .* 2.0 s are infinite",
        ),
        ({"scores": table([0.1, 0.1], step=0)}, "dawn.wav: .* 2.0 s are there twice"),
        ({"scores": table([0.1], length=0)}, "from 0.0 to 0.0 s have no length"),
        ({"scores": table([0.1], length=NAN)}, "from 0.0 to nan s have no length"),
        ({"threshold": 1.1}, "threshold=1.1 of 'frog': expected a probability"),
        ({"threshold": NAN}, "threshold=nan of 'frog'"),
        ({"threshold": "high"}, "threshold='high' of 'frog'"),
        ({"continue_threshold": 0.6}, "0.6 of 'frog': expected at most .* 0.5"),
        ({"smoothing": 2}, "smoothing=2: expected an odd number"),
        ({"min_duration": -1}, "min_duration=-1: expected seconds"),
        ({"merge_gap": NAN}, "merge_gap=nan: expected seconds"),
        ({"boundaries": "all"}, "boundaries='all': expected one of 'centre', 'window'"),
        ({"classes": ["newt"]}, r"\['newt'\]: expected some of .* \['frog'\]"),
    ],
)
def test_errors_say_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        find_events(**{"scores": table([0.9, 0.1]), **options})


def test_two_columns_of_one_name_and_windows_of_several_lengths():
    scores = table([0.9, 0.1])
    with pytest.raises(ValueError, match="two columns 'frog'"):
        find_events(pd.concat([scores, scores], axis=1))
    longer = table([0.9], length=5.0, file="dawn.wav")
    with pytest.raises(ValueError, match=r"1.0 to 3.0 s are of a window within"):
        find_events(pd.concat([longer, scores[1:]]))


def test_index_as_columns():
    scores = table([0.9, 0.1])
    pd.testing.assert_frame_equal(
        find_events(scores.reset_index()), find_events(scores)
    )


@st.composite
def random_scores(draw):
    step = draw(st.sampled_from([0.5, 1.0, 2.0]))
    level = st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9, NAN])
    parts = []
    for file in draw(st.sampled_from(["a", "ab"])):
        n_windows = draw(st.integers(1, 12))
        columns = {
            name: draw(st.lists(level, min_size=n_windows, max_size=n_windows))
            for name in ("frog", "cat")
        }
        part = table(columns, step=step, file=f"{file}.wav")
        kept = draw(st.lists(st.booleans(), min_size=n_windows, max_size=n_windows))
        parts.append(part[np.array(kept)])
    return pd.concat(parts)


options = st.fixed_dictionaries(
    {
        "merge_gap": st.sampled_from([0.0, 0.5, 1.0, 3.0]),
        "min_duration": st.sampled_from([0.0, 1.0, 2.5]),
        "boundaries": st.sampled_from(["centre", "window"]),
        "smoothing": st.sampled_from([None, 3]),
    }
)


def seconds(events):
    return float((events["end_time"] - events["start_time"]).sum())


@settings(deadline=None, max_examples=50)
@given(random_scores(), options, st.data())
def test_a_higher_threshold_finds_less_in_the_same_places(scores, options, data):
    low, high = sorted(
        data.draw(st.tuples(*[st.sampled_from([0.2, 0.4, 0.6, 0.8])] * 2))
    )
    few, many = (find_events(scores, one, **options) for one in (high, low))
    assert seconds(few) <= seconds(many) + 1e-9
    held = few.merge(many, on=["audio_file", "annotation"], suffixes=("", "_of_many"))
    inside = (held["start_time_of_many"] <= held["start_time"]) & (
        held["end_time"] <= held["end_time_of_many"]
    )
    assert inside.sum() == len(few)


@settings(deadline=None, max_examples=50)
@given(random_scores(), options, st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(scores, options, random):
    rows = list(range(len(scores)))
    random.shuffle(rows)
    pd.testing.assert_frame_equal(
        find_events(scores.iloc[rows], **options), find_events(scores, **options)
    )


@settings(deadline=None, max_examples=50)
@given(random_scores(), options, st.sampled_from([None, 0.2, 0.4]))
def test_what_every_event_keeps(scores, options, continue_threshold):
    events = find_events(scores, continue_threshold=continue_threshold, **options)
    values = scores.where(scores.notna().all(axis=1), axis=0)
    for event in events.itertuples():
        own = values.loc[[event.audio_file], event.annotation].reset_index()
        peak = own[own["start_time"] == event.peak_start_time]
        assert event.score >= np.float32(0.5) and len(peak) == 1
        if options["smoothing"] is None:
            assert peak[event.annotation].item() == np.float32(event.score)
            overlapping = own[
                (own["start_time"] >= event.start_time - 1e-9)
                & (own["end_time"] <= event.end_time + 1e-9)
            ]
            assert not (overlapping[event.annotation] > event.score).any()
        assert event.start_time < event.peak_end_time
        assert event.end_time > event.peak_start_time
        assert event.end_time - event.start_time >= options["min_duration"] - 1e-6
    for (file, name), own in events.groupby(["audio_file", "annotation"]):
        starts, ends = own["start_time"].to_numpy(), own["end_time"].to_numpy()
        failed = values.loc[[file]][values.loc[[file], name].isna()]
        failed = failed.index.get_level_values("start_time").to_numpy()
        for end, start in zip(ends[:-1], starts[1:], strict=True):
            assert end <= start
            assert start - end > options["merge_gap"] or len(failed)


@settings(deadline=None, max_examples=50)
@given(random_scores(), st.sampled_from([0.2, 0.4, 0.6]))
def test_events_are_runs_of_windows(scores, continue_threshold):
    """Against loops over the windows, without merging."""
    expected = []
    for file in scores.index.unique("file"):
        own = scores.loc[[file]]
        for name in scores:
            runs, before = [], None
            for (_, start, end), row in own.iterrows():
                inside = row.notna().all() and row[name] >= np.float32(
                    continue_threshold
                )
                if inside and (before is None or start > before + 1e-6):
                    runs.append([])
                if inside:
                    runs[-1].append(row[name])
                before = end if inside else None
            expected += [
                (file, name, max(run)) for run in runs if max(run) >= np.float32(0.6)
            ]
    events = find_events(scores, 0.6, continue_threshold=continue_threshold)
    found = events[["audio_file", "annotation", "score"]].to_numpy().tolist()
    assert sorted(map(tuple, found)) == sorted(expected)
