"""Recordings that are damaged, odd or gone: each has one line, no other is lost."""

import time
import warnings

import numpy as np
import pytest
import soundfile
from scoring_models import (
    RATE,
    Levels,
    file_names,
    head,
    levels_model,
    times_of,
    whole_scores,
)
from sklearn.pipeline import make_pipeline

from skaudio import AudioFileError, WavLoader
from skaudio.io import AudioStream, OddAudioWarning
from skaudio.recordings import read_journal, score_recordings


def noise(seconds, rate=16000, channels=1, seed=0):
    rng = np.random.default_rng(seed)
    return 0.1 * rng.standard_normal((round(seconds * rate), channels))


def write(file, seconds, rate=16000, **options):
    soundfile.write(file, noise(seconds, rate), rate, **options)
    return str(file)


@pytest.fixture
def good(tmp_path):
    return write(tmp_path / "good.wav", 9)


def damage(file, place=0.5, n_bytes=3000):
    """Overwrite a part of a file."""
    content = bytearray(file.read_bytes())
    first = int(len(content) * place)
    content[first : first + n_bytes] = np.random.default_rng(1).bytes(n_bytes)
    file.write_bytes(content)


def cut_in_half(file):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def test_a_damaged_block_of_flac(good, tmp_path):
    bad = tmp_path / "bad.flac"
    write(bad, 60)
    whole = whole_scores(bad, np.array([[s, s + 3.0] for s in np.arange(0, 60, 1.5)]))
    damage(bad)
    with pytest.warns(UserWarning, match="scored in part") as caught:
        scores = score_recordings(levels_model(), [bad, good], 3.0, output=tmp_path)
    (warning,) = caught
    one, two = str(warning.message).splitlines()
    assert one == "1 of 2 recordings is scored in part:"
    assert two.startswith(f"  {bad}: ") and "of 40 windows failed: 2" in two
    assert "decodes only in part (" in two
    own = scores.loc[[str(bad)]]
    failed = own.isna().all(axis=1).to_numpy()
    assert own[failed].isna().all(axis=None) and 2 <= failed.sum() <= 4
    np.testing.assert_allclose(own[~failed], whole[~failed], atol=1e-4)
    assert scores.loc[[good]].notna().all(axis=None)
    row = read_journal(tmp_path).set_index("file").loc[str(bad)]
    assert row["outcome"] == "partly" and row["n_failed"] == failed.sum()
    ((start, end, reason),) = row["failed"]
    assert 25 < start < end < 35 and reason in two
    lost = [times_of(own)[failed][0, 0], times_of(own)[failed][-1, 1]]
    # What only windows without scores hold.
    assert row["seconds_scored"] == pytest.approx(60 - (lost[1] - lost[0] - 3.0))
    # Also where nothing is scored again.
    with pytest.warns(UserWarning, match="scored in part"):
        score_recordings(levels_model(), [bad, good], 3.0, output=tmp_path)
    with pytest.raises(AudioFileError, match=r"bad\.flac: . of 40 windows failed"):
        score_recordings(levels_model(), [good, bad], 3.0, on_error="raise")


def test_recordings_that_cannot_be_opened(good, tmp_path):
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("not a sound at all")
    soundfile.write(tmp_path / "none.wav", np.zeros(0), 16000)
    bad = [str(tmp_path / n) for n in ("empty.wav", "gone.wav", "none.wav", "text.wav")]
    lines = {
        "empty.wav: the file is empty (0 bytes)",
        "gone.wav: no such file",
        "none.wav: holds no samples",
        "text.wav: not a sound file that can be read (it holds text)",
    }
    with pytest.warns(UserWarning, match=r"4 recordings cannot be read") as caught:
        scores = score_recordings(levels_model(), [*bad, good], 3.0, n_jobs=2)
    named = str(caught[0].message).splitlines()[1:]
    assert len(caught) == 1
    assert {line.strip().removeprefix(f"{tmp_path}/") for line in named} == lines
    assert file_names(scores) == [good] and scores.notna().all(axis=None)
    with pytest.raises(AudioFileError) as error:
        score_recordings(levels_model(), [*bad, good], 3.0, on_error="raise")
    assert all(line in str(error.value) for line in lines)
    with pytest.warns(UserWarning, match="cannot be read"):
        scores = score_recordings(levels_model(), bad, 3.0, output=tmp_path / "out")
    assert scores.empty and scores.columns.tolist() == ["cat", "cow", "dog"]


