import os
import threading
import tracemalloc
import warnings

import numpy as np
import pytest
from bad_files import damaged_mp3
from hypothesis import given, settings
from hypothesis import strategies as st
from sound_files import change, flac_total, sound, xing_frames

from skaudio.io import (
    AudioFileError,
    OddAudioWarning,
    clip_windows,
    decode_audio,
    open_audio,
    read_audio,
)
from skaudio.io._decoder_messages import collect_messages

NAMES = ["a.wav", "b.flac", "c.ogg", "d.opus", "e.mp3", "f.aiff", "g.w64", "h.au"]


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory):
    """A second of sound in every container, as bytes by name."""
    folder = tmp_path_factory.mktemp("whole")
    names = [*NAMES, "i.caf", "j.rf64"]
    return {name: sound(folder, name).read_bytes() for name in names}


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_changed_file_is_read_or_named(whole_files, tmp_path_factory, data):
    name = data.draw(st.sampled_from(sorted(whole_files)))
    content = bytearray(whole_files[name])
    # Most of what can go wrong is in the first bytes.
    place = st.integers(0, 150) | st.integers(0, len(content) - 1)
    bytes_ = st.sampled_from([b"\xff" * 4, bytes(4)]) | st.binary(max_size=40)
    for at, new in data.draw(st.lists(st.tuples(place, bytes_), max_size=4)):
        content[at : at + len(new)] = new
    place = st.integers(0, len(content) - 1)
    content = content[: data.draw(st.just(len(content)) | place)]
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OddAudioWarning)
            waveform, _ = read_audio(path)
    except AudioFileError as error:
        assert str(error).startswith(f"{path}: ") and "\n" not in str(error)
    else:
        assert waveform.ndim == 1 and len(waveform) and np.isfinite(waveform).all()


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(NAMES), share=st.floats(0.01, 0.95))
def test_a_cut_file_never_passes_in_silence(whole_files, tmp_path_factory, name, share):
    path = tmp_path_factory.getbasetemp() / f"cut {name}"
    path.write_bytes(whole_files[name][: int(share * len(whole_files[name]))])
    # The last of the 30 frames of MP3 are padding.
    complete = 15000 if name == "e.mp3" else 15800
    try:
        decoded = decode_audio(path)
    except AudioFileError as error:
        assert error.file == str(path)
    else:
        assert decoded.oddities or len(decoded.waveform) > complete


