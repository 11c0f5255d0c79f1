"""Embeddings of recordings: what is kept, and what is found in them."""

import os

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_weights import write_mobilenet

from skaudio import EfficientATEmbedder, MFCCStatistics
from skaudio.recordings import (
    EmbeddingIndex,
    embed_recordings,
    read_journal,
    read_scores,
    read_verdicts,
)
from skaudio.recordings._search.apart import apart

pytest.importorskip("pyarrow")

RATE = 16000
NIGHTS = ("north/night.wav", "south/night.wav", "dusk.flac")


class Deaf(MFCCStatistics):
    """Gives no numbers for loud windows of recordings."""

    def transform(self, X):
        rows = super().transform(X)
        loud = np.array([np.abs(np.asarray(one)).max() > 0.1 for one in X])
        rows[loud & (len(rows) > 1)] = np.nan
        return rows


def chirp(low, high, seconds=0.6):
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * (low * time + (high - low) * time**2 / (2 * seconds))
    return 0.3 * np.sin(phase) * np.hanning(len(time))


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """Three recordings of 30 s, each with one rising and two falling chirps."""
    folder = tmp_path_factory.mktemp("survey")
    for seed, name in enumerate(NIGHTS):
        rng = np.random.default_rng(seed)
        sound = 0.005 * rng.standard_normal(30 * RATE)
        for start, call in (
            (5.2 + seed, chirp(900, 3600)),
            (14.1, chirp(5000, 1500)),
            (22.4, chirp(5000, 1500)),
        ):
            first = round(start * RATE)
            sound[first : first + len(call)] += call
        (folder / name).parent.mkdir(exist_ok=True)
        soundfile.write(folder / name, sound, RATE)
    soundfile.write(folder / "rising.flac", chirp(900, 3600), RATE)
    return folder


@pytest.fixture(scope="module")
def index(survey, tmp_path_factory):
    files = [survey / name for name in NIGHTS]
    return embed_recordings(files, tmp_path_factory.mktemp("index"), MFCCStatistics())


def starts(hits):
    return dict(
        zip(hits["file"].map(os.path.basename), hits["start_time"], strict=True)
    )


def test_the_calls_like_an_example_come_first(survey, index):
    hits = index.search(survey / "rising.flac", n=3)
    assert sorted(hits["file"]) == sorted(str(survey / name) for name in NIGHTS)
    for row in hits.itertuples():
        call = 5.2 + [str(survey / name) for name in NIGHTS].index(row.file)
        assert row.start_time <= call + 0.3 <= row.end_time
    assert hits["score"].is_monotonic_decreasing and hits["score"].between(-1, 1).all()
    assert set(hits["label"]) == {"rising"}


def test_hits_do_not_overlap_and_are_few_where_there_are_few_windows(survey, index):
    hits = index.search([survey / "rising.flac"], n=10_000, label="Frog")
    # Each takes the place of at most one window on either side.
    assert 60 / 3 <= len(hits) < len(index) == 60 and set(hits["label"]) == {"Frog"}
    for _, own in hits.groupby("file"):
        times = own["start_time"].sort_values()
        assert times.diff().min() >= 3.0


def test_part_of_a_recording_as_example_with_and_without_the_recording(survey, index):
    own = str(survey / NIGHTS[2])
    example = pd.DataFrame({"file": [own], "start_time": [7.0], "end_time": [8.2]})
    assert own in index.search(example, n=3)["file"].tolist()
    hits = index.search(example, n=2, exclude_own=True)
    assert sorted(hits["file"]) == sorted(str(survey / name) for name in NIGHTS[:2])
    assert hits["start_time"].between(3.5, 6.5).all()
    # The loudest window of all of it is that of a chirp, not of noise.
    assert index.search(own, n=1)["score"][0] == pytest.approx(1, abs=0.05)


def test_hits_are_a_table_of_verdicts(survey, index, tmp_path):
    hits = index.search(survey / "rising.flac", n=5)
    hits.to_csv(tmp_path / "hits.csv", index=False)
    read = read_verdicts(tmp_path / "hits.csv")
    pd.testing.assert_frame_equal(read, hits, check_dtype=False)
    assert read["inclusion_probability"].isna().all()


def test_embeddings_are_those_of_the_windows(survey, index):
    windows = index.search(survey / "rising.flac", n=4)
    embeddings = index.embeddings(windows)
    sounds = []
    for row in windows.itertuples():
        sound, _ = soundfile.read(row.file, dtype="float32")
        first = round(row.start_time * RATE)
        sounds.append(sound[first : first + 3 * RATE])
    expected = MFCCStatistics().fit_transform(sounds)
    # Kept as float16.
    np.testing.assert_allclose(embeddings, expected, rtol=2e-3, atol=2e-3)
    assert (index.windows[index.rows(windows)].to_frame(index=False)).equals(
        windows[["file", "start_time", "end_time"]]
    )


@pytest.mark.parametrize(
    ("file", "start", "words"),
    [("other.wav", 0.0, "is not in the index"), (None, 90.0, "no window of the index")],
)
def test_windows_that_are_not_in_the_index(survey, index, file, start, words):
    file = str(survey / NIGHTS[0]) if file is None else file
    window = {"file": [file], "start_time": [start], "end_time": [start + 3]}
    with pytest.raises(ValueError, match=words):
        index.embeddings(pd.DataFrame(window))


