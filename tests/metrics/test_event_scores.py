import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from skaudio.metrics import (
    event_scores,
    match_events,
    recall_at_false_positive_rate,
    segment_average_precision,
)

COLUMNS = ["audio_file", "annotation", "start_time", "end_time"]
SED_EVAL = json.loads(Path(__file__).with_name("sed_eval.json").read_text())


def table(*rows, columns=COLUMNS):
    return pd.DataFrame([*rows], columns=columns[: len(rows[0])] if rows else columns)


def frogs(*spans, file="a.wav"):
    return table(*[(file, "frog", *span) for span in spans])


TRUTH = frogs((1, 2), (5, 6), (8, 9))


def test_one_event_is_one_annotation():
    assert match_events(frogs((0, 10)), TRUTH).tolist() in ([0], [1], [2])
    assert match_events(frogs((1, 1.4), (1.5, 2)), TRUTH).tolist() == [-1, 0]
    assert match_events(frogs((2, 5)), TRUTH).tolist() == [-1]  # only touches
    # As many as possible: the better match of the first event would leave one.
    events = frogs((1.5, 6), (5.2, 5.8))
    assert match_events(events, TRUTH).tolist() == [0, 1]


def test_matches_are_of_one_class_and_recording():
    events = table(("a.wav", "cat", 1, 2), ("b.wav", "frog", 1, 2))
    truth = table(("a.wav", "frog", 1, 2), ("b.wav", "cat", 1, 2))
    assert match_events(events, truth).tolist() == [-1, -1]
    assert match_events(events, events[::-1]).tolist() == [1, 0]


def test_least_overlap():
    events = frogs((1.5, 2.5))
    assert match_events(events, TRUTH, min_overlap=0.5).tolist() == [0]
    assert match_events(events, TRUTH, min_overlap=0.6).tolist() == [-1]
    assert match_events(events, TRUTH, min_iou=0.33).tolist() == [0]
    assert match_events(events, TRUTH, min_iou=0.34).tolist() == [-1]


def test_collars():
    def matched(*span, **options):
        options = {"collar": 0.25, "method": "collar", **options}
        return match_events(frogs(span), frogs((10, 14)), **options).tolist() == [0]

    assert matched(10.25, 14) and not matched(10.26, 14)
    assert matched(10, 16) and not matched(10, 16.1)  # half of 4 s
    assert not matched(10, 14.3, offset_collar=0) and matched(
        10, 30, offset_collar=None
    )


@pytest.mark.parametrize("case", SED_EVAL["results"], ids=lambda c: str(c["settings"]))
def test_collars_give_what_sed_eval_gives(case):
    events, truth = (table(*SED_EVAL[name]) for name in ("events", "truth"))
    scores = event_scores(events, truth, method="collar", **case["settings"])
    for name, expected in case["scores"].items():
        found = scores.loc[name, ["precision", "recall", "f1"]].tolist()
        wanted = [expected[key] for key in ("precision", "recall", "f_measure")]
        if name == "macro":  # there F1 of the means, or mean of F1, by version
            found, wanted = found[:2], wanted[:2]
        assert found == pytest.approx(wanted, abs=1e-12)


times = st.tuples(st.integers(0, 20), st.integers(1, 6)).map(
    lambda pair: (pair[0] / 2, pair[0] / 2 + pair[1] / 2)
)
spans = st.lists(times, max_size=5)


def n_most(possible):
    """Count the most matches, trying all."""
    n_events, n_truth = possible.shape
    if n_events > n_truth:
        return n_most(possible.T)
    orders = itertools.permutations(range(n_truth), n_events)
    return max(sum(possible[np.arange(n_events), list(o)]) for o in orders)


@settings(deadline=None, max_examples=40)
@given(spans, spans)
def test_as_many_matches_as_possible(events, truth):
    possible = np.array(
        [[a < d and c < b for c, d in truth] for a, b in events], bool
    ).reshape(len(events), len(truth))
    matches = match_events(frogs(*events), frogs(*truth))
    found = matches[matches >= 0]
    assert len({*found}) == len(found) == n_most(possible)
    assert all(possible[k, match] for k, match in enumerate(matches) if match >= 0)


