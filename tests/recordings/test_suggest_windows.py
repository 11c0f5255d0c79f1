"""Which windows are suggested, by each strategy."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio import MFCCStatistics
from skaudio.recordings import (
    embed_recordings,
    read_verdicts,
    suggest_windows,
    verdicts_to_clips,
)
from skaudio.recordings._review.suggest_windows import STRATEGIES

WINDOW = ["file", "start_time", "end_time"]


def make_scores(n_files=4, n_windows=60, seed=0, classes=("Frog", "Owl")):
    """Scores of windows of 3 s every 1.5 s, most of them low."""
    rng = np.random.default_rng(seed)
    starts = 1.5 * np.arange(n_windows)
    tables = []
    for k in range(n_files):
        values = rng.beta(0.3, 2.0, (n_windows, len(classes)))
        table = pd.DataFrame(values, columns=list(classes)).assign(background=0.5)
        tables.append(
            table.assign(file=f"{k}.wav", start_time=starts, end_time=starts + 3)
        )
    return pd.concat(tables).set_index(WINDOW)


def overlaps(table):
    """Count pairs of windows that overlap."""
    table = table.sort_values(["file", "start_time"])
    return sum(
        (np.diff(own["start_time"]) < 3).sum() for _, own in table.groupby("file")
    )


@pytest.mark.parametrize("strategy", ["random", "stratified", "margin"])
def test_every_strategy(strategy, tmp_path):
    scores = make_scores()
    windows = suggest_windows(scores, strategy, n=40, random_state=0)
    assert len(windows) == 40
    for label, own in windows.groupby("label"):
        assert overlaps(own) == 0
        rows = pd.MultiIndex.from_frame(own[WINDOW])
        np.testing.assert_array_equal(own["score"], scores.loc[rows, label])
        assert own["file"].nunique() == 4
    again = suggest_windows(scores.sample(frac=1), strategy, n=40, random_state=0)
    pd.testing.assert_frame_equal(windows, again)
    if strategy != "random":
        assert windows["label"].value_counts().tolist() == [20, 20]
    # They are a table for the page, and back.
    windows.to_csv(tmp_path / "verdicts.csv", index=False)
    read = read_verdicts(tmp_path / "verdicts.csv").assign(verdict="yes")
    pd.testing.assert_frame_equal(read[WINDOW], windows[WINDOW])
    assert len(verdicts_to_clips(read.drop_duplicates(WINDOW)).target) > 0


def test_margin_takes_the_scores_nearest_to_a_half():
    scores = make_scores(classes=["Frog"])
    windows = suggest_windows(scores, "margin", n=15)
    unsure = (scores["Frog"] - 0.5).abs()
    assert (windows["score"].iloc[0] - 0.5) ** 2 == pytest.approx(unsure.min() ** 2)
    assert (windows["score"] - 0.5).abs().is_monotonic_increasing
    assert windows["inclusion_probability"].isna().all()
    # Whatever is nearer overlaps with one that is there.
    last = (windows["score"] - 0.5).abs().max()
    for file, start, _ in unsure.index[unsure < last]:
        own = windows[windows["file"] == file]
        assert (np.abs(own["start_time"] - start) < 3).any()


def test_stratified_draws_from_all_scores_by_a_design():
    scores = make_scores(n_files=10, n_windows=300, classes=["Frog"])
    windows = suggest_windows(scores, "stratified", n=60, random_state=0)
    counts = windows["stratum"].value_counts().sort_index()
    assert counts.index.tolist() == list("123456")
    # Of the highest there are too few: the others share what is left.
    assert windows.loc[windows["stratum"] == "6", "inclusion_probability"].eq(1).all()
    assert counts[:5].max() - counts[:5].min() <= 1 and counts.sum() == 60
    # Each stands for as many windows as there are side by side.
    assert (1 / windows["inclusion_probability"]).sum() == pytest.approx(10 * 150)
    edges = {"1": (0, 0.1), "4": (0.5, 0.7), "6": (0.9, 1)}
    for stratum, (low, high) in edges.items():
        assert (
            windows.loc[windows["stratum"] == stratum, "score"].between(low, high).all()
        )
    # The lowest scores, most windows, are a small share of what is drawn.
    few = suggest_windows(scores, "stratified", n=2, random_state=0)
    assert few["stratum"].tolist() == ["5", "6"]


def test_estimates_from_a_design_are_right_on_average():
    scores = make_scores(n_files=3, n_windows=200, classes=["Frog"])
    side_by_side = scores[scores.index.get_level_values("start_time") % 3 == 0]
    expected = (side_by_side["Frog"] > 0.4).sum()
    totals = []
    for seed in range(60):
        windows = suggest_windows(scores, "stratified", n=30, random_state=seed)
        weights = 1 / windows["inclusion_probability"]
        totals.append(weights[windows["score"] > 0.4].sum())
    error = np.std(totals) / np.sqrt(len(totals))
    assert abs(np.mean(totals) - expected) < 4 * error


@pytest.mark.parametrize("strategy", ["random", "stratified", "margin"])
def test_what_was_judged_is_not_suggested_again(strategy):
    scores = make_scores(n_files=2, n_windows=40)
    first = suggest_windows(scores, strategy, n=20, random_state=0)
    verdicts = first.assign(verdict=["yes", "no", "unsure", None] * 5)
    more = suggest_windows(scores, strategy, n=40, checked=verdicts, random_state=1)
    judged = verdicts[verdicts["verdict"].notna()]
    for row in judged.itertuples():
        own = more[more["file"] == row.file]
        assert not (np.abs(own["start_time"] - row.start_time) < 3).any()
    all_judged = scores.reset_index().assign(verdict="no")
    with pytest.raises(ValueError, match="No window is left of 80"):
        suggest_windows(scores, strategy, checked=all_judged)


def test_windows_that_failed_are_never_suggested():
    scores = make_scores(n_files=1, n_windows=30, classes=["Frog"])
    scores.iloc[:20] = np.nan
    for strategy in ("random", "stratified", "margin"):
        windows = suggest_windows(scores, strategy, n=100, random_state=0)
        assert windows["start_time"].min() >= 30 and windows["score"].notna().all()


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Four kinds of tone, of which one is there twice only, and hiss."""
    pytest.importorskip("pyarrow")
    folder = tmp_path_factory.mktemp("survey")
    rng = np.random.default_rng(0)
    time = np.arange(3 * 16000) / 16000
    kinds = [300, 300, 1000, 1000, 1000, 3000, 3000, 3000, 6500, 6500, 6500, 6500]
    tones = [0.3 * np.sin(2 * np.pi * f * time) for f in kinds]
    tones += [np.zeros(len(time))] * 20
    for name in ("dawn", "dusk"):
        order = rng.permutation(len(tones))
        sound = np.concatenate([tones[row] for row in order])
        sound += 0.01 * rng.standard_normal(len(sound))
        soundfile.write(folder / f"{name}.wav", sound, 16000)
    files = [folder / "dawn.wav", folder / "dusk.wav"]
    return embed_recordings(files, folder / "index", MFCCStatistics(), clip_step=3.0)