def test_a_second_run_embeds_what_is_missing_or_has_changed(survey, tmp_path):
    files = [survey / name for name in NIGHTS]
    options = {"embedder": MFCCStatistics(), "clip_duration": 2.0}
    embed_recordings(files[:1], tmp_path, **options)

    def times():
        return {p.name: p.stat().st_mtime_ns for p in tmp_path.glob("*.parquet")}

    first = times()
    index = embed_recordings(files, tmp_path, **options)
    assert len(times()) == 3 and times() | first == times()
    assert len(index) == 3 * 30
    assert read_journal(tmp_path)["outcome"].tolist() == ["scored"] * 3
    with pytest.warns(
        UserWarning, match=r"3 of 3 recordings are embedded again.*param"
    ):
        embed_recordings(files, tmp_path, **options | {"clip_duration": 3.0})
    with pytest.warns(UserWarning, match=r"3 of 3 .*again.*\(model and n_feat"):
        embed_recordings(files, tmp_path, MFCCStatistics(n_mfcc=13))
    # Part of it with other parameters is no index.
    with (
        pytest.warns(UserWarning, match="1 of 1 recording is embedded again"),
        pytest.raises(ValueError, match="has embeddings of 2 embedders or parameters"),
    ):
        embed_recordings(files[:1], tmp_path, **options)


def test_scores_and_embeddings_are_not_taken_for_each_other(survey, index, tmp_path):
    folder = index._paths[0].parent
    with pytest.raises(ValueError, match="no scores in it"):
        read_scores(folder)
    with pytest.raises(ValueError, match="no embeddings in it"):
        EmbeddingIndex(tmp_path)
    facts = read_journal(folder)
    assert "classes" not in facts


def test_the_embedder_is_made_again_and_another_one_is_refused(survey, tmp_path):
    weights = write_mobilenet(tmp_path / "one.pt")
    embedder = EfficientATEmbedder(
        model_path=weights, sample_rate=RATE, speeds=(1,), window=3.0, n_jobs=1
    )
    made = embed_recordings(survey / NIGHTS[0], tmp_path / "index", embedder)
    again = EmbeddingIndex(tmp_path / "index")
    expected = made.search(survey / "rising.flac", n=5)
    pd.testing.assert_frame_equal(again.search(survey / "rising.flac", n=5), expected)
    other = EfficientATEmbedder(model_path=weights, sample_rate=RATE)
    with pytest.raises(ValueError, match=r"EfficientATEmbedder is not .*parameters"):
        EmbeddingIndex(tmp_path / "index", other)
    write_mobilenet(tmp_path / "one.pt", seed=1)
    with pytest.raises(ValueError, match=r"is not as the index .*weights changed"):
        EmbeddingIndex(tmp_path / "index").search(survey / "rising.flac")


def test_an_embedder_that_is_no_published_network_has_to_be_passed(survey, index):
    again = EmbeddingIndex(index._paths[0].parent)
    with pytest.raises(ValueError, match="MFCCStatistics, which cannot be made from"):
        again.search(survey / "rising.flac")


def test_recordings_that_cannot_be_read(survey, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    with pytest.warns(UserWarning, match=r"1 recording cannot be read.*\n.*bad.wav"):
        index = embed_recordings(
            [bad, survey / NIGHTS[0]], tmp_path / "index", MFCCStatistics()
        )
    assert len(index) == 20
    outcomes = read_journal(tmp_path / "index").set_index("file")["outcome"]
    assert outcomes[str(bad)] == "failed"
    with (
        pytest.warns(UserWarning, match="bad.wav"),
        pytest.raises(ValueError, match="None of 1 recording can be read"),
    ):
        embed_recordings(bad, tmp_path / "none", MFCCStatistics())


def test_windows_without_an_embedding_are_never_found(survey, tmp_path):
    with pytest.warns(UserWarning, match="is embedded in part"):
        index = embed_recordings(survey / NIGHTS[0], tmp_path / "i", Deaf())
    hits = index.search(survey / "rising.flac", n=100)
    assert np.isfinite(hits["score"]).all()
    assert not ((hits["start_time"] < 5.5) & (hits["end_time"] > 5.5)).any()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"embedder": "birdnot"}, "embedder='birdnot': expected one of efficientat"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"clip_duration": 0.0}, "clip_duration=0.0"),
    ],
)
def test_parameters_of_embed_recordings(survey, tmp_path, options, words):
    options = {"embedder": MFCCStatistics()} | options
    with pytest.raises(ValueError, match=words):
        embed_recordings(survey / NIGHTS[0], tmp_path / "i", **options)
    assert not list(tmp_path.rglob("*.parquet"))


def test_parameters_of_search(survey, index):
    with pytest.raises(ValueError, match="n=0: expected a number of windows"):
        index.search(survey / "rising.flac", n=0)
    with pytest.raises(ValueError, match="examples: is empty"):
        index.search([])
    with pytest.raises(ValueError, match="No window is left of 60"):
        index.search([survey / name for name in NIGHTS], exclude_own=True)


@settings(max_examples=50)
@given(
    starts=st.lists(st.integers(0, 40), min_size=1, max_size=30, unique=True),
    n=st.integers(1, 10),
    seed=st.integers(0, 99),
)
def test_apart_takes_the_best_that_do_not_overlap(starts, n, seed):
    starts = np.array(sorted(starts)) / 2
    files = np.where(starts > 10, "a", "b")
    order = np.random.default_rng(seed).permutation(len(starts))

    def overlap(one, other):
        return files[one] == files[other] and abs(starts[one] - starts[other]) < 3

    taken = apart(files, starts, starts + 3, order, n).tolist()
    assert len(taken) <= n and taken[0] == order[0]
    for k, one in enumerate(taken):
        assert not any(overlap(one, other) for other in taken[:k])
    # What was passed over overlaps with a better one, or there were enough.
    place = {row: k for k, row in enumerate(order.tolist())}
    for row in order.tolist():
        if row not in taken:
            better = [one for one in taken if place[one] < place[row]]
            assert len(better) == n or any(overlap(row, one) for one in better)
