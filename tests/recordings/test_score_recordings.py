"""Scores of windows, against those of recordings read as a whole."""

import copy
import re
import time
import warnings

import joblib
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scoring_models import (
    LABELS,
    RATE,
    Levels,
    OwnReader,
    file_names,
    head,
    levels_model,
    times_of,
    whole_scores,
)
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skaudio import CNN1DClassifier, LogMelExtractor, WavLoader
from skaudio.datasets import load_audio_folder
from skaudio.io import clip_windows, read_audio, resample
from skaudio.pretrained import EfficientATEmbedder
from skaudio.recordings import score_recordings


def write(file, seconds, rate=22050, channels=1, seed=0):
    """Write noise whose level changes all the time."""
    rng = np.random.default_rng(seed)
    shape = round(seconds * rate), channels
    level = np.repeat(rng.uniform(0, 0.3, (shape[0] // 500 + 1, channels)), 500, axis=0)
    file.parent.mkdir(exist_ok=True)
    soundfile.write(file, level[: shape[0]] * rng.standard_normal(shape), rate)
    return str(file)


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    return write(tmp_path_factory.mktemp("recording") / "dawn.wav", 21.3, channels=2)


@pytest.fixture(scope="module")
def clips(clip_folder):
    return load_audio_folder(clip_folder)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    duration=st.floats(0.2, 30),
    fraction=st.none() | st.floats(0, 0.9),
    final_clip=st.sampled_from([None, "remainder", "full", "extend"]),
    channel=st.sampled_from([None, 0, 1]),
    batch_size=st.integers(1, 70),
    start=st.none() | st.floats(0, 20),
    length=st.none() | st.floats(0.5, 30),
)
@example(3.0, 0.5, "extend", None, 64, None, None)
@example(0.3, 0.9, "full", 1, 7, 1.23, None)
@example(1.58, None, "remainder", 0, 64, None, 1.58006)  # not a sample is left
def test_scores_equal_those_of_the_whole(
    recording, duration, fraction, final_clip, channel, batch_size, start, length
):
    end = None if length is None else (start or 0) + length
    scores = score_recordings(
        levels_model(),
        recording,
        duration,
        overlap_fraction=fraction,
        final_clip=final_clip,
        channel=channel,
        batch_size=batch_size,
        start=start,
        end=end,
    )
    assert scores.index.names == ["file", "start_time", "end_time"]
    assert scores.columns.tolist() == LABELS
    assert (scores.dtypes == np.float32).all()
    if scores.empty:
        assert final_clip is None
        return
    assert file_names(scores) == [recording]
    channel = "mix" if channel is None else channel
    expected = whole_scores(recording, times_of(scores), channel, start, end)
    np.testing.assert_allclose(scores, expected, atol=1e-4)


@pytest.mark.parametrize("final_clip", [None, "remainder", "full", "extend"])
def test_windows_are_those_of_clip_windows(tmp_path, final_clip):
    for number, seconds in enumerate([7.0, 2.5, 9.25]):
        write(tmp_path / f"{number}.wav", seconds, rate=8000, seed=number)
    options = {"clip_overlap": 1.0, "final_clip": final_clip}
    scores = score_recordings(levels_model(), tmp_path, 3.0, **options)
    windows = clip_windows(tmp_path, 3.0, **options)
    assert scores.index.equals(windows.index)
    # Without resampling, the loader reads the very same windows.
    expected = levels_model().predict_proba(windows)
    np.testing.assert_allclose(scores, expected, atol=1e-6)


def test_windows_overlap_by_half_where_nothing_is_said(recording):
    scores = score_recordings(levels_model(duration=2.0), recording)
    np.testing.assert_array_equal(times_of(scores)[:3], [[0, 2], [1, 3], [2, 4]])


def test_windows_with_gaps_between_them(tmp_path):
    file = write(tmp_path / "long.wav", 100, rate=8000)
    scores = score_recordings(levels_model(), file, 0.5, clip_step=33.0)
    expected = whole_scores(file, times_of(scores))
    assert len(scores) == 4
    np.testing.assert_allclose(scores, expected, atol=1e-4)


def test_several_at_once_are_the_same(tmp_path):
    for number in range(3):
        write(tmp_path / f"{number}.flac", 5 + number, seed=number)
    model = levels_model()
    serial = score_recordings(model, tmp_path, 1.0, batch_size=3)
    threads = score_recordings(model, tmp_path, 1.0, batch_size=3, n_jobs=2)
    assert threads.equals(serial)
    one = score_recordings(model, tmp_path / "2.flac", 1.0, batch_size=2, n_jobs=3)
    assert one.equals(serial.loc[[str(tmp_path / "2.flac")]])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress(tmp_path, capsys, n_jobs):
    files = [write(tmp_path / f"{n}.wav", 18, rate=8000, seed=n) for n in range(2)]
    score_recordings(levels_model(), files, 1.0, verbose=1, n_jobs=n_jobs)
    line = capsys.readouterr().err
    assert re.fullmatch(
        r"scored 2 recordings, 36 seconds, at \d+ times real time\n", line
    )
    score_recordings(levels_model(), files, 1.0)
    assert not capsys.readouterr().err


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_bar_goes_to_its_end_and_no_further(tmp_path, drawn_bars, n_jobs):
    """Windows overlap and reach beyond the end; tqdm warns of a share above 1."""
    bars = drawn_bars("skaudio.recordings._scoring.progress")
    files = [write(tmp_path / f"{n}.wav", 3.3 + n, rate=8000) for n in range(4)]
    options = {"clip_duration": 1.0, "clip_overlap": 0.7, "batch_size": 1}
    with warnings.catch_warnings(record=True) as caught:
        score_recordings(levels_model(), files, **options, n_jobs=n_jobs, verbose=1)
    assert not [one for one in caught if "clamping" in str(one.message)]
    (bar,) = bars
    assert bar.n == bar.total == 19200


def test_threads_stop_where_the_work_is_stopped(tmp_path, recwarn):
    """Nothing goes on for hours in the background."""
    files = [write(tmp_path / f"{n}.wav", 9, rate=8000, seed=n) for n in range(2)]
    scored = []

    def slow(X):
        scored.append(len(X))
        if len(scored) > 2:
            raise ZeroDivisionError
        time.sleep(0.05)
        return X

    model = levels_model()
    model = make_pipeline(model[0], FunctionTransformer(slow), *model[1:])
    options = {"clip_duration": 0.1, "batch_size": 1, "n_jobs": 2}
    with pytest.raises(ZeroDivisionError):
        score_recordings(model, files, **options)
    n_scored = len(scored)
    time.sleep(0.3)
    assert len(scored) <= n_scored + 1
    assert not recwarn.list


def test_a_recording_that_is_named_twice_is_scored_once(recording, monkeypatch):
    folder, name = recording.rsplit("/", 1)
    monkeypatch.chdir(folder)
    scores = score_recordings(levels_model(), [name, recording, f"./{name}"], 3.0)
    assert file_names(scores) == [name] and scores.index.is_unique


def test_the_model_is_left_as_it_was(recording):
    model = levels_model(channel=1, duration=3.0)
    before = joblib.hash(model)
    scores = score_recordings(model, recording, channel=0)
    assert joblib.hash(model) == before
    expected = whole_scores(recording, times_of(scores)[:10], 0)
    np.testing.assert_allclose(scores[:10], expected, atol=1e-4)


def test_a_loader_with_a_duration_fills_the_last_window(recording):
    model = make_pipeline(
        WavLoader(sample_rate=RATE, duration=3.0),
        FunctionTransformer(lambda X: Levels().transform(X)),
        head(),
    )
    scores = score_recordings(model, recording, 3.0, 0.0)
    waveform = resample(*read_audio(recording), RATE)
    last = np.pad(waveform[21 * RATE :], (0, 24 * RATE - len(waveform)))
    expected = head().predict_proba(Levels().transform([last]))
    np.testing.assert_allclose(scores[-1:], expected, atol=1e-4)


class TestModels:
    """Whatever a model starts from."""

    def expected(self, recording):
        return score_recordings(levels_model(), recording, 3.0)

    def test_unions_of_pipelines_with_loaders(self, recording, tmp_path):
        union = FeatureUnion(
            [
                (
                    "left",
                    make_pipeline(WavLoader(sample_rate=RATE, channel=0), Levels()),
                ),
                ("none", "drop"),
                ("mix", make_pipeline(WavLoader(sample_rate=16000), Levels())),
            ],
            transformer_weights={"mix": 2.0},
        )
        X = np.random.default_rng(0).normal(size=(90, 6))
        classifier = head().fit(X, np.array(LABELS)[X[:, 3:].argmax(axis=1)])
        scores = score_recordings(make_pipeline(union, classifier), recording, 3.0)
        times = times_of(scores)
        columns = []
        for rate, channel, weight in [(RATE, 0, 1), (16000, "mix", 2)]:
            wave = resample(*read_audio(recording, channel=channel), rate)
            windows = [wave[round(a * rate) : round(b * rate)] for a, b in times]
            columns.append(weight * Levels().transform(windows))
        expected = classifier.predict_proba(np.hstack(columns))
        np.testing.assert_allclose(scores, expected, atol=1e-4)

    def test_waveforms_at_a_rate_that_is_given(self, recording):
        model = make_pipeline(Levels(), head())
        scores = score_recordings(model, recording, 3.0, sample_rate=RATE)
        assert scores.equals(self.expected(recording))
        left = score_recordings(model, recording, 3.0, sample_rate=RATE, channel=0)
        expected = score_recordings(levels_model(channel=0), recording, 3.0)
        assert left.equals(expected)

    def test_waveforms_at_the_rate_of_the_first_step(self, recording, calls):
        model = make_pipeline(
            LogMelExtractor(n_mels=32, n_frames=64),
            CNN1DClassifier(max_epochs=1, random_state=0),
        ).fit(calls.data, calls.target)
        with_loader = make_pipeline(WavLoader(), *model)
        assert score_recordings(model, recording).equals(
            score_recordings(with_loader, recording)
        )

    def test_a_reader_of_the_users_own(self, recording):
        """It reads window by window, and resamples each on its own."""
        model = make_pipeline(OwnReader(), head())
        scores = score_recordings(model, recording, 3.0, batch_size=4, n_jobs=2)
        expected = self.expected(recording)
        assert scores.index.equals(expected.index)
        np.testing.assert_allclose(scores, expected, atol=0.02)

    def test_the_loudest_channel_is_chosen_in_each_window(self, recording):
        scores = score_recordings(levels_model(channel="loudest"), recording, 3.0)
        windows = clip_windows(recording, 3.0, 1.5)
        expected = levels_model(channel="loudest").predict_proba(windows)
        np.testing.assert_allclose(scores, expected, atol=1e-6)
        other = score_recordings(levels_model(), recording, 3.0, channel="loudest")
        assert other.equals(scores)

    def test_a_search_and_a_pipeline_in_a_pipeline(self, recording):
        model = make_pipeline(make_pipeline(*levels_model()[:2]), head())
        assert score_recordings(model, recording, 3.0).equals(self.expected(recording))
        search = GridSearchCV(model, {})
        search.best_estimator_ = model
        assert score_recordings(search, recording, 3.0).equals(self.expected(recording))

    def test_several_labels_per_clip(self, recording):
        model = levels_model()
        X = np.random.default_rng(0).normal(size=(90, 3))
        several = OneVsRestClassifier(copy.deepcopy(model[-1])).fit(X, X > 0)
        scores = score_recordings(make_pipeline(*model[:2], several), recording, 3.0)
        assert scores.columns.tolist() == [0, 1, 2]
        assert not np.allclose(scores.sum(axis=1), 1)

    def test_embeddings_are_not_kept(self, recording, mn04, clips, tmp_path):
        from skaudio.pretrained import _cache

        embedder = EfficientATEmbedder(cache_dir=tmp_path)
        model = make_pipeline(WavLoader(sample_rate=32000), embedder, head())
        model[-1].fit(model[:-1].transform(clips.data[:6]), LABELS * 2)
        files = len(list(tmp_path.rglob("*.npy")))
        n_bytes = _cache.CACHE._n_bytes
        assert files and n_bytes
        scores = score_recordings(model, recording, n_jobs=2, end=8.0)
        assert scores.notna().all(axis=None)
        np.testing.assert_array_equal(times_of(scores)[1], [2.5, 7.5])
        assert len(list(tmp_path.rglob("*.npy"))) == files
        assert _cache.CACHE._n_bytes == n_bytes


class TestWindowLength:
    def test_the_window_that_the_model_was_trained_for(self, recording):
        model = levels_model(duration=4.0)
        assert times_of(score_recordings(model, recording))[0].tolist() == [0, 4]
        model[-1].clip_duration_ = 2.0
        assert times_of(score_recordings(model, recording))[0].tolist() == [0, 2]

    def test_none(self, recording):
        with pytest.raises(ValueError, match="no window of its own, expected the"):
            score_recordings(levels_model(), recording)

    def test_longer_than_what_the_model_uses(self, recording, calls, recwarn):
        model = make_pipeline(
            LogMelExtractor(n_mels=32, n_frames=125),
            CNN1DClassifier(max_epochs=1, random_state=0),
        ).fit(calls.data, calls.target)
        with pytest.raises(
            ValueError, match=r"uses the first 4 s of a clip, for LogMel"
        ):
            score_recordings(model, recording, 5.0)
        recwarn.clear()
        assert times_of(score_recordings(model, recording))[0].tolist() == [0, 4]
        assert not recwarn.list
        with pytest.raises(ValueError, match=r"WavLoader\(duration=2.0\)"):
            score_recordings(levels_model(duration=2.0), recording, 2.1)

    @pytest.mark.parametrize("overlap", [3.0, 4.5])
    def test_fault_of_an_overlap_that_leaves_no_step(self, recording, overlap):
        with pytest.raises(ValueError, match="each window must begin after the one"):
            score_recordings(levels_model(), recording, 3.0, overlap)


def test_fault_of_a_model_without_probabilities(recording):
    with pytest.raises(ValueError, match="gives no probabilities"):
        score_recordings(make_pipeline(WavLoader(), Levels()), recording, 3.0)


def test_fault_of_options(recording):
    model = levels_model()
    for options, message in [
        ({"batch_size": 0}, "batch_size=0"),
        ({"on_error": "ignore"}, "on_error='ignore'"),
        ({"final_clip": "cut"}, "final_clip='cut'"),
        ({"clip_step": 1.0, "clip_overlap": 1.0}, "at most one"),
        ({"channel": "left"}, "channel='left'"),
    ]:
        with pytest.raises(ValueError, match=message):
            score_recordings(model, recording, 3.0, **options)
