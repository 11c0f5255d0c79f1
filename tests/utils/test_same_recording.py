"""Which recording a name in a table means."""

import pytest

from skaudio._utils.same_recording import find_recordings

RECORDINGS = ["north/May/dawn.flac", "south/May/dawn.flac", "south/dusk.wav"]


@pytest.mark.parametrize(
    "name, meant",
    [
        ("south/May/dawn.flac", "south/May/dawn.flac"),
        ("/media/card/South/May/dawn.flac", "south/May/dawn.flac"),
        (r"D:\south\may\dawn.flac", "south/May/dawn.flac"),
        ("elsewhere/south/May/dawn.wav", "south/May/dawn.flac"),
        ("dusk.txt", "south/dusk.wav"),
        ("noon.wav", None),
    ],
)
def test_the_recording_in_folders_of_the_same_names_is_meant(name, meant):
    assert find_recordings([name], RECORDINGS) == {name: meant}


@pytest.mark.parametrize("name", ["dawn.flac", "May/dawn.wav", "west/May/dawn.flac"])
def test_a_name_of_two_recordings_is_an_error_that_names_both(name):
    with pytest.raises(ValueError, match=r"north/May/dawn.flac or south/May/dawn.flac"):
        find_recordings([name], RECORDINGS)
