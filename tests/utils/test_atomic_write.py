import os
import stat

import pytest

from skaudio._utils.atomic import atomic_write, write_text


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_file_is_whole(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_bytes(b"older and longer")
    with atomic_write(path) as file:
        file.write(b"new")
        # The older file stays until the block ends.
        assert path.read_bytes() == b"older and longer"
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["scores.csv"]


@pytest.mark.parametrize("older", [b"older", None])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, OSError])
def test_an_interruption_leaves_the_older_file(tmp_path, older, error):
    path = tmp_path / "scores.csv"
    if older is not None:
        path.write_bytes(older)
    with pytest.raises(error), atomic_write(path) as file:
        file.write(b"half")
        file.flush()
        raise error
    assert os.listdir(tmp_path) == ([] if older is None else ["scores.csv"])
    assert older is None or path.read_bytes() == older


def test_an_error_of_the_disk_is_reported_with_path_and_reason(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_bytes(b"older")
    expected = r"scores\.csv: the table .*No space left.*older file there is untouched"
    with pytest.raises(OSError, match=expected), atomic_write(path, "the table"):
        raise OSError(28, "No space left on device")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_permission_bits(tmp_path):
    path = tmp_path / "scores.csv"
    umask = os.umask(0o027)
    try:
        write_text(path, "new")
        assert mode_of(path) == 0o640
        path.chmod(0o604)
        write_text(path, "newer")
    finally:
        os.umask(umask)
    # The permissions of the older file are kept.
    assert mode_of(path) == 0o604


def test_where_nothing_can_be_written(tmp_path):
    with pytest.raises(OSError, match="its folder does not exist"):
        write_text(tmp_path / "missing" / "page.html", "text", "the page")
    with pytest.raises(
        OSError, match="the page cannot be written there, it is a folder"
    ):
        write_text(tmp_path, "text", "the page")
    assert os.listdir(tmp_path) == []


def test_characters_that_utf8_cannot_encode(tmp_path):
    write_text(tmp_path / "page.html", "ночь \udcff")
    assert (tmp_path / "page.html").read_text("utf-8") == "ночь \\udcff"
