import shutil

import numpy as np
import pytest
import soundfile
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import CalibratedNoiseMixer, MFCCStatistics, WavLoader
from skaudio._utils.active_part import centre, mean_power, sounding_part
from skaudio.datasets import make_animal_sounds
from skaudio.displays import NoiseRobustnessDisplay
from skaudio.model_selection import hold_out_noise, noise_robustness

WIND = [np.random.RandomState(seed).randn(9000).astype(np.float32) for seed in (0, 1)]


class Tap(TransformerMixin, BaseEstimator):
    """Keeps all that passes through it."""

    passed = []

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        self.passed.append(list(X))
        return X

    def __sklearn_is_fitted__(self):
        return True


@pytest.fixture
def noise_files(tmp_path):
    """Eight wind files of four Freesound recordings."""
    folder = tmp_path / "own"
    sounds = make_animal_sounds(2, n_classes=2, output_dir=folder, random_state=4)
    files = []
    for number, file in enumerate(sounds.noise):
        name = f"1-{100 + number // 2}-{'AB'[number % 2]}.wav"
        files.append(str(shutil.copy(file, tmp_path / name)))
    return files


def model(*steps):
    return make_pipeline(
        *steps, MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression()
    )


def test_noise_comes_behind_the_loader_at_the_stated_snr(calls, tmp_path):
    # Quiet, so that no mixture exceeds full scale and is turned down.
    clips = [0.01 * clip for clip in calls.data]
    files = [str(tmp_path / f"{number}.wav") for number in range(len(clips))]
    for file, clip in zip(files, clips, strict=True):
        soundfile.write(file, clip, 16000, subtype="FLOAT")
    pipe = model(WavLoader(), Tap()).fit(files, calls.target)
    Tap.passed.clear()
    table = noise_robustness(
        pipe, files, calls.target, WIND, snr_db=(3, 12, -5), random_state=0
    )
    assert table["snr_db"].tolist() == [np.inf, 12, 3, -5]
    clean, *noisy = Tap.passed
    for level, views in zip([12, 3, -5], noisy, strict=True):
        for clip, same, mixed in zip(clips, clean, views, strict=True):
            np.testing.assert_array_equal(clip, same)
            part = sounding_part(centre(clip), "active", 16000)
            ratio = mean_power(centre(clip), part) / mean_power(mixed - clip, part)
            assert 10 * np.log10(ratio) == pytest.approx(level, abs=0.01)


def test_clean_row_is_the_model_and_every_ratio_has_the_same_noise(calls):
    pipe = model(Tap()).fit(calls.data, calls.target)
    quiet = [0.01 * clip for clip in calls.data]  # far from full scale
    Tap.passed.clear()
    table = noise_robustness(
        pipe, quiet, calls.target, calls.noise, (10, 0), np.random.RandomState(1)
    )
    predicted = pipe.predict(quiet)
    clean = table.iloc[0]
    assert clean["accuracy"] == accuracy_score(calls.target, predicted)
    expected = f1_score(calls.target, predicted, average="macro")
    assert clean["macro_f1"] == pytest.approx(expected)
    assert (table["accuracy_low"] < table["accuracy_high"]).all()
    for one, ten, zero in zip(*Tap.passed[:3], strict=True):
        np.testing.assert_allclose(zero - one, 10**0.5 * (ten - one), atol=1e-5)
    seed = table.attrs["random_state"]
    again = noise_robustness(pipe, quiet, calls.target, calls.noise, (10, 0), seed)
    assert again.equals(table)
    assert table.attrs["noise"] is None and table.attrs["n_clips"] == 36


def test_branches_that_load_for_themselves_get_the_same_noise(clips, noise_files):
    steps = [WavLoader(), MFCCStatistics(n_mels=32)]
    head = [StandardScaler(), LogisticRegression()]
    plain = make_pipeline(*steps, *head).fit(clips.data, clips.target)
    branch = make_pipeline(WavLoader(), MFCCStatistics(n_mels=32))
    union = make_pipeline(FeatureUnion([("branch", branch)]), *head)
    union.fit(clips.data, clips.target)
    expected, table = (
        noise_robustness(
            *(model, clips.data, clips.target, noise_files, (5, -5)), random_state=1
        )
        for model in (plain, union)
    )
    assert table.equals(expected)
    assert table["accuracy"].nunique() > 1