def test_a_header_that_promises_more(good, tmp_path):
    file = tmp_path / "cut.wav"
    write(file, 60)
    cut_in_half(file)
    with pytest.warns(
        OddAudioWarning, match=r"cut\.wav: is cut short: holds 30\.00 of"
    ):
        scores = score_recordings(levels_model(), [file, good], 3.0, 0.0)
    own = scores.loc[[str(file)]]
    # Nothing is claimed of what is not there.
    assert times_of(own)[-1].tolist() == [27, 30]
    np.testing.assert_allclose(own, whole_scores_of_part(file, own), atol=1e-4)


def whole_scores_of_part(file, scores):
    end = soundfile.info(file).duration
    return whole_scores(file, times_of(scores), start=0.0, end=min(end, 30 - 1e-3))


@pytest.mark.parametrize("change", ["grows", "is cut", "goes away"])
def test_a_recording_that_changes_while_it_is_read(
    good, tmp_path, monkeypatch, change, recwarn
):
    file = tmp_path / "new.wav"
    write(file, 60)
    content = file.read_bytes()
    before = score_recordings(levels_model(), [file, good], 3.0)
    real = AudioStream._read

    def read(stream, first, last):
        if stream.file == str(file) and first:
            if change == "goes away":
                file.unlink(missing_ok=True)
            else:
                n_bytes = len(content) // 4 if change == "is cut" else 2 * len(content)
                with open(file, "r+b") as opened:
                    opened.truncate(n_bytes)
        return real(stream, first, last)

    monkeypatch.setattr(AudioStream, "_read", read)
    scores = score_recordings(levels_model(), [file, good], 3.0)
    messages = [str(w.message) for w in recwarn if "new.wav" in str(w.message)]
    assert "has changed meanwhile: its scores are of what" in messages[-1]
    assert scores.index.equals(before.index)
    failed = scores.isna().any(axis=1)
    np.testing.assert_allclose(scores[~failed], before[~failed], atol=1e-4)
    if change == "is cut":
        # It is read in blocks of 30 s, the first of them before the cut.
        assert times_of(scores[failed])[0, 1] > 30 and failed.sum() > 15
        assert "became shorter" in messages[0]
    else:
        assert not failed.any()


def test_a_recording_that_goes_away_before_its_turn(good, tmp_path, monkeypatch):
    file = tmp_path / "gone.wav"
    write(file, 5)
    real = AudioStream.__iter__

    def iterate(stream):
        file.unlink(missing_ok=True)
        return real(stream)

    monkeypatch.setattr(AudioStream, "__iter__", iterate)
    with pytest.warns(UserWarning, match=r"gone\.wav: no such file"):
        scores = score_recordings(levels_model(), [good, file], 3.0, output=tmp_path)
    assert file_names(scores) == [good]
    assert read_journal(tmp_path)["outcome"].tolist() == ["failed", "scored"]


def test_rates_that_change_from_file_to_file(tmp_path):
    rates = [8000, 16000, 22050, 44100, 48000, 96000]
    files = [write(tmp_path / f"{rate}.wav", 7, rate) for rate in rates]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = score_recordings(levels_model(), files, 2.0)
    assert file_names(scores) == files
    for file in files:
        own = scores.loc[[file]]
        np.testing.assert_allclose(own, whole_scores(file, times_of(own)), atol=1e-4)


def test_one_sample(good, tmp_path):
    for rate in (8000, 48000):
        soundfile.write(tmp_path / f"{rate}.wav", np.array([0.5]), rate)
    files = [good, *(str(tmp_path / f"{rate}.wav") for rate in (8000, 48000))]
    with pytest.warns(OddAudioWarning, match="is silent from beginning to end"):
        scores = score_recordings(levels_model(), files, 3.0)
    assert [len(scores.loc[[file]]) for file in files] == [6, 1, 1]
    assert scores.notna().all(axis=None)
    assert times_of(scores)[-1].tolist() == [0, 3]


def test_a_window_longer_than_the_recording(tmp_path):
    file = write(tmp_path / "short.wav", 2.0)
    scores = score_recordings(levels_model(), file, 30.0)
    np.testing.assert_allclose(scores, whole_scores(file, np.array([[0, 2.0]])))
    assert times_of(scores).tolist() == [[0, 30]]
    scores = score_recordings(levels_model(), file, 30.0, final_clip="remainder")
    assert times_of(scores).tolist() == [[0, 2]]
    assert score_recordings(levels_model(), file, 30.0, final_clip=None).empty


