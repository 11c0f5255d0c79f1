import struct
import warnings

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile
from sound_files import bat_call

from skaudio import AudioFileError, WavLoader
from skaudio.audit import inspect_clips
from skaudio.io import OddAudioWarning


def test_equals_librosa_on_real_clips(animals_sounds):
    files = sorted(animals_sounds.glob("Training/*/*"))[::25]
    for file, ours in zip(files, WavLoader(n_jobs=2).transform(files), strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs, _ = librosa.load(file, sr=16000)
        common = min(len(ours), len(theirs))
        assert abs(len(ours) - len(theirs)) <= 1
        np.testing.assert_allclose(ours[:common], theirs[:common], atol=1e-4)


@pytest.mark.parametrize(
    "suffix", ["wav", "flac", "ogg", "mp3", "aiff", "WAV", "w64", "caf", "au", "opus"]
)
def test_containers(tone, suffix):
    opus = {"format": "OGG", "subtype": "OPUS"} if suffix == "opus" else {}
    path = tone(f"tone.{suffix}", **opus)
    (waveform,) = WavLoader().transform([path])
    assert waveform.dtype == np.float32 and waveform.ndim == 1
    assert abs(len(waveform) - 16000) < 2500
    assert 0.3 < np.sqrt(2) * waveform[2000:14000].std() < 0.7


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "FLOAT", "ALAW", "ULAW"])
def test_sample_formats(tone, subtype):
    plain, odd = WavLoader().transform([tone("a.wav"), tone("b.wav", subtype=subtype)])
    np.testing.assert_allclose(plain, odd, atol=0.02)


def test_mp3_inside_wav(tone, tmp_path):
    mp3 = tone("inside.mp3").read_bytes()
    form = struct.pack("<HHIIHHH", 0x55, 1, 16000, 4000, 1, 0, 12)
    form += struct.pack("<HIHHH", 1, 2, 180, 1, 1393)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(mp3)) + mp3
    path = tmp_path / "mp3 inside.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)
    (waveform,) = WavLoader().transform([path])
    assert len(waveform) > 14000


@pytest.mark.parametrize(
    "name", ["a name with spaces.wav", "кошка мяу.wav", "鶏 [1].wav"]
)
def test_names(tone, name):
    assert len(WavLoader().transform([tone(name)])[0]) == 16000


def test_channels(tmp_path):
    path = tmp_path / "many.wav"
    waveform = np.linspace(-0.5, 0.5, 64) * np.ones((800, 1))
    soundfile.write(path, waveform, 16000, subtype="FLOAT")
    np.testing.assert_allclose(WavLoader().transform([path])[0], 0, atol=1e-6)
    np.testing.assert_allclose(WavLoader(channel=63).transform([path])[0], 0.5)
    with pytest.raises(
        AudioFileError, match=r"many.wav: has 64 channel.* no channel 64"
    ):
        WavLoader(channel=64).transform([path])


def test_the_loudest_channel(tmp_path):
    path = tmp_path / "three.wav"
    quiet, loud = 0.01 * np.sin(np.arange(800)), 0.3 * np.sin(np.arange(800))
    soundfile.write(path, np.c_[quiet, loud, 0.9 + 0 * loud], 16000, subtype="FLOAT")
    # A constant offset is no sound.
    (waveform,) = WavLoader(channel="loudest").transform([path])
    np.testing.assert_allclose(waveform, loud, atol=1e-6)


@pytest.mark.parametrize(
    ("signs", "is_named"),
    [((1, -0.9), True), ((1, 1), False), ((1, 0), False), ((1, -0.9, 1, -1), True)],
)
def test_channels_that_cancel_are_named_and_read(tmp_path, recwarn, signs, is_named):
    wave = 0.3 * np.sin(np.arange(16000)[:, None])
    noise = 0.01 * np.random.default_rng(0).standard_normal((16000, len(signs)))
    names = ["one.wav", "two.wav", "good.wav"]
    for name in names[:2]:
        # An offset of both channels is left in the mix, which hides nothing.
        channels = wave * np.array(signs) + noise + 0.2
        soundfile.write(tmp_path / name, channels, 16000)
    soundfile.write(tmp_path / "good.wav", wave, 16000)
    waveforms = WavLoader().transform([tmp_path / name for name in names])
    assert [len(waveform) for waveform in waveforms] == [16000] * 3
    named = [warning for warning in recwarn if warning.category is OddAudioWarning]
    assert len(named) == is_named
    if is_named:
        text = str(named[0].message)
        assert "2 of 3 files" in text and "one.wav: its channels cancel" in text
        assert "two.wav" in text and "good.wav" not in text
    recwarn.clear()
    WavLoader(channel="loudest").transform([tmp_path / name for name in names])
    assert not recwarn