@settings(deadline=None, max_examples=25)
@given(spans, spans, st.integers(0, 9), st.data())
def test_recall_is_the_best_of_all_thresholds(events, truth, per_hour, data):
    level = st.sampled_from([0.2, 0.5, 0.8])
    scores = data.draw(st.lists(level, min_size=len(events), max_size=len(events)))
    events = frogs(*events).assign(score=scores)
    truth, durations = frogs(*truth), {"a.wav": 1800.0}
    row = recall_at_false_positive_rate(
        events, truth, durations, per_hour, classes=["frog"], n_resamples=0
    ).loc["frog"]
    best, threshold = (0.0 if len(truth) else np.nan), np.nan
    for one in (0.8, 0.5, 0.2):
        kept = events[events["score"] >= one]
        n_found = (match_events(kept, truth) >= 0).sum()
        if len(kept) and (len(kept) - n_found) * 2 <= per_hour:
            best = n_found / len(truth) if len(truth) else np.nan
            threshold = kept["score"].min()
    assert row["recall"] == pytest.approx(best, nan_ok=True)
    assert row["threshold"] == pytest.approx(threshold, nan_ok=True)


def test_counts_and_rates():
    events = table(
        *[("a.wav", "frog", 1, 2), ("a.wav", "frog", 3, 4), ("a.wav", "cat", 1, 2)],
        *[("b.wav", "frog", 1, 2), ("b.wav", "noise", 1, 2)],
    )
    truth = table(
        *[("a.wav", "frog", 1, 2), ("a.wav", "frog", 8, 9), ("b.wav", "cow", 1, 2)],
        *[("b.wav", "frog", 1.5, 3), ("a.wav", "Background", 1, 2)],
    )
    durations = {"a.wav": 1800, "b.wav": 1800, "silent.wav": 3600}
    scores = event_scores(events, truth, recordings_duration=durations)
    assert scores.index.tolist() == ["cat", "cow", "frog", "micro", "macro"]
    counts = scores[["n_truth", "n_events", "n_matched"]].to_numpy().tolist()
    assert counts == [[0, 1, 0], [1, 0, 0], [3, 3, 2], [4, 4, 2], [4, 4, 2]]
    rates = scores[["precision", "recall", "f1", "false_positives_per_hour"]]
    np.testing.assert_allclose(
        rates,
        [
            [0, np.nan, 0, 0.5],
            [np.nan, 0, 0, 0],
            [2 / 3, 2 / 3, 2 / 3, 0.5],
            [0.5, 0.5, 0.5, 1.0],
            [2 / 9, 2 / 9, 2 / 9, 1 / 3],
        ],
    )
    unknown = event_scores(events, truth)
    assert unknown["false_positives_per_hour"].isna().all()
    np.testing.assert_array_equal(unknown["f1"], scores["f1"])


def test_intervals_draw_whole_recordings():
    rng = np.random.default_rng(0)
    truth = pd.concat([frogs((1, 2), file=f"{k}.wav") for k in range(40)])
    events = truth[rng.random(40) < 0.6]
    durations = {f"{k}.wav": 3600 for k in range(40)}
    row = event_scores(events, truth, recordings_duration=durations).loc["frog"]
    # Close to the binomial interval.
    spread = 1.96 * np.sqrt(row["recall"] * (1 - row["recall"]) / 40)
    assert row["recall_low"] == pytest.approx(row["recall"] - spread, abs=0.03)
    assert row["recall_high"] == pytest.approx(row["recall"] + spread, abs=0.03)
    # None in 40 hours is consistent with up to 3.7 in 40 hours.
    assert row["false_positives_per_hour"] == row["false_positives_per_hour_low"] == 0
    assert row["false_positives_per_hour_high"] == pytest.approx(3.689 / 40, rel=1e-3)
    by_site = {f"{k}.wav": k % 2 for k in range(40)}
    wider = event_scores(events, truth, groups=by_site).loc["frog"]
    assert wider["recall_low"] != row["recall_low"]
    again = event_scores(events, truth, seed=0).loc["frog"]
    assert again["recall_low"] == event_scores(events, truth).loc["frog", "recall_low"]
    alone = event_scores(frogs((1, 2)), TRUTH).loc["frog"]
    assert np.isnan([alone["recall_low"], alone["f1_high"]]).all()


def test_nothing_found_and_nothing_there():
    nothing = frogs()
    assert event_scores(nothing, TRUTH).loc["micro", "recall"] == 0
    # Of no events no precision is known, over all as of each class.
    assert event_scores(nothing, TRUTH)["precision"].isna().all()
    assert event_scores(nothing, TRUTH).loc["macro", "recall"] == 0
    scores = event_scores(nothing, nothing, recordings_duration={"a.wav": 60})
    assert scores.index.tolist() == ["micro", "macro"] and scores["f1"].isna().all()
    of_wind = event_scores(
        TRUTH, nothing, recordings_duration={"a.wav": 60}, classes=["frog", "cat"]
    )
    assert of_wind["false_positives_per_hour"].tolist() == [180, 0, 180, 180]


