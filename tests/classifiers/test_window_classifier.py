import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skaudio import (
    AlexNetMelClassifier,
    LogMelExtractor,
    MFCCStatistics,
    WindowClassifier,
)
from skaudio.datasets import make_animal_sounds

RATE = 8000


class Probe(ClassifierMixin, BaseEstimator):
    """Records what it is fitted on."""

    def fit(self, X, y, groups=None):
        self.X_, self.y_, self.groups_ = X, y, groups
        self.classes_ = y.columns if hasattr(y, "columns") else np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


def tone(seconds, hertz=1000, level=0.1):
    time = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def hiss(seconds, level=0.01, seed=0):
    n_samples = round(seconds * RATE)
    noise = np.random.RandomState(seed).normal(0, level, n_samples)
    return noise.astype(np.float32)


def clips(*seconds):
    sounds = np.empty(len(seconds), dtype=object)
    sounds[:] = [tone(s, 500 * (row + 1)) for row, s in enumerate(seconds)]
    return sounds


def fitted(X, y, background=None, groups=None, **options):
    given = {"sample_rate": RATE, "clip_duration": 1.0, "random_state": 0}
    options = given | {"gain_db": (0.0, 0.0)} | options
    return WindowClassifier(Probe(), background, **options).fit(X, y, groups)