def test_of_an_index_alone(index):
    for strategy in ("random", "diverse"):
        windows = suggest_windows(index, strategy, n=10, label="call", random_state=0)
        assert len(windows) == 10 and set(windows["label"]) == {"call"}
        assert windows["score"].isna().all() and overlaps(windows) == 0
    drawn = suggest_windows(index, "random", n=16, random_state=0)
    assert drawn["inclusion_probability"].tolist() == [16 / 64] * 16
    with pytest.raises(ValueError, match="strategy='margin' of an index: expected"):
        suggest_windows(index, "margin")


def test_diverse_hears_what_is_rare(index):
    for seed in range(3):
        windows = suggest_windows(index, "diverse", n=8, random_state=seed)
        heard = set()
        for row in windows.itertuples():
            first = round(16000 * row.start_time)
            sound, _ = soundfile.read(row.file, start=first, frames=3 * 16000)
            if sound.std() > 0.1:
                heard.add(round(np.abs(np.fft.rfft(sound)).argmax() / 3))
        assert heard == {300, 1000, 3000, 6500}


def test_diverse_of_scores_needs_the_index(index):
    scores = pd.DataFrame(
        {"Frog": np.linspace(0, 1, len(index)), "background": 0.5}, index=index.windows
    )
    with pytest.raises(ValueError, match="pass index, the EmbeddingIndex"):
        suggest_windows(scores, "diverse", n=3)
    windows = suggest_windows(scores, "diverse", n=3, index=index, random_state=0)
    assert len(windows) == 3 and set(windows["label"]) == {"Frog"}
    # Of the thirty of which the model knows least.
    assert (windows["score"] - 0.5).abs().max() < 0.27


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"strategy": "best"}, "strategy='best'"),
        ({"n": 0}, "n=0: expected a number"),
        ({"classes": ["Toad"]}, "Toad"),
        ({"checked": pd.DataFrame({"file": []})}, "checked: no column start_time"),
    ],
)
def test_parameters(options, words):
    with pytest.raises(ValueError, match=words):
        suggest_windows(make_scores(1, 10), **{"strategy": "margin"} | options)


@settings(max_examples=40)
@given(
    strategy=st.sampled_from([one for one in STRATEGIES if one != "diverse"]),
    n=st.integers(1, 200),
    n_windows=st.integers(1, 30),
    seed=st.integers(0, 99),
)
def test_any_number_of_any_windows(strategy, n, n_windows, seed):
    scores = make_scores(2, n_windows, seed)
    windows = suggest_windows(scores, strategy, n, random_state=seed)
    assert 1 <= len(windows) <= n
    assert not windows.duplicated([*WINDOW, "label"]).any()
    assert set(windows["label"]) <= {"Frog", "Owl"}
    chance = windows["inclusion_probability"].dropna()
    assert ((chance > 0) & (chance <= 1)).all()
