import librosa
import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import MFCCStatistics, NoiseMixer, WavLoader


def test_equals_librosa(calls):
    features = MFCCStatistics(n_mels=64, n_mfcc=13).transform(calls.data[:6])
    assert features.shape == (6, 3 * 77) and features.dtype == np.float32
    for row, waveform in zip(features, calls.data, strict=False):
        mel = librosa.feature.melspectrogram(
            y=waveform,
            sr=16000,
            n_fft=1024,
            hop_length=512,
            n_mels=64,
            pad_mode="constant",
        )
        log_mel = librosa.power_to_db(mel, ref=np.max)
        mfcc = librosa.feature.mfcc(S=log_mel, n_mfcc=13)
        both = np.concatenate([log_mel, mfcc])
        expected = np.concatenate(
            [both.mean(axis=1), both.std(axis=1), np.percentile(both, 90, axis=1)]
        )
        np.testing.assert_allclose(row, expected, atol=0.02)


def test_long_clips_count_in_full():
    """No cut at any number of frames: the last second counts."""
    quiet = 0.01 * np.random.default_rng(0).standard_normal((1, 16000 * 30))
    loud_end = quiet.copy()
    loud_end[:, -16000:] *= 50
    one, other = (MFCCStatistics(n_mels=32).transform(X) for X in (quiet, loud_end))
    assert abs(one - other).max() > 10


def test_silence_and_unreadable_clips():
    features = MFCCStatistics(n_mels=32).transform(
        np.array([np.zeros(16000), np.full(16000, np.nan)])
    )
    assert not features[0].any() and np.isnan(features[1]).all()


def test_views_and_too_many_coefficients_are_refused(calls):
    noise = [np.random.RandomState(0).randn(8000)]
    views = NoiseMixer(noise, random_state=0).fit_transform(calls.data)
    with pytest.raises(ValueError, match="got clips with 2 views"):
        MFCCStatistics().transform(views)
    with pytest.raises(ValueError, match="n_mfcc=20: expected at most n_mels=8"):
        MFCCStatistics(n_mels=8).fit(calls.data)


def test_set_output_names_the_features(clip_folder):
    pipe = make_pipeline(
        WavLoader(), MFCCStatistics(n_mfcc=2, n_mels=3), StandardScaler()
    )
    files = sorted(map(str, clip_folder.rglob("*.wav")))[::8]
    plain = pipe.fit_transform(files)
    table = pipe.set_output(transform="pandas").fit_transform(pd.Series(files))
    np.testing.assert_array_equal(table, plain)
    names = ["mel0", "mel1", "mel2", "mfcc0", "mfcc1"]
    statistics = ("mean", "std", "p90")
    assert table.columns.tolist() == [f"{n}_{s}" for s in statistics for n in names]
    # Where the whole of scikit-learn gives tables, too, the loader gives waveforms.
    with config_context(transform_output="pandas"):
        assert isinstance(WavLoader().transform(files), np.ndarray)
        assert WavLoader(duration=0.5).transform(files).shape == (len(files), 8000)
    assert pipe.set_output(transform="default").transform(files).shape == plain.shape
