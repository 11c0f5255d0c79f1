"""Folders and files behind links: followed, each file once, loops noticed."""

import os
import sys
import warnings

import numpy as np
import pytest
import soundfile

from skaudio.audit import audit_dataset
from skaudio.datasets import load_audio_folder
from skaudio.io import list_audio_files, list_class_folders

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights")


@pytest.fixture
def root(tmp_path):
    """Four clips of dogs, and behind links three cats and three more dogs."""
    for seed, name in enumerate(
        [f"clips/Dog/{n}.wav" for n in range(4)]
        + [f"disk/{kind}/{n}.wav" for kind in ("cats", "dogs") for n in "abc"]
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(seed).uniform(-0.5, 0.5, 1600)
        soundfile.write(path, noise, 16000)
    (tmp_path / "clips" / "Cat").symlink_to(tmp_path / "disk" / "cats")
    (tmp_path / "clips" / "Dog" / "more").symlink_to(tmp_path / "disk" / "dogs")
    return tmp_path / "clips"


def names(files, root):
    return [os.path.relpath(file, root) for file in files]


CATS = [f"Cat/{n}.wav" for n in "abc"]
DOGS = [f"Dog/{n}.wav" for n in range(4)] + [f"Dog/more/{n}.wav" for n in "abc"]


def test_linked_folders_are_followed(root):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        files, labels = list_class_folders(root)
        assert names(files, root) == [*CATS, *DOGS]
        assert labels == ["Cat"] * 3 + ["Dog"] * 7
        assert list_audio_files([root]) == files
        assert len(list_audio_files([root / "Cat"])) == 3
    assert len(load_audio_folder(root, None).data) == 10


def test_fault_of_links_in_a_loop_ends(root):
    (root / "Dog" / "self").symlink_to(root / "Dog")
    (root / "Dog" / "up").symlink_to(root.parent)
    (root / "Dog" / "more" / "back").symlink_to(root / "Dog")
    (root / "one").symlink_to("one")
    # A link up is no folder of this class: the cats are no dogs.
    files, labels = list_class_folders(root)
    assert names(files, root) == [*CATS, *DOGS] and labels.count("Cat") == 3
    assert list_audio_files([root]) == files
    (root / "All").symlink_to(root)
    (root / "Everything").symlink_to(root.parent)
    with pytest.warns(UserWarning, match="clips: All, Everything links to a folder"):
        assert list_class_folders(root)[0] == files


def test_a_file_that_links_reach_twice_is_one_file(root):
    (root / "Dog" / "again").symlink_to(root.parent / "disk" / "dogs")
    (root / "Dog" / "0 again.wav").symlink_to(root / "Dog" / "0.wav")
    (root / "Dog" / "more" / "0.wav").symlink_to(root / "Dog" / "0.wav")
    files, _ = list_class_folders(root)
    assert len(files) == 10 and len({os.path.realpath(file) for file in files}) == 10
    # Its own path is listed, not that of a link.
    assert str(root / "Dog" / "0.wav") in files


def test_fault_of_one_file_in_two_classes_is_a_label_conflict(root):
    (root / "Cat" / "dog.wav").symlink_to(root / "Dog" / "0.wav")
    files, _ = list_class_folders(root)
    assert len(files) == 11
    conflicts = audit_dataset(root, near=False, cv=1).label_conflicts
    assert sorted(conflicts.loc[0, ["label", "other_label"]]) == ["Cat", "Dog"]


def test_fault_of_links_that_lead_nowhere_is_named(root):
    (root / "Owl").symlink_to(root / "gone")
    (root / "Dog" / "b").symlink_to(root / "gone")
    (root / "Dog" / "c.wav").symlink_to(root / "gone.wav")
    with pytest.warns(UserWarning) as caught:
        files, _ = list_class_folders(root)
    texts = [str(warning.message) for warning in caught]
    assert any(f"{root}/Owl: no file or folder there" in text for text in texts)
    assert any(f"{root}/Dog/b: no file or folder there" in text for text in texts)
    # A sound file is listed, and named where it is read.
    assert str(root / "Dog" / "c.wav") in files
    with pytest.warns(UserWarning, match=r"Dog/c\.wav: no such file"):
        clips = load_audio_folder(root)
    assert len(clips.data) == 10 and len(clips.rejected) == 1


@pytest.mark.skipif(
    getattr(os, "geteuid", int)() == 0, reason="root may list every folder"
)
def test_fault_of_a_folder_that_may_not_be_listed_is_named(root):
    locked = root / "Dog" / "locked"
    locked.mkdir(mode=0)
    with pytest.warns(UserWarning, match="Dog/locked: cannot be listed"):
        assert len(list_audio_files([root])) == 10
    locked.chmod(0o700)
