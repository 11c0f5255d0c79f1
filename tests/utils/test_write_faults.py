"""Files that cannot be written: found before the work, named as the user named them."""

import os
import shutil
import subprocess
import sys

import pytest

from skaudio._utils.atomic import (
    atomic_write,
    check_folder,
    check_writable,
    write_text,
)

posix = pytest.mark.skipif(os.name == "nt", reason="no such files on Windows")


def write(path, kind=None):
    write_text(path, "text", "the table", kind)


@posix
@pytest.mark.parametrize("function", [check_writable, write])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("x" * 256, "File name too long"),
        ("loop", "symbolic links"),
        ("file/below", "Not a directory"),
        ("no/folder", "its folder does not exist"),
        ("folder", "it is a folder"),
        ("link to folder", "it is a folder"),
        ("pipe", "it is a device or pipe"),
        ("link to pipe", "it is a device or pipe"),
    ],
)
def test_fault_of_the_place(tmp_path, monkeypatch, function, name, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo("pipe")
    os.symlink("folder", "link to folder")
    os.symlink("pipe", "link to pipe")
    os.symlink("loop", "loop")
    before = sorted(os.listdir())
    with pytest.raises(OSError, match=f"^{name}: .*{reason}"):
        function(name)
    assert sorted(os.listdir()) == before


def test_a_name_of_full_length(tmp_path):
    path = tmp_path / ("x" * 251 + ".csv")
    check_writable(path)
    write(path)
    assert path.read_text() == "text"


@posix
def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "disk").mkdir()
    for name in ("older.csv", "not yet.csv"):
        link = tmp_path / f"link to {name}"
        link.symlink_to(tmp_path / "disk" / name)
        for _ in range(2):
            check_writable(link)
            write(link)
        assert link.is_symlink() and link.read_text() == "text"
    assert sorted(os.listdir(tmp_path / "disk")) == ["not yet.csv", "older.csv"]


@posix
def test_another_name_of_the_file_keeps_its_content(tmp_path):
    (tmp_path / "a.csv").write_text("older")
    os.link(tmp_path / "a.csv", tmp_path / "b.csv")
    write(tmp_path / "a.csv")
    assert (tmp_path / "b.csv").read_text() == "older"


def test_checks_leave_no_trace(tmp_path):
    (tmp_path / "a.csv").write_text("older")
    check_writable(tmp_path / "a.csv")
    with pytest.raises(FileExistsError, match="other than a table of events"):
        check_writable(tmp_path / "a.csv", kind="events.csv")
    check_writable(tmp_path / "b.csv", kind="events.csv")
    check_folder(tmp_path / "new" / "below")
    check_folder(tmp_path)
    assert os.listdir(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "older"


def test_fault_of_a_folder(tmp_path):
    (tmp_path / "file").touch()
    for name, reason in [
        ("file", "is a file, expected a folder"),
        ("file/below", r"the files cannot be written \("),
        ("new/" + "x" * 300, r"the files cannot be written \("),
    ]:
        with pytest.raises(OSError, match=f"{name}: {reason}"):
            check_folder(tmp_path / name)
    assert os.listdir(tmp_path) == ["file"]


FULL_DISK = """
import sys
from skaudio._utils.atomic import atomic_write, check_folder, check_writable

def reason(function, *arguments):
    try:
        function(*arguments)
    except OSError as error:
        print(error)

def write(path):
    with atomic_write(path, "the table") as file:
        file.write(bytes(10**6))

open("a.csv", "w").write("older")
check_writable("a.csv")
reason(write, "a.csv")
try:
    open("filler", "wb", 0).write(bytes(10**6))
    open("filler", "ab", 0).write(bytes(10**6))
except OSError:
    pass
reason(check_writable, "b.csv")
reason(check_writable, "a.csv")
reason(check_folder, "new")
"""


def test_fault_of_a_full_disk(tmp_path):
    """On a file system of 300 kB, in a name space of its own."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare to mount a small disk with")
    script = (
        f"mount -t tmpfs -o size=300k none '{tmp_path}' && cd '{tmp_path}' && "
        'echo mounted && "$@" && ls -A && cat a.csv'
    )
    spaces = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script)
    run = subprocess.run(
        [*spaces, "sh", sys.executable, "-c", FULL_DISK],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    if not run.stdout.startswith("mounted"):
        pytest.skip(f"no small disk can be mounted here: {run.stderr.strip()}")
    assert run.stdout.splitlines()[1:] == [
        "a.csv: the table cannot be written (No space left on device); the older file "
        "there is untouched",
        "b.csv: the file cannot be written (No space left on device)",
        "a.csv: the file cannot be written (No space left on device); the older file "
        "there is untouched",
        "new: the files cannot be written (No space left on device)",
        "a.csv",
        "filler",
        "older",
    ], run.stderr


def test_fault_after_the_check(tmp_path):
    """The folder goes away between the check and the writing."""
    folder = tmp_path / "folder"
    folder.mkdir()
    check_writable(folder / "a.csv")
    with pytest.raises(OSError, match=r"a\.csv: .* cannot be written \(No such file"):
        with atomic_write(folder / "a.csv"):
            shutil.rmtree(folder)


@posix
def test_fault_of_a_killed_process(tmp_path):
    """By kill -9, just before the file gets its name: it leaves a hidden draft."""
    (tmp_path / "a.csv").write_text("older")
    code = (
        "import os\n"
        "from skaudio._utils.atomic import write_text\n"
        "os.replace = lambda *_: os.kill(os.getpid(), 9)\n"
        "write_text('a.csv', 'newer')"
    )
    path = os.pathsep.join(filter(None, sys.path))
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert run.returncode == -9
    assert (tmp_path / "a.csv").read_text() == "older"
    (draft,) = tmp_path.glob(".*")
    write(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "text"
    assert sorted(tmp_path.iterdir()) == [draft, tmp_path / "a.csv"]