def test_recordings_of_other_names():
    truth = frogs((1, 2), file=r"D:\north\dawn.WAV")
    events = pd.concat(
        [frogs((1, 2), file=f"found/{site}/dawn.flac") for site in ("south", "north")]
    )
    assert match_events(events, truth).tolist() == [-1, 0]
    with pytest.raises(ValueError, match=r"dawn.wav may be found/south/dawn.flac or"):
        match_events(events, frogs((1, 2), file="dawn.wav"))


def test_recall_at_a_rate_has_intervals_and_thresholds():
    rng = np.random.default_rng(1)
    truth, events = [], []
    for k in range(30):
        truth.append((f"{k}.wav", "frog", 1.0, 2.0))
        events.append((f"{k}.wav", "frog", 1.0, 2.0, rng.uniform(0.3, 1)))
        events.append((f"{k}.wav", "frog", 5.0, 6.0, rng.uniform(0, 0.7)))
    durations = {f"{k}.wav": 360 for k in range(30)}  # 3 h
    events = table(*events, columns=[*COLUMNS, "score"])
    recalls = [
        recall_at_false_positive_rate(events, table(*truth), durations, per_hour)
        for per_hour in (0, 1, 3, 10)
    ]
    rows = pd.DataFrame([recall.loc["frog"] for recall in recalls])
    assert rows["recall"].is_monotonic_increasing and rows["recall"].iloc[-1] == 1
    assert rows["threshold"].is_monotonic_decreasing
    assert (rows["false_positives_per_hour"] <= [0, 1, 3, 10]).all()
    assert (rows["recall_low"] <= rows["recall"]).all()
    assert (rows["recall"] <= rows["recall_high"]).all()
    assert rows["recall_low"].iloc[0] < rows["recall_high"].iloc[0]
    macro = [recall.loc["macro", "recall_low"] for recall in recalls]  # of one class
    assert macro == rows["recall_low"].tolist()


def windows(n_windows, rng, file="a.wav", classes=("frog", "cat")):
    starts = np.arange(n_windows) * 1.5
    index = pd.MultiIndex.from_arrays(
        [[file] * n_windows, starts, starts + 3],
        names=["file", "start_time", "end_time"],
    )
    values = rng.random((n_windows, len(classes))).round(1)
    return pd.DataFrame(values, index=index, columns=list(classes), dtype=np.float32)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**16), st.integers(1, 30))
def test_average_precision_is_that_of_scikit_learn(seed, n_windows):
    rng = np.random.default_rng(seed)
    scores = windows(n_windows, rng).assign(noise=np.float32(0.5))
    starts = rng.uniform(0, n_windows * 1.5, 4).round(1)
    truth = table(
        *[("a.wav", rng.choice(["frog", "cat"]), start, start + 2) for start in starts]
    )
    result = segment_average_precision(scores, truth, min_label_fraction=None)
    assert result.index.tolist() == ["frog", "cat", "micro", "macro"]
    begin, end = (scores.index.get_level_values(k).to_numpy() for k in (1, 2))
    expected, both = [], []
    for name in ("frog", "cat"):
        own = truth[truth["annotation"] == name]
        positive = np.zeros(n_windows, bool)
        for start in own["start_time"]:
            common = np.minimum(end, start + 2) - np.maximum(begin, start)
            positive |= common >= 0.5 - 1e-9
        both.append(positive)
        assert result.loc[name, "n_positive"] == positive.sum()
        found = result.loc[name, "average_precision"]
        if positive.any():
            wanted = average_precision_score(positive, scores[name])
            assert found == pytest.approx(wanted)
            expected.append(wanted)
        else:
            assert np.isnan(found)
    if expected:
        wanted = average_precision_score(
            np.ravel(both), scores[["frog", "cat"]].to_numpy().T.ravel()
        )
        assert result.loc["micro", "average_precision"] == pytest.approx(wanted)
        macro = result.loc["macro", "average_precision"]
        assert macro == pytest.approx(np.mean(expected))


def test_short_annotations_count_by_their_share():
    scores = windows(4, np.random.default_rng(0), classes=["frog"])  # 0 to 7.5 s
    truth = frogs((3.1, 3.3))
    assert segment_average_precision(scores, truth).loc["frog", "n_positive"] == 2
    strict = segment_average_precision(scores, truth, min_label_fraction=None)
    assert strict.loc["frog", "n_positive"] == 0