def test_waveforms_of_one_length(clips):
    pipe = model(WavLoader(duration=2.0)).fit(clips.data, clips.target)
    table = noise_robustness(pipe, clips.data, clips.target, WIND, 5, 0)
    assert len(table) == 2 and table["accuracy"].between(0, 1).all()


def test_the_global_generator_is_left_alone(calls, noise_files):
    pipe = model().fit(calls.data, calls.target)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    noise_robustness(pipe, calls.data, calls.target, calls.noise, 0)
    hold_out_noise(noise_files)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_leak_of_training_noise_is_refused(clips, noise_files):
    """Neither a training file nor another take of its recording may test."""
    first, same_source, *others = noise_files
    pipe = make_pipeline(
        WavLoader(), CalibratedNoiseMixer([first]), FirstView(), model()
    )
    pipe.fit(clips.data, clips.target)
    arguments = (pipe, clips.data, clips.target)
    with pytest.raises(ValueError, match=r"leaked from training \(exact copy"):
        noise_robustness(*arguments, noise_files, 0)
    with pytest.raises(ValueError, match=r"leaked from training \(same source"):
        noise_robustness(*arguments, [same_source, *others], 0)
    table = noise_robustness(*arguments, others, 0)
    assert table.attrs["noise"] == others


class FirstView(TransformerMixin, BaseEstimator):
    """Drops the views of training."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        first = np.empty(len(X), dtype=object)
        first[:] = [clip[0] if clip.ndim == 2 else clip for clip in X]
        return first

    def __sklearn_is_fitted__(self):
        return True


def test_held_out_noise_shares_no_source(noise_files):
    seen = set()
    for seed in range(6):
        train, test = hold_out_noise(noise_files, 0.5, seed)
        assert sorted(train + test) == sorted(noise_files)
        sources = [
            {file.rpartition("/")[2].split("-")[1] for file in part}
            for part in (train, test)
        ]
        assert len(sources[0]) == len(sources[1]) == 2
        assert not sources[0] & sources[1]
        assert (train, test) == hold_out_noise(noise_files, 0.5, seed)
        seen.add(tuple(test))
    assert len(seen) > 1


def test_noise_that_cannot_be_split_is_named(noise_files):
    with pytest.raises(ValueError, match="All 2 noise files are from one source"):
        hold_out_noise(noise_files[:2])
    with pytest.raises(ValueError, match="noise of type list: expected a folder"):
        hold_out_noise(WIND)


def test_bad_arguments_are_named(calls):
    pipe = model().fit(calls.data, calls.target)
    arguments = (pipe, calls.data, calls.target, calls.noise)
    for level in (np.nan, np.inf, (), "loud"):
        with pytest.raises(ValueError, match="expected finite numbers of dB"):
            noise_robustness(*arguments, level)
    no_rate = LogisticRegression().fit([[0.0], [1.0]], ["a", "b"])
    with pytest.raises(ValueError, match="No step of LogisticRegression has a sample"):
        noise_robustness(no_rate, [[0.0]], ["a"], WIND)


def test_display_of_an_estimator_draws_its_table(calls):
    pipe = model().fit(calls.data[::2], calls.target[::2])
    arguments = (calls.data[1::2], calls.target[1::2], calls.noise)
    display = NoiseRobustnessDisplay.from_estimator(
        {"a": pipe, "b": pipe}, *arguments, snr_db=(10, -10), random_state=0
    )
    table = noise_robustness(pipe, *arguments, (10, -10), 0)
    for line in display.lines_.values():
        np.testing.assert_array_equal(line.get_ydata(), table["accuracy"])
    assert table["accuracy"].iloc[-1] < table["accuracy"].iloc[0]
