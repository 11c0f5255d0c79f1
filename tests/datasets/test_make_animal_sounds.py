import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skaudio.datasets import make_animal_sounds
from skaudio.datasets._voices import VOICES


@pytest.fixture(scope="module")
def clips():
    return make_animal_sounds(5, n_classes=10, n_individuals=3, random_state=0)


def assert_same_waveforms(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        assert_array_equal(a, b)


def test_layout(clips):
    assert clips.target_names == sorted(VOICES)
    assert clips.sample_rate == 16000
    assert clips.data.shape == clips.target.shape == clips.groups.shape == (50,)
    assert clips.noise.shape == (8,)
    assert clips.data.dtype == clips.noise.dtype == object
    assert clips.target.dtype.kind == "U"
    assert clips.groups.dtype.kind == "i"
    for waveform in (*clips.data, *clips.noise):
        assert waveform.dtype == np.float32
        assert waveform.ndim == 1
        assert np.isfinite(waveform).all()
        assert 0.05 < np.abs(waveform).max() < 0.95  # audible and unclipped
    seconds = [len(waveform) / 16000 for waveform in clips.data]
    assert 0.3 <= min(seconds) < 1 and 2.3 < max(seconds) <= 3
    assert all(4 <= len(wind) / 16000 <= 6 for wind in clips.noise)


def test_no_two_clips_are_identical(clips):
    waveforms = {waveform.tobytes() for waveform in (*clips.data, *clips.noise)}
    assert len(waveforms) == 58


def test_an_individual_has_one_class(clips):
    assert len(np.unique(clips.groups)) == 30
    assert len(set(zip(clips.groups, clips.target, strict=True))) == 30


def test_random_state_determines_everything():
    kwargs = {"n_per_class": 2, "n_classes": 3, "n_noise": 2}
    first, second, generator, other = (
        make_animal_sounds(**kwargs, random_state=random_state)
        for random_state in (3, 3, np.random.RandomState(3), 4)
    )
    for again in (second, generator):
        assert_same_waveforms(first.data, again.data)
        assert_same_waveforms(first.noise, again.noise)
        assert_array_equal(first.groups, again.groups)
    assert not set(map(bytes, first.data)) & set(map(bytes, other.data))


def test_global_generator_is_neither_used_nor_advanced():
    clips = []
    for _ in range(2):
        np.random.seed(0)  # noqa: NPY002
        clips.append(make_animal_sounds(2, n_classes=2, n_noise=0).data[0].tobytes())
        after = np.random.rand()  # noqa: NPY002
        assert after == np.random.RandomState(0).rand()
    assert clips[0] != clips[1]


@pytest.mark.parametrize(
    ("class_weights", "sizes"),
    [
        (None, [10, 10, 10]),
        ({"cow": 0.25}, [10, 3, 10]),  # 2.5 rounds up
        ({"cat": 0.01, "dog": 1.5}, [2, 10, 15]),
        ([1, 0.5, 2], [10, 5, 20]),
    ],
)
def test_class_weights(class_weights, sizes):
    clips = make_animal_sounds(
        10, n_classes=3, class_weights=class_weights, n_noise=0, random_state=0
    )
    assert clips.noise.shape == (0,)
    labels, counts = np.unique(clips.target, return_counts=True)
    assert_array_equal(labels, clips.target_names)
    assert_array_equal(counts, sizes)
    for label, size in zip(labels, sizes, strict=True):
        n_individuals = len(np.unique(clips.groups[clips.target == label]))
        assert n_individuals == min(8, size)


def test_equally_long_clips_are_not_stacked():
    clips = make_animal_sounds(
        2, n_classes=2, duration=0.1, sample_rate=8000, n_noise=1, random_state=0
    )
    assert clips.data.shape == (4,)
    assert {waveform.shape for waveform in clips.data} == {(800,)}


def test_written_files_hold_the_same_waveforms(tmp_path):
    kwargs = {"n_per_class": 3, "n_classes": 2, "n_noise": 2, "random_state": 0}
    arrays = make_animal_sounds(**kwargs)
    files = make_animal_sounds(**kwargs, output_dir=tmp_path)
    assert_array_equal(arrays.groups, files.groups)
    for paths, waveforms in (files.data, arrays.data), (files.noise, arrays.noise):
        for path, waveform in zip(paths, waveforms, strict=True):
            assert isinstance(path, str)
            assert soundfile.info(path).subtype == "PCM_16"
            read, sample_rate = soundfile.read(path, dtype="float32")
            assert sample_rate == 16000
            assert_allclose(read, waveform, atol=2**-15)
    for path, label in zip(files.data, files.target, strict=True):
        assert Path(path).parent == tmp_path / "Training" / label
        # The name of a Freesound clip would be taken for another group.
        assert not re.match(r"\d+-\d+-[A-Z]", Path(path).name)
    assert {Path(path).parent for path in files.noise} == {tmp_path / "Noise" / "wind"}
    assert len(list(tmp_path.rglob("*.wav"))) == 8


def test_snr_is_honoured():
    # One seed gives the same calls and backgrounds, so that the clips are
    # ``level * (call + ratio * background)`` with a known ratio.
    kwargs = {"n_per_class": 3, "n_classes": 3, "n_noise": 0, "random_state": 0}
    clean, noisy = (
        make_animal_sounds(**kwargs, snr_db=snr_db).data for snr_db in (80, 10)
    )
    for call, mixture in zip(clean, noisy, strict=True):
        call, mixture = call.astype(float), mixture.astype(float)
        background = mixture - call * (mixture @ call) / (call @ call)
        signal = mixture @ mixture - background @ background
        assert 10 * np.log10(signal / (background @ background)) == pytest.approx(
            10, abs=1
        )


def test_wind_is_low_and_gusts(clips):
    for wind in clips.noise:
        power = np.abs(np.fft.rfft(wind)) ** 2
        frequency = np.fft.rfftfreq(len(wind), 1 / 16000)
        assert power[frequency < 500].sum() > 0.8 * power.sum()
        blocks = wind[: len(wind) // 4000 * 4000].reshape(-1, 4000)
        level = 10 * np.log10(np.mean(blocks**2, axis=1))
        assert np.ptp(level) > 6


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"n_per_class": 1}, "n_per_class=1, expected an integer at least 2"),
        ({"n_per_class": 2.5}, "n_per_class=2.5, expected an integer"),
        ({"n_classes": 11}, "n_classes=11, expected an integer from 2 to 10"),
        ({"n_individuals": 0}, "n_individuals=0"),
        ({"sample_rate": 4000}, "sample_rate=4000"),
        ({"n_noise": -1}, "n_noise=-1"),
        ({"snr_db": (30, 5)}, r"snr_db=\(30, 5\), expected a number or a pair"),
        ({"snr_db": (5, np.inf)}, "snr_db="),
        ({"snr_db": None}, "snr_db=None"),
        ({"duration": (0.01, 1)}, "duration=.*at least 0.1"),
        ({"duration": (1, 2, 3)}, "duration="),
        ({"class_weights": {"wolf": 1}}, r"names \['wolf'\], expected labels among"),
        ({"class_weights": [1, 2]}, "has 2 weights, expected 6"),
        ({"class_weights": {"cat": -1}}, "has -1 for 'cat', expected a positive"),
        ({"random_state": "seed"}, "seed"),
    ],
)
def test_bad_parameters(kwargs, message):
    with pytest.raises(ValueError, match=message):
        make_animal_sounds(**kwargs)