def test_channels_without_relation_do_not_cancel(tmp_path, recwarn):
    noise = 0.1 * np.random.default_rng(0).standard_normal((16000, 8))
    soundfile.write(tmp_path / "eight.wav", noise, 16000)
    soundfile.write(tmp_path / "two.wav", noise[:, :2], 16000)
    WavLoader().transform([tmp_path / "eight.wav", tmp_path / "two.wav"])
    assert not recwarn


def test_ways_to_list_clips(tone):
    paths = [str(tone("a.wav")), str(tone("b.wav", seconds=2.0))]
    times = {"file": paths, "start_time": [0.25, np.nan], "end_time": [0.75, 1.0]}
    table = pd.DataFrame(times)
    spans = WavLoader().transform(table)
    assert [len(span) for span in spans] == [8000, 16000]
    by_index = WavLoader().transform(table.set_index(list(times)))
    assert [len(span) for span in by_index] == [8000, 16000]
    column = np.array(paths, dtype=object)[:, None]
    for listed in (paths, np.array(paths), pd.Series(paths), column, table[["file"]]):
        assert [len(w) for w in WavLoader().transform(listed)] == [16000, 32000]


def test_span_equals_the_cut_of_the_whole(tone):
    for suffix in ("wav", "flac", "ogg", "mp3"):
        path = tone(f"long.{suffix}", seconds=3.0)
        table = pd.DataFrame({"file": [path], "start_time": [1.0], "end_time": [1.5]})
        span, whole = WavLoader().transform(table)[0], WavLoader().transform([path])[0]
        np.testing.assert_allclose(span, whole[16000:24000], atol=1e-4)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_a_span_does_not_decode_the_whole_file(tone, monkeypatch, suffix):
    path = tone(f"long.{suffix}", seconds=60.0)
    decoded = []
    read = soundfile.SoundFile.read

    def counting_read(file, *args, **kwargs):
        result = read(file, *args, **kwargs)
        decoded.append(len(result))
        return result

    monkeypatch.setattr(soundfile.SoundFile, "read", counting_read)
    table = pd.DataFrame({"file": [path], "start_time": [50.0], "end_time": [51.0]})
    WavLoader().transform(table)
    # MP3 is decoded from some frames before.
    assert len(decoded) == 1
    assert decoded[0] == 16000 or (suffix == "mp3" and decoded[0] < 100_000)


def test_duration_cuts_with_a_count_and_pads(tone):
    paths = [tone("a.wav", seconds=0.5), tone("b.wav", seconds=2.0)]
    with pytest.warns(UserWarning, match="1 of 2 clips are longer"):
        waveforms = WavLoader(duration=1.0).transform(paths)
    assert waveforms.shape == (2, 16000) and waveforms.dtype == np.float32
    assert (waveforms[0, 8000:] == 0).all()


