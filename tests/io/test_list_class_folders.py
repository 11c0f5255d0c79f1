import warnings

import pytest

from skaudio.io import is_audio_file, list_audio_files, list_class_folders


@pytest.fixture
def folder(tmp_path):
    """Clips of two classes, hidden files, and files that are no audio."""
    for name in (
        "Dog/b.wav",
        "Dog/site 1/a.OGG",
        "Cat/c.flac",
        "Dog/.hidden.wav",
        "Dog/notes.txt",
        ".cache/d.wav",
    ):
        path = tmp_path / "clips" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "clips"


def test_files_and_labels(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        files, labels = list_class_folders(folder)
    names = ["Cat/c.flac", "Dog/b.wav", "Dog/site 1/a.OGG"]
    assert files == [str(folder / name) for name in names]
    assert labels == ["Cat", "Dog", "Dog"]
    assert list_class_folders(str(folder)) == (files, labels)
    assert list_audio_files([folder]) == files


def test_warnings(folder):
    (folder / "Owl").mkdir()
    (folder / "loose.wav").touch()
    with pytest.warns(UserWarning) as caught:
        files, labels = list_class_folders(folder)
    empty, loose = (str(warning.message) for warning in caught)
    assert empty == f"{folder}: no audio in Owl; skipped."
    assert loose.startswith(f"{folder}: 1 sound file(s) beside the class folders")
    assert loose.endswith("such as loose.wav.")
    assert len(files) == len(labels) == 3


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (None, FileNotFoundError, "root: no such folder"),
        ([""], NotADirectoryError, "is a file, expected a folder that has one sub-f"),
        (["a.wav"], ValueError, r"has 1 sound file\(s\) but no class folders"),
        (["Dog/notes.txt"], ValueError, r"no audio in it; .* one per class$"),
        (["Training/Dog/a.wav", "Test/Dog/b.wav"], ValueError, r"\(Test, Training\)"),
    ],
)
def test_errors(tmp_path, names, error, message):
    root = tmp_path / "root"
    for name in names or ():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with pytest.raises(error, match=message):
        list_class_folders(root)


def test_a_class_may_have_the_name_of_a_split(tmp_path):
    for name in ("Test/a.wav", "Dog/b.wav"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    assert list_class_folders(tmp_path)[1] == ["Dog", "Test"]


def test_is_audio_file():
    assert is_audio_file("Dog/bark.WAV") and is_audio_file("a.m4a")
    assert not is_audio_file("Dog/.bark.wav") and not is_audio_file("wav")


def test_list_audio_files_without_audio(tmp_path):
    with pytest.raises(ValueError, match=r"no audio in it; looked for \.wav"):
        list_audio_files([tmp_path])
    assert list_audio_files([tmp_path, "any.name"], allow_empty=True) == ["any.name"]
