"""m4a and other MP4 files, through the package av."""

import importlib.util

import av
import numpy as np
import pytest

from skaudio.features import WavLoader
from skaudio.io import AudioFileError, clip_windows, open_audio, read_audio

RATE = 16000


def noise(n_samples=RATE * 5, channels=1):
    """Make noise of 16 bits."""
    generator = np.random.default_rng(0)
    return generator.integers(-8000, 8000, (n_samples, channels)).astype(np.int16)


def m4a(path, samples, codec="alac"):
    """Write an m4a file. ALAC is lossless, AAC what phones write."""
    channels = samples.shape[1]
    layout = "stereo" if channels == 2 else "mono"
    with av.open(path, "w", format="mp4") as container:
        # AAC without the noise that its decoder makes up, another at each time.
        options = {"aac_pns": "0"} if codec == "aac" else {}
        stream = container.add_stream(codec, rate=RATE, layout=layout, options=options)
        for start in range(0, len(samples), 4096):
            part = samples[start : start + 4096]
            if codec == "alac":
                planes, kind = np.ascontiguousarray(part.T), "s16p"
            else:
                planes = np.ascontiguousarray((part / 32768).astype(np.float32).T)
                kind = "fltp"
            frame = av.AudioFrame.from_ndarray(planes, format=kind, layout=layout)
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("channels", [1, 2])
def test_lossless_sound_is_read_to_the_bit(tmp_path, channels):
    samples = noise(channels=channels)
    with open_audio(m4a(tmp_path / "a.m4a", samples)) as sound:
        assert (sound.samplerate, sound.channels, sound.frames) == (
            *(RATE, channels, len(samples)),
        )
        assert (sound.format, sound.subtype, sound.cut) == ("MP4", "ALAC", None)
        whole, damage = sound.read(0, sound.frames)
        assert whole.dtype == np.float32 and damage is None
        np.testing.assert_array_equal(whole, samples / np.float32(32768))
        # Spans in any order, one after the other, and after the end.
        for first, last in [(70000, 70001), (1, 5000), (5000, 5010), (5010, 79999)]:
            part, _ = sound.read(first, last)
            np.testing.assert_array_equal(part, whole[first:last])
        assert len(sound.read(79000, 90000)[0]) == 1000


def test_spans_of_aac_are_those_of_the_whole(tmp_path):
    path = m4a(tmp_path / "a.m4a", noise(RATE * 20), "aac")
    with open_audio(path) as sound:
        assert sound.frames == RATE * 20
        whole, _ = sound.read(0, sound.frames)
        assert len(whole) == sound.frames
        for first in (100, 100_000, 250_123, 319_000):
            part, _ = sound.read(first, first + 1000)
            np.testing.assert_allclose(part, whole[first : first + 1000], atol=1e-6)


def test_steps_of_pipelines_take_it(tmp_path):
    samples = noise()
    path = str(m4a(tmp_path / "a.m4a", samples))
    (waveform,) = WavLoader(sample_rate=RATE).fit_transform([path])
    np.testing.assert_allclose(waveform, samples[:, 0] / 32768, atol=1e-7)
    assert len(clip_windows(path, 1.0)) == 5
    part, _ = read_audio(path, 1.0, 1.5)
    np.testing.assert_allclose(part, samples[RATE : RATE * 3 // 2, 0] / 32768)


def test_bad_files(tmp_path):
    path = m4a(tmp_path / "a.m4a", noise())
    whole = path.read_bytes()
    # The index is at the end, as phones write it: nothing can be read without.
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioFileError, match=r"a\.m4a: not a sound file that can"):
        open_audio(path)
    path.write_bytes(whole[:30] + bytes(len(whole)))
    with pytest.raises(AudioFileError, match=r"a\.m4a: not a sound file|holds no"):
        open_audio(path)
    with pytest.raises(AudioFileError, match=r"gone\.m4a: no such file"):
        open_audio(tmp_path / "gone.m4a")
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + b"\xff" * 2000 + whole[middle + 2000 :])
    with open_audio(path) as sound:
        with pytest.raises(AudioFileError, match="is damaged or cut short, it decodes"):
            sound.read(0, sound.frames)
        start = sound.read(0, 1000)[0]  # the rest is read all the same
        np.testing.assert_allclose(start, noise()[:1000] / 32768, atol=1e-7)


def test_cut_short_with_its_index_in_front(tmp_path):
    path = tmp_path / "a.m4a"
    samples = noise()
    m4a(path, samples)
    with (
        av.open(path) as source,
        av.open(
            tmp_path / "b.m4a", "w", format="mp4", options={"movflags": "faststart"}
        ) as target,
    ):
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    path = tmp_path / "b.m4a"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with open_audio(path) as sound:
        assert 0.5 * len(samples) < sound.frames < 0.7 * len(samples)
        assert sound.cut.endswith("of the 5.00 s that it announces")
        waveform, _ = sound.read(0, sound.frames)
        np.testing.assert_allclose(waveform, samples[: sound.frames] / 32768, atol=1e-7)


def test_without_the_package_the_error_names_it(tmp_path, monkeypatch):
    path = m4a(tmp_path / "a.m4a", noise())
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "av" else find(name)
    )
    with pytest.raises(AudioFileError, match=r"m4a needs .*'skaudio\[av\]'"):
        open_audio(path)
