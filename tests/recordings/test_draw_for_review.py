import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio.recordings import draw_for_review

WINDOW = ["file", "start_time", "end_time", "label"]
COLUMNS = [
    *(*WINDOW, "score", "stratum", "inclusion_probability"),
    *("verdict", "verdict_label", "reviewer"),
]


def make_events(scores, files=None, labels="Frog"):
    starts = np.arange(len(scores)) * 2.0
    return pd.DataFrame(
        {
            "audio_file": ["dawn.wav"] * len(scores) if files is None else files,
            "annotation": labels,
            "start_time": starts,
            "end_time": starts + 2,
            "score": np.asarray(scores, float),
            "peak_start_time": starts + 0.25,
            "peak_end_time": starts + 1.25,
        }
    )


def some_events(n=60, n_files=5, seed=0):
    rng = np.random.default_rng(seed)
    files = [f"{k}.wav" for k in np.sort(rng.integers(0, n_files, n))]
    return make_events(rng.random(n), files)


def test_table_has_the_windows_of_the_peaks_and_no_verdicts():
    events = some_events()
    drawn = draw_for_review(events, 20, random_state=0)
    assert drawn.columns.tolist() == COLUMNS
    assert len(drawn) == 20
    assert drawn[["verdict", "verdict_label", "reviewer"]].isna().all(axis=None)
    peaks = events.set_index("peak_start_time").loc[drawn["start_time"]]
    assert peaks["score"].tolist() == drawn["score"].tolist()
    assert peaks["peak_end_time"].tolist() == drawn["end_time"].tolist()
    assert peaks["audio_file"].tolist() == drawn["file"].tolist()
    pd.testing.assert_frame_equal(drawn, draw_for_review(events, 20, random_state=0))
    other = draw_for_review(events, 20, random_state=1)
    assert set(other["start_time"]) != set(drawn["start_time"])


def test_every_event_is_drawn_as_often_as_is_written_and_totals_have_no_bias():
    events = some_events(40, n_files=4)
    right = (np.arange(40) % 3 > 0) & (events["score"] > 0.3).to_numpy()
    n_draws = 100
    times, written, totals = np.zeros(40), np.zeros(40), []
    for seed in range(n_draws):
        drawn = draw_for_review(events, 15, random_state=seed)
        rows = (drawn["start_time"] // 2).astype(int).to_numpy()
        times[rows] += 1
        written[rows] = drawn["inclusion_probability"]
        totals.append((right[rows] / drawn["inclusion_probability"]).sum())
    spread = np.sqrt(np.maximum(written * (1 - written), 1e-9) / n_draws)
    # The largest of 40 normal deviates: above 4.5 once in 4000 times.
    assert (np.abs(times / n_draws - written) < 4.5 * spread + 1e-9).all()
    error = np.std(totals) / np.sqrt(n_draws)
    assert abs(np.mean(totals) - right.sum()) < 4 * error


scores_of = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 6)), min_size=1, max_size=80
)


@settings(max_examples=30, deadline=None)
@given(scores_of, st.integers(3, 60), st.integers(0, 5))
def test_the_design_stands_for_all_events(rows, n, seed):
    scores, files = np.array(rows).T
    events = make_events(scores / 20, [f"{k}.wav" for k in files])
    drawn = draw_for_review(events, n, random_state=seed)
    assert len(drawn) == min(n, len(events))
    assert not drawn.duplicated(WINDOW).any()
    assert (1 / drawn["inclusion_probability"]).sum() == pytest.approx(len(events))
    edges = np.quantile(scores / 20, [0.5, 0.75])
    stratum = 1 + np.searchsorted(edges, scores / 20, side="right")
    rows_drawn = (drawn["start_time"] // 2).astype(int).to_numpy()
    assert drawn["stratum"].tolist() == stratum[rows_drawn].tolist()
    for k in np.unique(stratum):
        own = drawn[drawn["stratum"] == k]
        chance = len(own) / (stratum == k).sum()
        assert np.allclose(own["inclusion_probability"], chance) and chance > 0
        # Each recording gets its share.
        for file in np.unique(files):
            share = chance * ((stratum == k) & (files == file)).sum()
            assert abs((own["file"] == f"{file}.wav").sum() - share) < 2


def test_checks_go_where_the_shares_say():
    events = make_events(np.linspace(0, 1, 400))
    drawn = draw_for_review(events, 50, random_state=0)
    assert drawn["stratum"].value_counts().to_dict() == {3: 30, 1: 10, 2: 10}
    drawn = draw_for_review(events, 51, edges=[0.9], random_state=0)
    assert drawn["stratum"].value_counts().to_dict() == {2: 26, 1: 25}
    assert drawn["score"][drawn["stratum"] == 2].min() >= 0.9
    # 4 events only above 0.99: the rest goes to the others.
    drawn = draw_for_review(events, 50, edges=[0.99], shares=(0.1, 0.9), random_state=0)
    assert drawn["stratum"].value_counts().to_dict() == {1: 46, 2: 4}


def test_classes_are_drawn_one_by_one_and_background_never():
    labels = ["Frog"] * 50 + ["Toad"] * 20 + ["Noise"] * 30
    events = make_events(np.linspace(0, 1, 100), labels=labels)
    drawn = draw_for_review(events, 30, random_state=0)
    assert drawn["label"].value_counts().to_dict() == {"Frog": 30, "Toad": 20}
    drawn = draw_for_review(events, n=31, random_state=0)
    assert drawn["label"].value_counts().to_dict() == {"Frog": 16, "Toad": 15}


def test_more_are_drawn_beside_those_that_are_checked():
    events = some_events(120, n_files=8)
    first = draw_for_review(events, 30, random_state=0)
    first.loc[:24, "verdict"] = ["yes", "no", "unsure", "yes", "no"] * 5
    first.loc[1, "verdict_label"] = "Toad"
    both = draw_for_review(events, 55, checked=first, random_state=1)
    assert len(both) == 55 and not both.duplicated(WINDOW).any()
    kept = [*WINDOW, "score", "stratum", "verdict", "verdict_label", "reviewer"]
    pd.testing.assert_frame_equal(both.loc[:29, kept], first[kept])
    assert both["verdict"][30:].isna().all()
    assert (1 / both["inclusion_probability"]).sum() == pytest.approx(120)
    with pytest.raises(ValueError, match=r"checked: Frog in .* none of the events"):
        draw_for_review(events.iloc[:40], 55, checked=first)
    with pytest.raises(ValueError, match="checked: row 0 is of stratum"):
        draw_for_review(events, 55, checked=first, quantiles=(0.01, 0.02))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_per_class": 2}, "n_per_class=2: expected a whole number, at least 3"),
        ({"n": 0}, "n=0: expected"),
        ({"quantiles": (0.5, 0.5)}, "quantiles=.*expected increasing"),
        ({"edges": [np.nan]}, "edges=.*expected increasing"),
        ({"shares": (1, 1)}, "shares=.*expected 3 numbers"),
        ({"shares": (1, 1, 0)}, "shares=.*expected 3 numbers"),
    ],
)
def test_faults_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        draw_for_review(some_events(), **options)


def test_events_without_scores_or_without_animals_are_refused():
    events = some_events()
    with pytest.raises(ValueError, match=r"events: .*score"):
        draw_for_review(events.drop(columns="score"))
    with pytest.raises(ValueError, match="events: has none of an animal"):
        draw_for_review(events.assign(annotation="noise"))