def test_silence(good, tmp_path):
    """As of a recorder in a bag."""
    soundfile.write(tmp_path / "bag.wav", np.zeros(16000 * 100), 16000)
    files = [str(tmp_path / "bag.wav"), good]
    with pytest.warns(OddAudioWarning, match=r"bag\.wav: is silent from") as caught:
        scores = score_recordings(levels_model(), files, 3.0)
    assert len(caught) == 1
    assert scores.notna().all(axis=None)
    # The last two windows are shorter.
    assert (scores.loc[[files[0]]][:-2].nunique() == 1).all()


def test_384_kilohertz(tmp_path):
    rng = np.random.default_rng(0)
    hiss = 0.1 * rng.standard_normal(384000 * 4)
    bat = 0.3 * np.sin(np.arange(len(hiss)) * 2 * np.pi * 45 / 384)
    soundfile.write(tmp_path / "hiss.wav", hiss, 384000)
    soundfile.write(tmp_path / "bat.wav", bat, 384000)
    files = [str(tmp_path / name) for name in ("hiss.wav", "bat.wav")]
    message = r"bat\.wav: .*% of its energy lies above 4 kHz"
    with pytest.warns(OddAudioWarning, match=message):
        scores = score_recordings(levels_model(), files, 1.0)
    own = scores.loc[[files[1]]]
    assert scores.notna().all(axis=None) and len(own) == 8


def test_eight_channels_each_of_a_recorder(tmp_path):
    wave = noise(5, 16000, 8) * np.linspace(0, 3, 8)
    soundfile.write(tmp_path / "array.wav", wave, 16000)
    file = str(tmp_path / "array.wav")
    all_scores = []
    for channel in range(1, 8):
        scores = score_recordings(levels_model(), file, 1.0, channel=channel)
        expected = whole_scores(file, times_of(scores), channel)
        np.testing.assert_allclose(scores, expected, atol=1e-4)
        all_scores.append(scores)
    assert not all_scores[0].equals(all_scores[-1])
    with pytest.warns(
        UserWarning, match=r"array\.wav: has 8 channel\(s\), so there is"
    ):
        assert score_recordings(levels_model(), file, 1.0, channel=8).empty


def test_a_start_after_the_end(good, tmp_path):
    long = write(tmp_path / "long.wav", 20)
    with pytest.warns(
        UserWarning, match=r"good\.wav: the span from 12.0 s to the end holds"
    ):
        scores = score_recordings(levels_model(), [good, long], 3.0, start=12)
    assert file_names(scores) == [long] and times_of(scores)[0].tolist() == [12, 15]


def test_a_model_that_gives_no_numbers(good, tmp_path):
    class Blind(Levels):
        def transform(self, X):
            return np.c_[super().transform(X), [len(x) < 3 * RATE for x in X]]

    class NanHead(type(head())):
        def predict_proba(self, X):
            scores = super().predict_proba(X[:, :3])
            scores[X[:, 3] == 1] = np.nan
            return scores

    classifier = NanHead()
    vars(classifier).update(vars(head()))
    model = make_pipeline(WavLoader(RATE), Blind(), classifier)
    with pytest.warns(
        UserWarning, match=r"1 of 6 .*7\.50-10\.50 s the model gives numb"
    ):
        scores = score_recordings(model, good, 3.0)
    assert scores.isna().all(axis=1).tolist() == [False] * 5 + [True]


def test_a_reader_of_the_users_own_that_fails_in_part(good, tmp_path):
    file = tmp_path / "bad.flac"
    write(file, 60)
    damage(file)
    model = levels_model(channel="loudest")
    with pytest.warns(UserWarning, match=r"bad\.flac: . of 40 windows failed"):
        scores = score_recordings(model, [file, good], 3.0)
    failed = scores.isna().all(axis=1)
    assert 1 <= failed.sum() <= 5 and not failed.loc[[good]].any()


def test_fault_of_a_folder_without_sound(tmp_path):
    with pytest.raises(ValueError, match="no audio in it"):
        score_recordings(levels_model(), tmp_path, 3.0)


class Counted(Levels):
    """Levels that count how often they are computed, slowly, in threads."""

    n_calls = 0

    def transform(self, X):
        Counted.n_calls += 1
        time.sleep(0.02)
        return super().transform(X)


def test_no_thread_goes_on_when_the_work_is_stopped(tmp_path):
    long = write(tmp_path / "long.wav", 300)
    model = make_pipeline(WavLoader(RATE), Counted(), head())
    damaged = tmp_path / "damaged.flac"
    write(damaged, 12)
    damage(damaged)
    with pytest.raises(AudioFileError, match=r"damaged\.flac"):
        score_recordings(
            model, [damaged, long], 3.0, n_jobs=2, batch_size=2, on_error="raise"
        )
    n_calls = Counted.n_calls
    time.sleep(0.3)
    assert Counted.n_calls == n_calls < 100
