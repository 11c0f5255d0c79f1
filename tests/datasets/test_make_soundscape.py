from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio._utils.active_part import centre, mean_power, sounding_part
from skaudio.datasets import load_audio_folder, make_animal_sounds, make_soundscape
from skaudio.io import read_clip_table

RATE = 8000
RNG = np.random.default_rng(0)
NOISE = [RNG.normal(0, 0.1, RATE * 2), RNG.normal(0, 0.01, RATE)]


def call(seconds, pitch=500, silence=0.0):
    time = np.arange(round(seconds * RATE)) / RATE
    rest = np.zeros(round(silence * RATE))
    return np.r_[rest, 0.3 * np.sin(2 * np.pi * pitch * time), rest]


CALLS = [call(0.5), call(0.3, 900), call(0.7, 700), call(0.4, 1200)]
LABELS = ["cat", "cat", "cow", "cow"]


def scene(duration=20, clips=CALLS, noise=NOISE, labels=LABELS, seed=0, **options):
    return make_soundscape(
        clips,
        noise,
        duration,
        labels=labels,
        sample_rate=RATE,
        random_state=seed,
        **options,
    )


def frames(truth):
    spans = truth[["start_time", "end_time"]] * RATE
    return spans.round().astype(int).to_numpy()


@pytest.mark.parametrize("overlap", [False, True])
def test_truth_says_where_the_calls_are_and_how_loud(overlap):
    with_calls = scene(rate_per_minute=40, min_gap=0.1, overlap=overlap)
    noise = scene(rate_per_minute=0)  # the same noise: it is drawn first
    assert with_calls.scale == noise.scale == 1 and noise.truth.empty
    calls = with_calls.waveform - noise.waveform
    heard = np.zeros(len(calls), bool)
    for first, last in frames(with_calls.truth):
        heard[first:last] = True
    assert not calls[~heard].any()
    truth = with_calls.truth
    assert truth["start_time"].is_monotonic_increasing
    assert truth["snr_db"].between(0, 20).all() and truth["snr_db"].std() > 3
    if overlap:
        return
    for (first, last), snr_db in zip(frames(truth), truth["snr_db"], strict=True):
        part = sounding_part(calls[first:last], "active", RATE)
        noise_power = mean_power(centre(noise.waveform[first:last]), part)
        ratio = mean_power(calls[first:last], part) / noise_power
        assert 10 * np.log10(ratio) == pytest.approx(snr_db, abs=0.05)


def test_silent_edges_of_clips_are_no_part_of_the_call():
    clips = [call(0.5, silence=1.0)]
    truth = scene(clips=clips, labels=["cat"], rate_per_minute=9).truth
    lengths = truth["end_time"] - truth["start_time"]
    assert len(truth) == 3 and lengths.between(0.5, 0.57).all()


def test_columns_are_those_of_an_annotation_table():
    truth = scene().truth
    annotation_table = "audio_file annotation_file annotation start_time end_time"
    assert " ".join(truth) == f"{annotation_table} low_f high_f snr_db source"
    assert set(truth["audio_file"]) == {"soundscape.wav"}
    assert truth[["annotation_file", "low_f", "high_f"]].isna().all(axis=None)


def test_classes_and_their_clips_take_turns():
    labels = ["cat", "cat", "cat", "cow"]
    truth = scene(60, labels=labels, rate_per_minute=12).truth
    assert truth["annotation"].value_counts().to_dict() == {"cat": 6, "cow": 6}
    clips = truth["source"].value_counts()
    assert clips.to_dict() == {f"clips[{k}]": 2 for k in range(3)} | {"clips[3]": 6}


def test_background_is_no_call():
    labels = ["cat", "Noise", "background", "cow"]
    truth = scene(labels=labels, rate_per_minute=30).truth
    assert set(truth["source"]) == {"clips[0]", "clips[3]"}
    with pytest.raises(ValueError, match="4 clips, none of an animal"):
        scene(labels=["noise", "Silence", "other", "background"])


