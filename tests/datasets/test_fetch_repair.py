import io
import zipfile
from pathlib import Path

import pytest
from fetch_site import cut, files_of, packed

from skaudio.datasets import _public_archives as archives
from skaudio.datasets import fetch_animals_sounds, fetch_esc10


def test_damage_on_disk_is_repaired(site, home, options):
    clips = fetch_esc10(**options)
    first, second = map(Path, clips.data[:2])
    original = first.read_bytes()
    kept = home / "esc10" / "my notes.txt"
    kept.write_text("mine")
    untouched = second.stat().st_ino

    first.unlink()
    with pytest.raises(OSError, match=r"1 file\(s\) missing or wrong: .*missing"):
        fetch_esc10(**options, download_if_missing=False)
    fetch_esc10(**options)
    assert first.read_bytes() == original

    first.write_bytes(original + b"x")
    with pytest.raises(OSError, match=f"{len(original) + 1} bytes, expected"):
        fetch_esc10(**options, download_if_missing=False)
    fetch_esc10(**options)
    assert first.read_bytes() == original

    tampered = original[:-1] + bytes([original[-1] ^ 1])
    first.write_bytes(tampered)
    fetch_esc10(**options)
    assert first.read_bytes() == tampered  # of equal size: only verify finds it
    with pytest.raises(OSError, match="sha256"):
        fetch_esc10(**options, download_if_missing=False, verify=True)
    fetch_esc10(**options, verify=True)
    assert first.read_bytes() == original

    assert len(site.requests) == 4
    assert kept.read_text() == "mine" and second.stat().st_ino == untouched


def test_repair_that_fails_changes_nothing(site, home, options):
    first = Path(fetch_esc10(**options).data[0])
    first.unlink()
    before = files_of(home)
    site.script = [cut, cut]
    with (
        pytest.warns(UserWarning, match="trying again"),
        pytest.raises(OSError, match="cut"),
    ):
        fetch_esc10(**options)
    assert files_of(home) == before


@pytest.mark.parametrize("subfolder", ["", "top", "Dataset"])
def test_unpacked_by_hand(home, subfolder):
    archive = archives.ANIMALS_SOUNDS
    target = home / archive.name
    with zipfile.ZipFile(io.BytesIO(packed(archive.name))) as bundle:
        bundle.extractall(target)
    top = target / archive.top
    if subfolder == "Dataset":
        (top / "Dataset").rename(target / "Dataset")
    elif not subfolder:
        top.rename(home / "other")
        target.rmdir()
        (home / "other" / "Dataset").rename(target)
    clips = fetch_animals_sounds(download_if_missing=False, verify=True)
    assert all(Path(file).is_file() for file in clips.data)
    assert (home / archive.name) in Path(clips.data[0]).parents


def test_repair_where_it_was_unpacked_by_hand(site, home, options):
    with zipfile.ZipFile(io.BytesIO(packed("animals_sounds"))) as bundle:
        bundle.extractall(home / "animals_sounds")
    first = Path(fetch_animals_sounds(**options).data[0])
    first.unlink()
    assert fetch_animals_sounds(**options).data[0] == str(first)
    assert first.is_file() and len(site.requests) == 1
