import numpy as np
import pytest
import soundfile
from mixer_inputs import both, pulses, ragged, snr_achieved, white

from skaudio import AudioFileError
from skaudio.augment import CalibratedNoiseMixer, NoiseMixer
from skaudio.augment._noise import Noise


@both
def test_looped_noise_does_not_click(mixer_class):
    time = np.arange(1730) / 8000  # no whole number of periods
    clips = pulses(20, n_samples=16000)
    mixer = mixer_class(
        np.sin(2 * np.pi * 97 * time), snr_db=0, sample_rate=8000, random_state=0
    )
    noise = np.diff(mixer.fit_transform(clips), axis=1)[:, 0].astype(float)
    noise /= np.median(np.abs(noise), axis=1, keepdims=True) * np.sqrt(2)
    steepest = 2 * np.pi * 97 / 8000
    # Two sines, faded with equal power, are at most sqrt(2) as steep as one.
    assert np.abs(np.diff(noise, axis=1)).max() < 1.6 * steepest


def test_white_noise_keeps_its_power_across_the_seam():
    loops = [Noise(white(800, seed), 8000).looped() for seed in range(200)]
    assert {len(loop) for loop in loops} == {640}  # 20 ms shorter
    power = np.mean(np.square(loops), axis=0).reshape(-1, 40).mean(axis=1)
    np.testing.assert_allclose(power, 0.01, rtol=0.1)


@both
def test_an_offset_of_the_noise_is_removed(mixer_class):
    clips, noise = pulses(6), white(9000)
    views, same = (
        mixer_class(source, sample_rate=8000, random_state=0).fit_transform(clips)
        for source in (noise, noise + 5)
    )
    np.testing.assert_allclose(same, views, atol=1e-5)


@both
def test_the_gain_is_finite_where_most_of_the_noise_is_silence(mixer_class):
    click = np.zeros(80000)
    click[70000:70040] = white(40)
    gust = np.r_[1e-6 * white(40000), white(2000)]
    mixer = mixer_class([click, gust], snr_db=10, sample_rate=8000, random_state=0)
    clips = pulses(20)
    views = mixer.fit_transform(clips)
    assert np.isfinite(views).all() and (mixer.noise_index_ >= 0).all()
    level = "active" if mixer_class is CalibratedNoiseMixer else "rms"
    for clip, view in zip(clips, views[:, 1], strict=True):
        assert np.abs(view - clip).max() < 20 * np.abs(clip).max()
        if np.abs(view).max() < 1:
            got = snr_achieved(clip, np.float64(view) - clip, level, 8000)
            assert got == pytest.approx(10, abs=0.1)


def test_bad_noise_is_named(tmp_path, tone):
    clips = pulses(2)

    def error_of(noise, kind=ValueError):
        with pytest.raises(kind) as caught:
            NoiseMixer(noise).fit_transform(clips)
        return str(caught.value)

    good, broken = tone("noise/good.wav"), tmp_path / "noise" / "broken.wav"
    silent = tmp_path / "noise" / "silent.wav"
    soundfile.write(silent, np.full(800, 0.1), 16000)
    assert f"{silent}: silent" in error_of(tmp_path / "noise")
    broken.write_bytes(b"no sound")
    for noise in (str(tmp_path / "noise"), [good, broken]):
        assert f"{broken}: not a sound file" in error_of(noise, AudioFileError)
    assert "no such file" in error_of(tmp_path / "absent", AudioFileError)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert f"{empty}: no audio in it" in error_of(empty)
    assert "noise[1], noise[2]: silent" in error_of([white(9), np.ones(9), np.zeros(5)])
    assert "noise[1] holds NaN" in error_of([white(9), np.full(9, np.nan)])
    assert "noise[0] is of shape (2, 3)" in error_of([np.ones((2, 3))])
    assert "noise=[] is empty" in error_of([])
    assert "among other things" in error_of([good, white(9)])


@both
def test_ways_to_give_noise(mixer_class, tone):
    paths = [tone(f"noise/{name}.wav", sample_rate=8000) for name in "ab"]
    tones, _ = soundfile.read(paths[0], dtype="float32")
    clips = pulses(6)
    ways = [
        paths[0].parent,
        str(paths[0].parent),
        paths,
        np.array([str(path) for path in paths]),
        [tones, tones],
        ragged(tones, tones),
        np.stack([tones, tones]),
    ]
    views = [
        mixer_class(noise, sample_rate=8000, random_state=0).fit_transform(clips)
        for noise in ways
    ]
    assert all((other == views[0]).all() for other in views)
    one = [
        mixer_class(noise, sample_rate=8000, random_state=0).fit_transform(clips)
        for noise in (paths[0], tones, tones.tolist())
    ]
    assert all((other == one[0]).all() for other in one)
    # Files come at any rate: a tone of 440 Hz stays one.
    resampled = mixer_class(paths, sample_rate=16000, random_state=0, n_jobs=2)
    noise = np.diff(resampled.fit_transform(pulses(1)), axis=1)[0, 0]
    spectrum = np.abs(np.fft.rfft(noise))
    assert spectrum.argmax() * 16000 / len(noise) == pytest.approx(440, abs=4)