def test_the_estimator_hears_clips_windows_of_background_and_copies():
    X = clips(0.3, 0.5, 2.5)
    model = fitted(X, ["cat", "dog", "dog"], [hiss(2.25)], n_copies=2)
    heard, labels = model.estimator_.X_, model.estimator_.y_.tolist()
    assert labels == ["cat", "dog", "dog"] + ["background"] * 4 + (
        ["cat"] * 2 + ["dog"] * 4
    )
    for clip, same in zip(X, heard[:3], strict=True):
        np.testing.assert_array_equal(clip, same)
    # Windows overlap by half; the last ends with the recording.
    np.testing.assert_array_equal(heard[4], hiss(2.25)[RATE // 2 : 3 * RATE // 2])
    np.testing.assert_array_equal(heard[6], hiss(2.25)[-RATE:])
    assert {len(sound) for sound in heard[3:]} == {RATE}
    assert model.n_background_ == 4
    assert model.classes_.tolist() == ["background", "cat", "dog"]


def test_copies_have_the_group_of_their_clip_and_windows_that_of_their_recording():
    model = fitted(
        clips(0.3, 0.5, 0.4),
        ["cat", "dog", "dog"],
        [hiss(1.5), hiss(1.5, seed=1)],
        groups=["b", "a", "a"],
        n_copies=1,
    )
    groups = model.estimator_.groups_
    assert (groups[:3] == groups[-3:]).all()
    assert groups[1] == groups[2] != groups[0]
    assert len({*groups[3:5]}) == len({*groups[5:7]}) == 1
    assert len({groups[0], groups[1], groups[3], groups[5]}) == 4


def test_copies_and_windows_are_heard_at_other_levels_and_clips_as_they_are():
    X = clips(0.3, 0.5)
    model = fitted(X, ["cat", "dog"], [hiss(3)], n_copies=9, gain_db=(-20, -10))
    heard, labels = model.estimator_.X_, model.estimator_.y_
    np.testing.assert_array_equal(heard[0], X[0])
    background = [np.std(sound) for sound in heard[labels == "background"]]
    assert 0.0009 < min(background) < max(background) < 0.0033
    assert np.ptp(background) > 1e-4


def test_background_may_be_a_class_of_the_clips():
    X = clips(0.3, 0.5, 0.4)
    X[2] = hiss(2)
    model = fitted(X, ["cat", "dog", "Noise"], n_copies=1, snr_db=(0, 0))
    assert model.estimator_.y_.tolist() == ["cat", "dog", "Noise", "cat", "dog"]
    assert model.n_background_ == 1
    copy = model.estimator_.X_[3]
    # The call is somewhere in the hiss: at 0 dB both have the same power.
    assert 0.005 < np.std(copy) < 0.02


def test_with_several_labels_background_has_none_of_them():
    y = pd.DataFrame({"cat": [1, 0, 1], "dog": [0, 1, 1]})
    model = fitted(clips(0.3, 0.5, 0.4), y, [hiss(1)], n_copies=1)
    assert model.estimator_.y_.to_numpy().tolist() == [
        *y.to_numpy().tolist(),
        [0, 0],
        *y.to_numpy().tolist(),
    ]
    assert model.classes_.tolist() == ["cat", "dog"]
    assert model.predict(clips(0.3)).shape == (1, 2)


def test_files_of_background_are_cut_without_reading_what_is_not_drawn(tmp_path):
    soundfile.write(tmp_path / "long.wav", hiss(60), RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "short.wav", hiss(0.4), RATE, subtype="FLOAT")
    X, y = clips(0.3, 0.5), ["cat", "dog"]
    model = fitted(X, y, tmp_path, n_copies=0, max_background=7)
    assert model.n_background_ == 7
    everything = fitted(X, y, tmp_path, n_copies=0)
    assert everything.n_background_ == 119 + 1
    assert min(map(len, everything.estimator_.X_[2:])) == round(0.4 * RATE)


def test_unreadable_clips_are_left_out_and_have_no_probability():
    X = clips(0.3, 0.5, 0.4)
    X[1] = np.full(1, np.nan, np.float32)
    with pytest.warns(UserWarning, match=r"1 of 3 clips are NaN.*rows \[1\]"):
        model = fitted(X, ["cat", "dog", "dog"], [hiss(1)], n_copies=1)
    assert model.estimator_.y_.tolist() == ["cat", "dog", "background", "cat", "dog"]
    probabilities = model.predict_proba(X)
    assert np.isnan(probabilities[1]).all() and np.isfinite(probabilities[[0, 2]]).all()
    with pytest.raises(ValueError, match=r"rows \[1\]"):
        model.predict(X)


@pytest.mark.parametrize(
    "y, background, options, message",
    [
        (["cat", "dog"], None, {}, "background=None, and no clip has the label"),
        (["noise", "noise"], None, {}, "All 2 clips are background"),
        ([0, 1], [hiss(1)], {}, "background_label='background', and y holds labels"),
        (["cat", "dog"], [np.full(9, np.nan)], {}, r"background\[0\] of shape"),
        (["cat", "dog"], [hiss(1)], {"snr_db": (20, 0)}, r"snr_db=\(20, 0\)"),
        (["cat", "dog"], [hiss(1)], {"gain_db": (0,)}, r"gain_db=\(0,\)"),
        (["cat", ""], [hiss(1)], {}, "row 1 is ''"),
    ],
)
def test_bad_input_is_named(y, background, options, message):
    with pytest.raises(ValueError, match=message):
        fitted(clips(0.3, 0.5), y, background, **options)


def test_a_model_with_background_calls_wind_background():
    calls = make_animal_sounds(8, n_classes=3, sample_rate=RATE, random_state=0)
    features = MFCCStatistics(sample_rate=RATE)
    head = make_pipeline(features, LogisticRegression(max_iter=2000))
    model = WindowClassifier(
        head, [hiss(30)], sample_rate=RATE, clip_duration=1.0, random_state=0
    ).fit(calls.data, calls.target)
    windows = np.stack([hiss(1, seed=seed) for seed in range(1, 21)])
    predicted = model.predict(list(windows))
    assert (predicted == "background").all()
    again = WindowClassifier(
        head, [hiss(30)], sample_rate=RATE, clip_duration=1.0, random_state=0
    ).fit(calls.data, calls.target)
    np.testing.assert_array_equal(
        model.predict_proba(calls.data), again.predict_proba(calls.data)
    )


def test_networks_train_with_groups_of_their_own_split():
    calls = make_animal_sounds(5, n_classes=2, sample_rate=RATE, random_state=0)
    mel = LogMelExtractor(sample_rate=RATE, n_mels=32, n_frames=60)
    net = AlexNetMelClassifier(max_epochs=2, random_state=0)
    model = WindowClassifier(
        make_pipeline(mel, net),
        [hiss(10)],
        sample_rate=RATE,
        clip_duration=1.0,
        random_state=0,
    ).fit(calls.data, calls.target, groups=np.arange(len(calls.target)))
    assert model.predict_proba(calls.data).shape == (10, 3)
