"""Blocks of recordings, against the recordings read and resampled as a whole."""

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from skaudio import AudioFileError
from skaudio.io import open_audio, read_audio, resample, stream_audio

RATE = 22050


def sound(seconds, channels=1, seed=0, rate=RATE):
    """Some noise and a rising tone."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    tone = 0.3 * np.sin(2 * np.pi * time * (300 + 200 * time))
    noise = 0.05 * rng.standard_normal((len(time), channels))
    return (tone[:, None] + noise).astype(np.float32)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Seven seconds in every way of coding."""
    folder = tmp_path_factory.mktemp("recordings")
    for ending in ("wav", "flac", "ogg", "mp3"):
        for channels in (1, 2):
            wave = sound(7, channels)
            soundfile.write(folder / f"{channels}.{ending}", wave, RATE)
    return folder


def blocks_of(file, *arguments, **options):
    with stream_audio(file, *arguments, **options) as stream:
        return np.concatenate(list(stream)), stream


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    ending=st.sampled_from(["wav", "flac", "ogg", "mp3"]),
    channel=st.sampled_from(["mix", 0, 1]),
    rate=st.sampled_from([RATE, 8000, 16000, 32000, 44100]),
    block_duration=st.floats(0.05, 9),
    start=st.none() | st.floats(0, 3),
    length=st.none() | st.floats(0.01, 9),
)
@example("wav", "mix", RATE, 1.0, None, None)
@example("mp3", "mix", 16000, 0.5, 1.7, None)
def test_blocks_equal_the_whole(
    recordings, ending, channel, rate, block_duration, start, length
):
    file = recordings / f"2.{ending}"
    end = None if length is None else (start or 0) + length
    blocks, stream = blocks_of(
        file, rate, channel=channel, block_duration=block_duration, start=start, end=end
    )
    waveform, source_rate = read_audio(file, start, end, channel)
    expected = resample(waveform, source_rate, rate)
    assert blocks.dtype == np.float32 and blocks.shape == expected.shape
    np.testing.assert_allclose(blocks, expected, atol=1e-4)
    assert not stream.failed and not stream.oddities
    assert stream.end_time - stream.start_time == pytest.approx(
        len(waveform) / source_rate
    )


@pytest.mark.parametrize("level", [0.2, 0.9])
def test_mp3_goes_on_from_block_to_block(tmp_path, level):
    """Begun anew in each block, it was wrong by as much as the sound is loud."""
    wave = sound(40, rate=44100)[:, 0]
    soundfile.write(tmp_path / "a.mp3", wave, 44100, compression_level=level)
    whole, _ = soundfile.read(tmp_path / "a.mp3", dtype="float32")
    blocks, stream = blocks_of(tmp_path / "a.mp3", 44100, block_duration=0.3)
    np.testing.assert_array_equal(blocks, whole)
    assert not stream.oddities


def test_spans_are_read_in_any_order(recordings):
    for ending in ("wav", "flac", "mp3"):
        with open_audio(recordings / f"1.{ending}") as opened:
            whole, _ = opened.read(0, opened.frames)
            for first, last in [(0, 9), (70000, 90000), (90000, 95000), (0, 30000)]:
                part, _ = opened.read(first, last)
                np.testing.assert_allclose(part, whole[first:last], atol=1e-4)


def test_a_block_takes_little_memory(tmp_path):
    """Of 8 channels at 384 kHz a second takes 12 MB."""
    rng = np.random.default_rng(0)
    wave = rng.uniform(-0.5, 0.5, (384000 * 3, 8)).astype(np.float32)
    soundfile.write(tmp_path / "array.wav", wave, 384000, subtype="FLOAT")
    with stream_audio(tmp_path / "array.wav", 384000, channel=5) as stream:
        blocks = list(stream)
    assert max(map(len, blocks)) * 8 <= 2**22
    np.testing.assert_array_equal(np.concatenate(blocks), wave[:, 5])