@settings(deadline=None, max_examples=60)
@given(
    duration=st.floats(0.1, 30),
    rate=st.floats(0, 80),
    min_gap=st.floats(0, 2),
    overlap=st.booleans(),
    seed=st.integers(0, 9),
)
def test_calls_lie_in_the_recording_and_apart(duration, rate, min_gap, overlap, seed):
    options = {"rate_per_minute": rate, "min_gap": min_gap, "overlap": overlap}
    n_calls = round(rate * duration / 60)
    try:
        made = scene(duration, seed=seed, **options)
    except ValueError as error:
        assert "do not fit" in str(error) and f"{n_calls} calls" in str(error)
        longest = 0.75  # s, of the calls above
        assert duration < (longest if overlap else n_calls * (longest + min_gap))
        return
    truth = made.truth
    assert len(truth) == n_calls and len(made.waveform) == round(duration * RATE)
    assert (truth["start_time"] >= 0).all()
    assert (truth["end_time"] <= duration + 1 / RATE).all()
    gaps = truth["start_time"].to_numpy()[1:] - truth["end_time"].to_numpy()[:-1]
    assert overlap or (gaps >= min_gap - 1 / RATE).all()


def test_random_state_determines_every_sample():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    again, other = scene(seed=1), scene(seed=2)
    np.testing.assert_array_equal(scene(seed=1).waveform, again.waveform)
    pd.testing.assert_frame_equal(scene(seed=1).truth, again.truth)
    assert (again.waveform != other.waveform).any()
    assert (scene(seed=None).waveform != scene(seed=None).waveform).any()
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def test_noise_is_joined_smoothly_and_never_at_a_steady_interval():
    tone = 0.5 * np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE)
    made = scene(30, noise=[tone], rate_per_minute=0, noise_level=None)
    steps = np.abs(np.diff(made.waveform))
    assert steps.max() < 2 * np.abs(np.diff(tone)).max()  # a cut: up to 1
    joins = np.diff(made.noise["start_time"].to_numpy())
    assert len(joins) > 30 and len(set(joins)) > 30
    assert made.noise["end_time"].iloc[-1] == 30
    level = np.sqrt(np.mean(made.waveform.reshape(-1, RATE) ** 2, axis=1))
    np.testing.assert_allclose(level, np.sqrt(1 / 8), rtol=0.15)