def test_failed_windows_have_no_part_in_the_average_precision():
    rng = np.random.default_rng(0)
    scores = pd.concat([windows(20, rng, file) for file in ("a.wav", "b.wav")])
    truth = pd.concat([frogs((3, 9), (20, 22), file=f) for f in ("a.wav", "b.wav")])
    scores.iloc[3] = np.nan
    result = segment_average_precision(scores, truth)
    assert result.loc["frog", "n_windows"] == 39
    without = segment_average_precision(scores.dropna(), truth)
    pd.testing.assert_frame_equal(result, without)
    low, value, high = (
        result[f"average_precision{end}"] for end in ("_low", "", "_high")
    )
    known = result["n_positive"] > 0
    assert (low[known] <= value[known]).all() and (value <= high)[known].all()
    with pytest.raises(ValueError, match="no window has a score"):
        segment_average_precision(scores * np.nan, truth)


@pytest.mark.parametrize(
    ("events", "options", "message"),
    [
        ([1], {}, r"events: got list, expected a table with \['audio_file'"),
        (TRUTH.drop(columns="annotation"), {}, r"events: got columns .*'start_time'"),
        (frogs((2, 1)), {}, r"events: row 0 \(a.wav, frog, 2.0 to 1.0 s\) has no len"),
        (frogs((1, np.nan)), {}, "row 0 .* has no number in one of"),
        (frogs((1, "late")), {}, "row 0 .* has no number in one of"),
        (table((None, "frog", 1, 2)), {}, "row 0 .* has no file"),
        (table(("a.wav", None, 1, 2)), {}, "row 0 .* has no label"),
        (frogs((-1, 2)), {}, "events: row 0 .* lies outside a.wav"),
        (frogs((61, 62)), {"recordings_duration": {"a.wav": 60}}, "outside .* of 60 s"),
        (
            TRUTH,
            {"recordings_duration": {"b.wav": 60}},
            "a.wav .* none of the 1 in",
        ),
        (TRUTH, {"recordings_duration": {"a.wav": 0}}, "a.wav has 0, expected"),
        (TRUTH, {"classes": ["cat"]}, r"truth has the classes \['frog'\] beside"),
        (TRUTH, {"groups": {"b.wav": 1}}, r"groups lacks a.wav \(1 of 1 recordings\)"),
        (TRUTH, {"method": "near"}, "method='near': expected one of 'overlap'"),
        (TRUTH, {"min_iou": 2}, "min_iou=2: expected a number"),
        (TRUTH, {"collar": None}, "collar=None: expected a number"),
    ],
)
def test_errors_say_what_is_wrong(events, options, message):
    with pytest.raises(ValueError, match=message):
        event_scores(events, TRUTH, **options)


def test_annotations_after_the_end_of_the_recording():
    durations = {"a.wav": 8.95}
    assert len(event_scores(TRUTH, TRUTH, recordings_duration=durations)) == 3
    late = frogs((8, 12))  # as of the last window
    assert event_scores(late, TRUTH, recordings_duration=durations)["f1"].any()
    with pytest.raises(ValueError, match=r"truth: row 0 .* outside a.wav of 8.95 s"):
        event_scores(TRUTH, late, recordings_duration=durations)


def test_windows_and_annotations_must_fit():
    scores = windows(4, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"truth has the classes \['newt'\]"):
        segment_average_precision(scores, table(("a.wav", "newt", 1, 2)))
    with pytest.raises(ValueError, match=r"b.wav \(1 of 1 files\) has no scores"):
        segment_average_precision(scores, frogs((1, 2), file="b.wav"))
    with pytest.raises(ValueError, match="per_hour=-1: expected"):
        recall_at_false_positive_rate(TRUTH, TRUTH, {"a.wav": 60}, -1)
    with pytest.raises(ValueError, match="recordings_duration=None"):
        recall_at_false_positive_rate(TRUTH, TRUTH, None)
    with pytest.raises(ValueError, match=r"events: got columns .*'score'"):
        recall_at_false_positive_rate(TRUTH, TRUTH, {"a.wav": 60})


def test_names_that_look_alike_are_said():
    with pytest.warns(UserWarning, match="'Frog' and 'frog'"):
        event_scores(table(("a.wav", "Frog", 1, 2)), TRUTH)