def test_damaged_flac_is_read_before_and_after(tmp_path):
    wave = sound(20)[:, 0]
    soundfile.write(tmp_path / "a.flac", wave, RATE)
    whole, _ = soundfile.read(tmp_path / "a.flac", dtype="float32")
    content = bytearray((tmp_path / "a.flac").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = np.random.default_rng(0).bytes(3000)
    (tmp_path / "a.flac").write_bytes(content)
    blocks, stream = blocks_of(tmp_path / "a.flac", RATE, block_duration=3.0)
    ((start, end, reason),) = stream.failed
    assert 9 < start < end < 11 and end - start < 1
    assert "decodes only in part (" in reason
    expected = whole.copy()
    expected[round(start * RATE) : round(end * RATE)] = 0
    np.testing.assert_array_equal(blocks, expected)


def write_damaged(file, wave):
    """Write a file with rubbish in its middle; return what it held before."""
    with soundfile.SoundFile(file, "w", RATE, 1) as opened:
        for first in range(0, len(wave), RATE):
            opened.write(wave[first : first + RATE])
    whole, _ = soundfile.read(file, dtype="float32")
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = np.random.default_rng(0).bytes(3000)
    file.write_bytes(content)
    return whole


def test_a_lost_page_of_ogg_moves_nothing(tmp_path):
    """libsndfile goes on without a word, too early by the length of the page."""
    whole = write_damaged(tmp_path / "a.ogg", sound(30)[:, 0])
    blocks, stream = blocks_of(tmp_path / "a.ogg", RATE, block_duration=6.0)
    ((start, end, reason),) = stream.failed
    assert 12 < start < end < 18 and "a part of it is lost" in reason
    failed = np.zeros(len(whole), bool)
    failed[round(start * RATE) : round(end * RATE)] = True
    np.testing.assert_allclose(blocks[~failed], whole[~failed], atol=1e-4)
    assert not blocks[failed].any()


def test_after_damage_in_mp3_no_time_is_claimed(tmp_path):
    """The decoder finds no more, or does not know how much it passed over."""
    write_damaged(tmp_path / "a.mp3", sound(30)[:, 0])
    blocks, stream = blocks_of(tmp_path / "a.mp3", RATE, block_duration=4.0)
    assert [oddity.problem for oddity in stream.oddities] == ["damaged", "cut short"]
    ((start, end, reason),) = stream.failed
    assert 11 < start < 16 and end == stream.end_time and "decodes only in" in reason
    assert blocks[: round(start * RATE)].any()
    assert not blocks[round(start * RATE) :].any()


def test_samples_that_are_no_sound_are_left_out(tmp_path):
    wave = sound(5)[:, 0]
    bad = wave.copy()
    bad[RATE : RATE + 10], bad[3 * RATE] = np.nan, 1e30
    soundfile.write(tmp_path / "a.wav", bad, RATE, subtype="FLOAT")
    blocks, stream = blocks_of(tmp_path / "a.wav", RATE, block_duration=2.0)
    spans = [(round(a * RATE), round(b * RATE)) for a, b, _ in stream.failed]
    assert spans == [(RATE, RATE + 10), (3 * RATE, 3 * RATE + 1)]
    assert [why for *_, why in stream.failed] == [
        "holds NaN or infinite samples",
        "holds samples as large as 1e+30",
    ]
    for first, last in spans:
        wave[first:last] = 0
    np.testing.assert_array_equal(blocks, wave)


def test_a_header_that_promises_more(tmp_path):
    soundfile.write(tmp_path / "a.wav", sound(6), RATE)
    content = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(content[: len(content) // 2])
    blocks, stream = blocks_of(tmp_path / "a.wav", RATE)
    assert len(blocks) / RATE == pytest.approx(3, abs=0.01)
    assert stream.end_time == stream.duration == len(blocks) / RATE
    ((_, detail),) = stream.oddities
    assert detail.startswith("is cut short: holds 3.00 of the 6.00 s")


def test_a_file_that_changes_while_it_is_read(tmp_path):
    file = tmp_path / "a.wav"
    wave = sound(6)[:, 0]
    soundfile.write(file, wave, RATE)
    content = file.read_bytes()
    with stream_audio(file, RATE, block_duration=1.0) as stream:
        blocks = iter(stream)
        first = next(blocks)
        with open(file, "ab") as grown:
            grown.write(content[-1000:])
        rest = np.concatenate(list(blocks))
    # As it was when it was opened.
    assert len(first) + len(rest) == len(wave) and not stream.failed
    with stream_audio(file, RATE, block_duration=1.0) as stream:
        blocks = iter(stream)
        next(blocks)
        with open(file, "r+b") as cut:
            cut.truncate(len(content) // 2)
        rest = np.concatenate(list(blocks))
    ((start, end, reason),) = stream.failed
    assert 2.9 < start < 3.1 and end == stream.end_time
    assert "became shorter" in reason
    assert not rest[round(start * RATE) - RATE :].any()


def test_odd_levels_are_named(tmp_path):
    def problems(wave, rate, target):
        soundfile.write(tmp_path / "a.wav", wave, rate, subtype="FLOAT")
        return [o.problem for o in blocks_of(tmp_path / "a.wav", target)[1].oddities]

    assert problems(np.zeros(8000), 8000, 8000) == ["silent"]
    assert problems(np.full(8000, 0.1), 8000, 16000) == ["silent"]
    bat = np.sin(np.arange(384000) * 2 * np.pi * 45 / 384)
    assert problems(bat, 384000, 16000) == ["above the band"]
    assert problems(bat, 384000, 192000) == []
    wave = sound(2)
    assert problems(np.c_[wave, -0.9 * wave], RATE, RATE) == ["cancelling in the mix"]


def test_one_sample(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.array([0.5]), 48000)
    for rate in (48000, 16000):
        blocks, _ = blocks_of(tmp_path / "a.wav", rate)
        expected = resample(read_audio(tmp_path / "a.wav")[0], 48000, rate)
        np.testing.assert_array_equal(blocks, expected)


def test_what_is_refused(recordings):
    file = recordings / "1.wav"
    for options, message in [
        ({"channel": "loudest"}, "known only at the end"),
        ({"channel": -1}, "a number from 0 on"),
        ({"channel": True}, "a number from 0 on"),
        ({"block_duration": 0}, "block_duration=0"),
        ({"sample_rate": float("inf")}, "sample_rate=inf"),
    ]:
        with pytest.raises(ValueError, match=message):
            stream_audio(file, **{"sample_rate": 8000, **options})
    for options, message in [
        ({"channel": 1}, "has 1 channel"),
        ({"start": 7}, "start below the file's 7.000 s"),
        ({"start": 2, "end": 2}, "holds no sound"),
        ({"start": -1}, "holds no sound"),
    ]:
        with pytest.raises(AudioFileError, match=message):
            stream_audio(file, 8000, **options)
    with pytest.raises(AudioFileError, match="no such file"):
        stream_audio("nowhere.wav", 8000)