def test_every_noise_has_its_share_and_one_level():
    made = scene(60, rate_per_minute=0, noise_level=-20)
    assert set(made.noise["source"]) == {"noise[0]", "noise[1]"}
    level = np.sqrt(np.mean(made.waveform.reshape(-1, RATE) ** 2, axis=1))
    np.testing.assert_allclose(level, 0.1, rtol=0.15)
    as_recorded = scene(60, rate_per_minute=0, noise_level=None).waveform
    level = np.sqrt(np.mean(as_recorded.reshape(-1, RATE // 4) ** 2, axis=1))
    assert level.min() < 0.02 and level.max() > 0.09


def test_what_would_clip_is_scaled_as_a_whole():
    quiet, loud = (scene(snr_db=30, noise_level=level) for level in (-60, -10))
    assert quiet.scale == 1 and loud.scale < 1
    assert np.abs(loud.waveform).max() == pytest.approx(1, abs=1e-4)
    factor = 10 ** (50 / 20) * loud.scale
    np.testing.assert_allclose(loud.waveform, factor * quiet.waveform, atol=1e-5)


@pytest.mark.parametrize("name", ["dawn.wav", "dawn.flac"])
def test_file_and_table_hold_what_memory_does(name, tmp_path):
    path = tmp_path / name
    duration = 2**21 / RATE + 20  # more than one block
    in_memory = scene(duration)
    for _ in range(2):  # over its own files
        written = scene(duration, output=path)
    assert written.waveform is None and written.scale == in_memory.scale
    waveform, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE and soundfile.info(path).subtype == "PCM_16"
    np.testing.assert_allclose(waveform, in_memory.waveform, atol=2**-15)
    times = ["start_time", "end_time"]
    pd.testing.assert_frame_equal(written.truth[times], in_memory.truth[times])
    assert set(written.truth["audio_file"]) == {str(path)}
    table = read_clip_table(path.with_suffix(".csv"))
    assert set(table["file"]) == {str(path)}
    assert table["annotation"].tolist() == in_memory.truth["annotation"].tolist()
    np.testing.assert_allclose(table[times], in_memory.truth[times])
    assert not {*tmp_path.iterdir()} - {path, path.with_suffix(".csv")}


def test_folders_tables_and_bunches_of_clips(tmp_path):
    made = make_animal_sounds(2, n_classes=2, output_dir=tmp_path, random_state=0)
    folder, noise = tmp_path / "Training", tmp_path / "Noise"
    options = {"rate_per_minute": 4, "random_state": 0, "min_gap": 0.1}
    of_folder = make_soundscape(folder, noise, 60, **options)
    assert set(of_folder.truth["source"]) == {*made.data}
    stems = of_folder.truth["source"].map(lambda path: Path(path).parent.name)
    assert (stems == of_folder.truth["annotation"]).all()
    assert Path(of_folder.noise["source"][0]).parent == noise / "wind"
    for clips, labels in (
        (load_audio_folder(folder, groups=None), None),
        (made.data.tolist(), made.target),
        (pd.DataFrame({"file": made.data}), made.target),
    ):
        other = make_soundscape(clips, noise, 60, labels=labels, **options)
        np.testing.assert_array_equal(other.waveform, of_folder.waveform)
    spans = pd.DataFrame({"file": made.data, "start_time": 0.0, "end_time": 0.2})
    truth = make_soundscape(spans, noise, 60, labels=made.target, **options).truth
    assert (truth["end_time"] - truth["start_time"] < 0.201).all()
    assert truth["source"][0].endswith("(0.0-0.2 s)")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"duration": 0}, "duration=0: expected at least one sample"),
        ({"duration": np.nan}, "duration=nan"),
        ({"rate_per_minute": -1}, "rate_per_minute=-1: expected a number, at least 0"),
        ({"snr_db": (5, 0)}, r"snr_db=\(5, 0\), expected a number or a pair"),
        ({"snr_db": 101}, "snr_db=101: expected at most 100 dB"),
        ({"min_gap": -0.1}, "min_gap=-0.1: expected seconds"),
        ({"noise_level": 3}, "noise_level=3: expected dB of full scale"),
        ({"labels": None}, "labels=None: expected the label of each clip"),
        ({"labels": ["cat"]}, r"labels of shape \(1,\) for 4 clips"),
        ({"labels": ["cat", None, "cow", "cow"]}, "labels contains NaN, None"),
        ({"noise": []}, "noise is empty"),
        ({"noise": None}, "noise=None: expected a folder"),
        ({"noise": [np.zeros(RATE)]}, r"noise\[0\]: 1.000 s of noise with peak 0"),
        ({"noise": [np.ones(9)]}, r"noise\[0\]: 0.001 s .* expected at least 0.2 s"),
        ({"noise": ["wind.wav", np.ones(RATE)]}, r"noise\[0\] is the path 'wind.wav'"),
        ({"noise": [np.full(RATE, np.nan)]}, r"noise\[0\] is of .*finite"),
        ({"clips": [np.zeros(RATE)] * 4}, r"clips\[\d\]: is silent, expected a call"),
        ({"clips": "nowhere"}, "labels beside clips='nowhere'"),
        ({"rate_per_minute": 90}, "20 s: 30 calls .* gaps of min_gap=0.5 s do not fit"),
        ({"output": "dawn.mp3"}, "'dawn.mp3': expected a name that ends in .wav"),
        ({"output": "nowhere/dawn.wav"}, "nowhere/dawn.wav: the recording cannot be"),
        ({"output": "a.wav", "duration": 3e5}, "4.5 GB, but WAV holds 4"),
    ],
)
def test_errors_say_what_is_wrong(options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, OSError), match=message):
        scene(**options)
    assert not [*tmp_path.iterdir()]


def test_rate_of_the_clips_must_be_that_of_the_recording():
    clips = make_animal_sounds(2, n_classes=2, random_state=0)
    with pytest.raises(ValueError, match="sample_rate=8000, but the clips are at 160"):
        make_soundscape(clips, clips.noise, 20, sample_rate=8000)


def test_unreadable_clip_is_named_and_an_older_file_kept(tmp_path):
    bad, output = tmp_path / "bad.wav", tmp_path / "dawn.wav"
    bad.write_bytes(b"RIFF")
    output.write_bytes(b"older")
    with pytest.raises(ValueError, match=r"bad\.wav"):
        scene(clips=[bad], labels=["cat"], output=output)
    assert output.read_bytes() == b"older" and len([*tmp_path.iterdir()]) == 2