def bad_files(folder, tone):
    whole = tone("whole.wav").read_bytes()
    flac = tone("whole.flac").read_bytes()

    def write(name, content):
        (folder / name).write_bytes(content)
        return folder / name

    nan = folder / "nan.wav"
    soundfile.write(nan, np.r_[np.zeros(8000), np.nan], 16000, subtype="FLOAT")
    nothing = folder / "nothing.wav"
    soundfile.write(nothing, np.zeros(0), 16000)
    return {
        folder / "absent.wav": "no such file",
        folder: "is a folder",
        write("empty.wav", b""): "empty",
        write("text.wav", b"text, not audio"): "not a sound file",
        write("cut.wav", whole[: len(whole) // 2]): "cut short",
        write("cut.flac", flac[: len(flac) // 2]): "cut short",
        write("clip.m4a", b"\0\0\0 ftypM4A "): "not a sound file",
        nothing: "no samples",
        nan: r"NaN or infinite samples, the first at 0\.500 s",
    }


def test_bad_files_are_named_with_a_reason(tone, tmp_path):
    bad = bad_files(tmp_path, tone)
    for path, reason in bad.items():
        with pytest.raises(AudioFileError, match=reason) as caught:
            WavLoader().transform([path])
        assert caught.value.file == str(path) and "\n" not in str(caught.value)
    # All of them are named at once, and the good clip is not lost.
    good = tone("good.wav")
    with pytest.raises(AudioFileError) as caught:
        WavLoader().transform([*bad, good])
    assert all(str(path) in str(caught.value) for path in bad)
    with pytest.warns(UserWarning, match=f"{len(bad)} of {len(bad) + 1} clips"):
        waveforms = WavLoader(on_error="nan", n_jobs=2).transform([*bad, good])
    assert all(np.isnan(waveform).all() for waveform in waveforms[:-1])
    assert len(waveforms[-1]) == 16000
    with pytest.warns(UserWarning, match="clips"):
        stacked = WavLoader(on_error="nan", duration=0.5).transform([*bad, good])
    assert np.isnan(stacked).all(axis=1).tolist() == [True] * len(bad) + [False]
    facts = inspect_clips([*bad, good])
    assert facts["error"].notna().tolist() == [True] * len(bad) + [False]


def test_streamed_wav_of_unknown_length_is_not_cut_short(tone):
    path = tone("streamed.wav")
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert len(WavLoader().transform([path])[0]) == 16000


def test_sound_above_the_band_is_refused(tmp_path, tone):
    bat = bat_call(tmp_path / "bat.wav")
    with pytest.raises(AudioFileError, match=r"bat.wav: 100.0% of its .* above 8 kHz"):
        WavLoader().transform([bat])
    with pytest.warns(UserWarning, match="1 of 2 clips cannot be read"):
        waveforms = WavLoader(on_error="nan").transform([bat, tone()])
    assert np.isnan(waveforms[0]).all() and len(waveforms[1]) == 16000
    assert len(WavLoader(sample_rate=192000).transform([bat])[0]) == 48000


def test_what_is_within_the_band_is_not_refused(tmp_path):
    generator = np.random.default_rng(0)
    rumble = np.cumsum(generator.standard_normal(96000))
    time = np.arange(96000) / 192000
    for name, waveform in {
        "silence.wav": np.zeros(96000),
        "offset.wav": np.full(96000, 0.5),
        "one.wav": [0.5],
        "call.wav": 0.1 * np.sin(2 * np.pi * 7000 * time),
        "wind.wav": rumble / abs(rumble).max() / 2 + 0.05 * np.sin(2 * time * 1e5),
        # A tenth of the energy is a call.
        "cicadas.wav": 0.1 * np.sin(6000 * time) + 0.3 * np.sin(7e4 * time),
    }.items():
        soundfile.write(tmp_path / name, waveform, 192000)
    assert len(WavLoader().transform(sorted(tmp_path.iterdir()))) == 6


def test_no_real_clip_is_refused_or_odd(animals_sounds, recwarn):
    WavLoader(n_jobs=2).transform(sorted(animals_sounds.glob("*/*/*"))[::3])
    assert not recwarn


def test_silence_and_one_sample(tmp_path):
    for name, waveform in {"silence.wav": np.zeros(4000), "one.wav": [0.5]}.items():
        soundfile.write(tmp_path / name, waveform, 8000)
    silence, one = WavLoader().transform(
        [tmp_path / "silence.wav", tmp_path / "one.wav"]
    )
    assert (silence == 0).all() and len(silence) == 8000
    assert len(one) >= 1 and np.isfinite(one).all()


def test_wrong_listings(tone):
    for listing, reason in [
        ("one.wav", r"got one path: pass \['one.wav'\]"),
        ([1.5], "Expected a path in row 0, got 1.5"),
        (np.zeros((2, 2)), r"got an array of shape \(2, 2\)"),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), "columns .'a', 'b'."),
    ]:
        with pytest.raises(ValueError, match=reason):
            WavLoader().transform(listing)
    # Before any file is decoded, which takes minutes where there are many.
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[2, 1\]"):
        WavLoader().fit(["no_such_a.wav", "no_such_b.wav"], ["cat"])
    span = pd.DataFrame({"file": [tone()], "start_time": [2.0], "end_time": [3.0]})
    with pytest.raises(AudioFileError, match=r"span from 2.0 to 3.0 s holds"):
        WavLoader().transform(span)