def test_difficulty_of_the_task_and_leakage_across_individuals():
    librosa = pytest.importorskip("librosa")
    clips = make_animal_sounds(20, sample_rate=16000, n_noise=0, random_state=0)
    spectrum, statistics = [], []
    for waveform in clips.data:
        mel = librosa.feature.melspectrogram(y=waveform, sr=16000, n_mels=64)
        log_mel = librosa.power_to_db(mel, ref=np.max)
        mfcc = librosa.feature.mfcc(S=log_mel, n_mfcc=20)
        rows = np.vstack([mfcc, librosa.feature.delta(mfcc, width=5, mode="nearest")])
        spectrum.append(log_mel.mean(axis=1))
        statistics.append(
            np.r_[rows.mean(axis=1), rows.std(axis=1), np.percentile(rows, 90, axis=1)]
        )

    def accuracy(features, cv, groups=None):
        model = make_pipeline(StandardScaler(), SVC(C=10))
        return cross_val_score(
            model, features, clips.target, groups=groups, cv=cv
        ).mean()

    grouped = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    weak = accuracy(spectrum, grouped, clips.groups)
    good = accuracy(statistics, grouped, clips.groups)
    assert 1 / 6 + 0.1 < weak < good - 0.1
    assert 0.65 < good < 0.97
    leaky = accuracy(spectrum, StratifiedKFold(5, shuffle=True, random_state=0))
    assert leaky > weak + 0.1