@pytest.mark.parametrize("name", ["a.flac", "b.mp3", "c.wav", "d.aiff"])
def test_memory_is_that_of_the_sound_there_is(tmp_path, name):
    path = sound(tmp_path, name)
    if name == "a.flac":
        flac_total(path, (1 << 36) - 5)
    elif name == "b.mp3":
        xing_frames(path, 0x7FFFFFFF)
    else:
        mark, order = (b"data", "little") if name == "c.wav" else (b"SSND", "big")
        at = path.read_bytes().find(mark) + 4
        change(path, at, (3_000_000_000).to_bytes(4, order))
    tracemalloc.start()
    with pytest.raises(AudioFileError, match=r"is cut short: holds 1\.0. of the"):
        decode_audio(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6


@pytest.mark.parametrize("name", NAMES)
def test_spans_of_what_a_cut_file_holds_are_read(tmp_path, name):
    path = sound(tmp_path, name, np.random.default_rng(0).normal(0, 0.1, 64000))
    whole, _ = read_audio(path)
    os.truncate(path, path.stat().st_size * 3 // 4)
    with pytest.raises(AudioFileError, match="is cut short"):
        read_audio(path, 1.0)
    span, _ = read_audio(path, 0.5, 1.5)
    # A corrected header of MP3 leaves the encoder's padding at the beginning.
    shifts = range(3000) if name == "e.mp3" else [0]
    assert any(
        np.allclose(span[shift:], whole[8000 : 24000 - shift], atol=1e-3)
        for shift in shifts
    )
    with pytest.warns(OddAudioWarning, match="is cut short"):
        windows = clip_windows([path], 0.5, final_clip=None)
    assert 3 <= len(windows) <= 6
    for _, start, end in windows.index:
        assert len(read_audio(path, start, end)[0]) == 8000


def test_chunks_after_the_sound_are_no_sound(tmp_path):
    path = sound(tmp_path, "a.wav")
    whole = path.read_bytes()
    note = b"LIST" + (5000).to_bytes(4, "little") + b"INFO" + b"x" * 4996
    for after in (
        note,
        note + note,
        bytes(9000),  # as recorders fill up a block
        b"TAG" + b"x" * 125,
    ):
        path.write_bytes(whole + after)
        decoded = decode_audio(path)
        assert len(decoded.waveform) == 16000 and not decoded.oddities
    # The chunk that follows an odd number of bytes, without the byte between.
    path = sound(tmp_path, "b.wav", np.zeros(15999), subtype="PCM_U8")
    content = path.read_bytes()[: 44 + 15999]
    path.write_bytes(content + note)
    assert len(decode_audio(path).waveform) == 15999
    assert not decode_audio(path).oddities


def test_remarks_that_fill_the_log_of_libsndfile_do_not_hide_a_cut(tmp_path):
    path = sound(tmp_path, "a.wav")
    whole = path.read_bytes()
    names = [b"IART", b"ICMT", b"ICOP", b"INAM", b"ISFT"]
    text = b"".join(name + (600).to_bytes(4, "little") + b"x" * 600 for name in names)
    note = b"LIST" + (len(text) + 4).to_bytes(4, "little") + b"INFO" + text
    path.write_bytes(whole[:36] + note + whole[36:20000])
    with pytest.raises(AudioFileError, match=r"is cut short: holds 0\.6"):
        decode_audio(path)


@pytest.mark.parametrize("sample_rate", [16000, 44100])
@pytest.mark.parametrize("channels", [1, 2])
def test_excerpts_of_mp3_begin_with_their_sound(tmp_path, sample_rate, channels):
    # Frames of a tone are so small that each needs many before it.
    tone = 0.5 * np.sin(np.arange(8 * sample_rate) / 10)
    path = sound(tmp_path, "a.mp3", np.c_[(tone,) * channels], samplerate=sample_rate)
    whole, _ = read_audio(path)
    for start in (0.1, 2.3, 4.7, 7.9):
        span, _ = read_audio(path, start, start + 0.2)
        at = round(start * sample_rate)
        np.testing.assert_allclose(span, whole[at : at + len(span)], atol=1e-4)


def test_excerpts_of_mp3_leave_standard_error_alone(tmp_path, capfd):
    path = sound(tmp_path, "a.mp3", np.random.default_rng(0).normal(0, 0.1, 160000))
    for start in (1.3, 4.7, 8.1):
        assert not decode_audio(path, start, start + 1).oddities
    assert capfd.readouterr().err == ""


def test_the_damaged_one_of_two_files_read_at_once_is_named(tmp_path):
    good, bad = sound(tmp_path, "good.mp3"), damaged_mp3(tmp_path)
    found = {}

    def read(path):
        for _ in range(20):
            found.setdefault(path.name, set()).add(bool(decode_audio(path).oddities))

    threads = [threading.Thread(target=read, args=(path,)) for path in (good, bad)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"good.mp3": {False}, "hit.mp3": {True}}


def test_what_others_write_to_standard_error_is_passed_on(capfd):
    with collect_messages() as messages:
        os.write(2, b"from elsewhere\n")
        os.write(2, b"[src/libmpg123/layer3.c:do():1] error: dequantization failed!\n")
        assert capfd.readouterr().err == ""
    assert messages == ["dequantization failed!"]
    assert capfd.readouterr().err == "from elsewhere\n"


def test_a_name_that_is_not_utf_8_can_be_shown(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav")
    with pytest.raises(AudioFileError) as caught:
        open_audio(path)
    assert caught.value.file == path
    assert str(caught.value) == f"{tmp_path}/caf\\udce9.wav: no such file"


@pytest.mark.parametrize("span", [(np.nan, 1), (0, np.nan), (np.inf, None), (-1, 1)])
def test_spans_that_are_none(tmp_path, span):
    path = sound(tmp_path, "a.wav")
    with pytest.raises(AudioFileError, match="holds no sound: expected 0 <= start"):
        read_audio(path, *span)
