import warnings

import numpy as np
import pytest
import soundfile

from skaudio import AudioFileError, LogMelExtractor, WavLoader
from skaudio.io import clip_windows


@pytest.fixture
def recording(tmp_path):
    """A function that writes a recording whose sample k is k / 1e5."""

    def write(name="dawn.wav", n_samples=7300, sample_rate=1000):
        ramp = np.arange(n_samples) / 1e5
        soundfile.write(tmp_path / name, ramp, sample_rate, subtype="FLOAT")
        return str(tmp_path / name)

    return write


def spans(windows):
    return windows.index.droplevel("file").tolist()


@pytest.mark.parametrize(
    ("final_clip", "last"),
    [
        ("extend", [(6.0, 9.0)]),
        ("remainder", [(6.0, 7.3)]),
        ("full", [(4.3, 7.3)]),
        (None, []),
    ],
)
def test_final_clip_and_its_waveforms(recording, final_clip, last):
    windows = clip_windows([recording()], 3.0, final_clip=final_clip)
    assert windows.index.names == ["file", "start_time", "end_time"]
    assert spans(windows) == [(0.0, 3.0), (3.0, 6.0)] + last
    waveforms = WavLoader(sample_rate=1000).fit_transform(windows)
    for (start, end), waveform in zip(spans(windows), waveforms, strict=True):
        expected = np.arange(round(start * 1000), min(round(end * 1000), 7300)) / 1e5
        np.testing.assert_allclose(waveform, expected, atol=1e-6)


def test_extended_window_is_padded_in_the_log_mel(recording):
    windows = clip_windows([recording()], 3.0)
    mel = LogMelExtractor(sample_rate=1000, n_mels=8, n_fft=64, hop_length=10)
    mel.set_params(n_frames=301)
    log_mels = mel.fit_transform(WavLoader(sample_rate=1000).transform(windows))
    assert (log_mels[1] != 0).any(axis=0).all()
    # The 1.3 s of the recording are 131 frames, the rest is padding.
    assert (log_mels[2, :, 131:] == 0).all() and (log_mels[2, :, 130] != 0).any()


@pytest.mark.parametrize(
    "overlap", [{"clip_overlap": 0.1}, {"overlap_fraction": 1 / 3}, {"clip_step": 0.2}]
)
def test_three_parameters_of_overlap(recording, overlap):
    windows = clip_windows([recording(n_samples=900)], 0.3, **overlap, final_clip=None)
    # Rounding errors of multiples of 0.1 must not lose the last window.
    assert spans(windows) == [(0.0, 0.3), (0.2, 0.5), (0.4, 0.7), (0.6, 0.9)]


def test_odd_lengths(recording):
    short = [recording("short.wav", n_samples=500)]
    assert spans(clip_windows(short, 2)) == [(0.0, 2.0)]
    assert spans(clip_windows(short, 2, final_clip="remainder")) == [(0.0, 0.5)]
    assert spans(clip_windows(short, 2, final_clip="full")) == [(0.0, 0.5)]
    with pytest.raises(ValueError, match="No window of 2 s in 1 recording"):
        clip_windows(short, 2, final_clip=None)
    one = [recording("one.wav", n_samples=1)]
    assert spans(clip_windows(one, 1)) == [(0.0, 1.0)]
    # A third of a second at 44.1 kHz: every window must be readable.
    odd = [recording("odd.wav", n_samples=44101, sample_rate=44100)]
    windows = clip_windows(odd, 1 / 3, final_clip="remainder")
    assert sum(map(len, WavLoader(sample_rate=44100).transform(windows))) == 44101


def test_folders_and_recordings_that_cannot_be_read(recording, tmp_path):
    recording("a.wav"), recording("b.wav", n_samples=100)
    (tmp_path / "broken.wav").write_text("no audio")
    with pytest.warns(UserWarning, match=r"1 recording cannot.*\n.*broken.wav"):
        windows = clip_windows(tmp_path, 7.3)
    assert [file[-5:] for file, _, _ in windows.index] == ["a.wav", "b.wav"]
    with pytest.raises(AudioFileError, match=r"broken.wav: not a sound file"):
        clip_windows(tmp_path, 7.3, on_error="raise")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="of which 0 can be read"):
            clip_windows([tmp_path / "broken.wav"], 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"clip_duration": 0}, "clip_duration=0: expected a positive"),
        (
            {"clip_overlap": 1, "clip_step": 1},
            "overlap=1, clip_step=1: expected at",
        ),
        ({"clip_overlap": 3}, "clip_overlap=3 with clip_duration=2"),
        ({"overlap_fraction": 1.0}, "begin after the one before"),
        ({"clip_step": 0}, "begin after the one before"),
        ({"final_clip": "drop"}, "final_clip='drop': expected one of"),
    ],
)
def test_invalid_parameters(recording, options, message):
    with pytest.raises(ValueError, match=message):
        clip_windows([recording()], **{"clip_duration": 2} | options)
