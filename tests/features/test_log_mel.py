import warnings

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio import LogMelExtractor, WavLoader


def librosa_log_mel(waveform, **options):
    options = {"sr": 16000, "n_fft": 1024, "hop_length": 512, "n_mels": 128} | options
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        power = librosa.feature.melspectrogram(y=waveform, **options)
    return librosa.power_to_db(power, ref=np.max)


def test_equals_librosa_on_real_clips(animals_sounds):
    files = sorted(animals_sounds.glob("Training/*/*"))[::25]
    waveforms = WavLoader().transform(files)
    log_mels = LogMelExtractor(normalize=None, n_frames=700).transform(waveforms)
    for waveform, log_mel in zip(waveforms, log_mels, strict=True):
        reference = librosa_log_mel(waveform)
        n_frames = reference.shape[1]
        np.testing.assert_allclose(log_mel[:, :n_frames], reference, atol=5e-3)
        assert (log_mel[:, n_frames:] == 0).all()


@settings(max_examples=25, deadline=None)
@given(
    n_samples=st.integers(1, 9000),
    n_fft=st.sampled_from([256, 400, 1023]),
    hop_length=st.integers(50, 600),
    n_mels=st.integers(1, 40),
    htk=st.booleans(),
    fmin=st.sampled_from([0.0, 125.0]),
    seed=st.integers(0, 2**31),
)
def test_equals_librosa_for_any_setting(
    n_samples, n_fft, hop_length, n_mels, htk, fmin, seed
):
    waveform = np.random.default_rng(seed).normal(size=n_samples).astype(np.float32)
    options = dict(
        n_fft=n_fft, hop_length=hop_length, n_mels=n_mels, htk=htk, fmin=fmin
    )
    reference = librosa_log_mel(waveform, **options)
    extractor = LogMelExtractor(n_frames=reference.shape[1], normalize=None, **options)
    (log_mel,) = extractor.transform(waveform[None])
    np.testing.assert_allclose(log_mel, reference, atol=5e-3)


@settings(max_examples=25, deadline=None)
@given(lengths=st.lists(st.integers(600, 60000), min_size=1, max_size=4))
def test_a_clip_does_not_depend_on_its_neighbours_or_its_padding(lengths):
    rng = np.random.default_rng(0)
    waveforms = np.empty(len(lengths), dtype=object)
    for row, length in enumerate(lengths):
        waveforms[row] = rng.normal(size=length).astype(np.float32)
    extractor = LogMelExtractor(n_mels=16, n_frames=120)
    together = extractor.transform(waveforms)
    for waveform, log_mel in zip(waveforms, together, strict=True):
        alone = extractor.transform(waveform[None])[0]
        np.testing.assert_allclose(alone, log_mel, atol=1e-4)
        n_frames = 1 + len(waveform) // 512
        assert (log_mel[:, n_frames:] == 0).all()
        assert (log_mel[:, :n_frames] != 0).any(axis=0).all()


def test_normalisation():
    waveforms = np.random.default_rng(0).normal(size=(2, 8000))
    sample = LogMelExtractor(n_frames=16).transform(waveforms)
    np.testing.assert_allclose(sample.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(sample.std(axis=(1, 2)), 1, atol=1e-5)
    band = LogMelExtractor(n_frames=16, normalize="band").transform(waveforms)
    np.testing.assert_allclose(band.mean(axis=2), 0, atol=1e-5)
    np.testing.assert_allclose(band.std(axis=2), 1, atol=1e-4)
    # A gain is no more than a shift of all decibels.
    louder = LogMelExtractor(n_frames=16).transform(3 * waveforms)
    np.testing.assert_allclose(louder, sample, atol=1e-4)


def test_repeat_fills_with_the_clip_itself():
    waveform = np.random.default_rng(0).normal(size=(1, 5000))
    (zero,) = LogMelExtractor(n_frames=35).transform(waveform)
    (repeat,) = LogMelExtractor(n_frames=35, pad_mode="repeat").transform(waveform)
    np.testing.assert_allclose(repeat, np.tile(zero[:, :10], 4)[:, :35], atol=1e-4)


def test_views_and_crops():
    rng = np.random.default_rng(0)
    views = rng.normal(size=(2, 3, 20000)).astype(np.float32)
    extractor = LogMelExtractor(n_mels=16, n_frames=50)
    log_mels = extractor.transform(views)
    assert log_mels.shape == (2, 3, 16, 50)
    for view in range(3):
        alone = extractor.transform(views[:, view])
        np.testing.assert_allclose(log_mels[:, view], alone, atol=1e-4)
    ragged = np.empty(2, dtype=object)
    ragged[0], ragged[1] = views[0], views[1][:, :9000]
    np.testing.assert_allclose(extractor.transform(ragged)[0], log_mels[0], atol=1e-4)
    crops = LogMelExtractor(n_mels=16, n_frames=20, n_crops=2).transform(views[:, 0])
    assert crops.shape == (2, 2, 16, 20)
    np.testing.assert_allclose(crops[0, 0], log_mels[0, 0, :, :20], atol=1e-4)
    np.testing.assert_allclose(crops[0, 1], log_mels[0, 0, :, 20:40], atol=1e-4)
    both = LogMelExtractor(n_mels=16, n_frames=20, n_crops=2).transform(views)
    assert both.shape == (2, 6, 16, 20)
    np.testing.assert_allclose(both[:, :2], crops, atol=1e-4)
    with pytest.raises(ValueError, match=r"unequal numbers of views"):
        ragged[1] = views[1][:2]
        extractor.transform(ragged)


def test_cutting_warns_with_the_count():
    waveforms = np.ones((3, 16000), np.float32)
    with pytest.warns(UserWarning, match="3 of 3 clips are longer"):
        LogMelExtractor(n_frames=10).transform(waveforms)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LogMelExtractor(n_frames=10, n_crops=4).transform(waveforms)


def test_silence_one_sample_clipping_and_nan():
    clipped = np.sign(np.sin(np.arange(4000) / 9))
    waveforms = np.empty(4, dtype=object)
    waveforms[:] = [np.zeros(4000), np.array([0.5]), clipped, np.array([np.nan])]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        silence, one, loud, missing = LogMelExtractor(n_frames=9).transform(waveforms)
    assert (silence == 0).all()
    assert np.isfinite(one).all() and (one[:, 1:] == 0).all() and one.any()
    assert np.isfinite(loud).all()
    assert np.isnan(missing).all()


def test_wrong_input_raises():
    paths = np.array(["a.wav"], dtype=object)
    with pytest.raises(ValueError, match=r"got the path .a\.wav.: put a WavLoader"):
        LogMelExtractor().transform(paths)
    with pytest.raises(
        ValueError, match=r"fmin=9000.*expected.*sample_rate / 2 = 8000"
    ):
        LogMelExtractor(fmin=9000.0).transform(np.ones((1, 2000)))
    with pytest.warns(UserWarning, match="of 128 mel bands are empty: n_fft=256"):
        LogMelExtractor(n_fft=256).transform(np.ones((1, 2000)))
