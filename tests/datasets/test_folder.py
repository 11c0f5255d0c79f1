import numpy as np
import pytest
import soundfile

from skaudio import AudioFileError
from skaudio.datasets import load_audio_folder
from skaudio.io import list_audio_files


def write(path, seed=0, n_samples=1600):
    path.parent.mkdir(parents=True, exist_ok=True)
    waveform = np.random.default_rng(seed).uniform(-0.5, 0.5, n_samples)
    soundfile.write(path, waveform, 16000)
    return path


def test_real_training_clips(animals_sounds):
    clips = load_audio_folder(animals_sounds / "Training", n_jobs=2)
    assert len(clips.data) == len(clips.target) == len(clips.groups) == 590
    assert len(clips.target_names) == 13 and clips.target_names[0] == "Bear"
    assert clips.rejected.empty and (clips.frame["file"] == clips.data).all()
    # 22 sets of byte-identical files, and many takes of one Freesound source.
    assert clips.frame["digest"].nunique() < 590
    assert clips.groups.max() + 1 < clips.frame["digest"].nunique()


def test_contents(tmp_path):
    expected = [write(tmp_path / name, seed) for seed, name in enumerate(CLIPS)]
    write(tmp_path / "Dog" / ".hidden.wav")
    write(tmp_path / ".cache" / "old.wav")
    (tmp_path / "Dog" / "notes.txt").write_text("no audio")
    clips = load_audio_folder(tmp_path)
    assert clips.data.tolist() == [str(path) for path in expected]
    assert clips.target.tolist() == ["Cat", "Dog", "Dog", "Dog"]
    assert clips.target_names == ["Cat", "Dog"]
    assert clips.frame.loc[0, ["sample_rate", "channels"]].tolist() == [16000, 1]
    assert clips.frame["duration"].tolist() == [0.1] * 4
    listed = load_audio_folder(tmp_path, groups=None)
    assert listed.groups is None and listed.data.tolist() == clips.data.tolist()
    assert list_audio_files([tmp_path]) == clips.data.tolist()


CLIPS = ["Cat/a.FLAC", "Dog/b c.wav", "Dog/site 1/d.WAV", "Dog/ночь.wav"]


def test_bad_clips_are_named_and_the_others_kept(tmp_path):
    write(tmp_path / "Cat" / "a.wav", 1)
    write(tmp_path / "Dog" / "b.wav", 2)
    (tmp_path / "Dog" / "empty.wav").touch()
    (tmp_path / "Dog" / "text.wav").write_text("hello")
    with pytest.warns(UserWarning, match=r"2 of 4 clips(?s:.*)empty.wav: the file is"):
        clips = load_audio_folder(tmp_path)
    assert len(clips.data) == 2 and clips.target.tolist() == ["Cat", "Dog"]
    assert len(clips.rejected) == 2 and "0 bytes" in clips.rejected["error"][0]
    with pytest.raises(AudioFileError, match=r"empty.wav.*and 1 more: .*text.wav"):
        load_audio_folder(tmp_path, on_error="raise")


def test_wrong_folders(tmp_path, animals_sounds):
    with pytest.raises(FileNotFoundError, match="nowhere: no such folder"):
        load_audio_folder(tmp_path / "nowhere")
    with pytest.raises(NotADirectoryError, match=r"one\.wav: is a file"):
        load_audio_folder(write(tmp_path / "one.wav"))
    with pytest.raises(ValueError, match=r"1 sound file\(s\) but no class folders"):
        load_audio_folder(tmp_path)
    (tmp_path / "void" / "Dog").mkdir(parents=True)
    with pytest.raises(ValueError, match="void: no audio in it"):
        load_audio_folder(tmp_path / "void")
    with pytest.raises(ValueError, match="void: no audio in it"):
        list_audio_files([tmp_path / "void"])
    with pytest.raises(
        ValueError, match=r"splits \(Noise, Test, Training\).*Training$"
    ):
        load_audio_folder(animals_sounds)
    (tmp_path / "bad" / "Dog").mkdir(parents=True)
    (tmp_path / "bad" / "Dog" / "x.wav").touch()
    with pytest.raises(ValueError, match="none of its 1 clips can be read"):
        load_audio_folder(tmp_path / "bad")
    for argument in ({"groups": "files"}, {"on_error": "ignore"}):
        with pytest.raises(ValueError, match="expected"):
            load_audio_folder(tmp_path, **argument)


def test_a_class_named_test_is_a_class(tmp_path):
    write(tmp_path / "Test" / "a.wav", 1)
    write(tmp_path / "Dog" / "b.wav", 2)
    assert load_audio_folder(tmp_path).target_names == ["Dog", "Test"]


def test_skipped_files_are_reported(tmp_path):
    write(tmp_path / "Dog" / "b.wav")
    write(tmp_path / "loose.wav")
    (tmp_path / "Owl").mkdir()
    with pytest.warns(UserWarning) as caught:
        load_audio_folder(tmp_path)
    text = "\n".join(str(warning.message) for warning in caught)
    assert "no audio in Owl" in text and "such as loose.wav" in text
