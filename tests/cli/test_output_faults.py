"""Outputs that would cost another file are refused before any work."""

import os
import shutil
import time

import pandas as pd
import pytest

from skaudio._utils.verdicts import VERDICT_COLUMNS
from skaudio.datasets import make_animal_sounds

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
OUTPUTS = {
    "train": ("train", "clips", "--classifier", "cnn1d", "-j", 1, "-o"),
    "predict": ("predict", "m.skaudio", "rec.wav", "-j", 1, "--csv"),
    "evaluate": ("evaluate", "m.skaudio", "clips", "-j", 1, "--json"),
    "audit": ("audit", "clips", "-j", 1, "--html"),
    "report": ("report", "clips", "--classifier", "cnn1d", "-j", 1, "-o"),
}
# Files that the output of each command may not replace, though some have its extension.
OTHER_TYPES = {
    "train": ("table.csv", "facts.json", "page.html", "lying.joblib", "page.joblib"),
    "predict": (
        *("facts.json", "page.html", "lying.csv", "model.csv", "page.csv"),
        *("table.csv", "labels.csv"),
    ),
    "evaluate": (
        *("table.csv", "page.html", "lying.json", "model.json", "page.json"),
        "facts.json",
    ),
    "audit": (
        *("table.csv", "facts.json", "lying.html", "model.html", "table.html"),
        "page.html",
    ),
    "report": (
        *("table.csv", "facts.json", "lying.html", "model.html", "table.html"),
        "page.html",
    ),
}
FOLDERS = {
    "ablate": ("ablate", "clips", "--classifier", "cnn1d", "-o"),
    "report": ("report", "clips", "--classifier", "cnn1d", "-o", "r.html", "--cache"),
    "demo": ("demo", "-o"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory, quick_model):
    folder = tmp_path_factory.mktemp("made")
    made = make_animal_sounds(2, n_classes=2, output_dir=folder, random_state=0)
    (folder / "Training").rename(folder / "clips")
    shutil.rmtree(folder / "Noise")
    shutil.copy(folder / "clips" / "cat" / "cat_000_000.wav", folder / "rec.wav")
    quick_model(folder / "clips", folder / "m.skaudio")
    assert len(made.data) == 4
    return folder


@pytest.fixture
def place(made, tmp_path, monkeypatch):
    """A folder with clips, a recording, a model and files of many types."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("the cow, the cat\nwere recorded in May\n")
    (tmp_path / "page.html").write_text("<!doctype html><p>")
    (tmp_path / "table.csv").write_text("file,label\na.wav,cat\n")
    (tmp_path / "labels.csv").write_text("filename;species\na.wav;cat\n")
    (tmp_path / "facts.json").write_text('{"a": 1}')
    (tmp_path / "folder").mkdir()
    # Names that lie about the content.
    for kind in ("csv", "json", "html", "joblib"):
        shutil.copy("rec.wav", f"lying.{kind}")
        if kind != "joblib":
            shutil.copy("m.skaudio", f"model.{kind}")
        if kind != "html":
            shutil.copy("page.html", f"page.{kind}")
    shutil.copy("table.csv", "table.html")
    shutil.copy("table.csv", "table.wav")
    os.link("rec.wav", "hard.csv")
    os.symlink("rec.wav", "soft.csv")
    os.symlink("no-such-folder/a", "dangling")
    return tmp_path


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("name", OUTPUTS)
def test_fault_of_an_output_over_something_else(command, place, name):
    refused = [
        *("rec.wav", "clips/cat/cat_000_000.wav", "clips/../rec.wav", "table.wav"),
        *("hard.csv", "soft.csv", "dangling", "new.wav", "NEW.FLAC", "notes.txt"),
        *("folder", "clips", "no/new", "rec.wav/new", "x" * 300, *OTHER_TYPES[name]),
    ]
    before = contents(place)
    for path in refused:
        status, out, err = command(*OUTPUTS[name], path)
        assert status == 1 and not out, (path, err)
        # One line, and nothing before it: no clip was listed.
        (line,) = err.splitlines()
        assert line.startswith(f"error: {path}: "), line
    assert contents(place) == before


def test_fault_of_an_output_that_is_an_input_or_the_model(command, place):
    os.symlink(place, place / "detour")
    (place / "own.csv").write_text("file,label\n")
    os.link("own.csv", "second name.csv")
    for arguments in [
        ("predict", "m.skaudio", "own.csv", "--csv", "own.csv"),
        ("predict", "m.skaudio", "own.csv", "--csv", "./folder/../own.csv"),
        ("predict", "m.skaudio", "own.csv", "--csv", place / "own.csv"),
        ("predict", "m.skaudio", "own.csv", "--csv", "detour/own.csv"),
        ("predict", "m.skaudio", "own.csv", "--csv", "second name.csv"),
        ("predict", "m.skaudio", "not there.csv", "--csv", "not there.csv"),
        # What a shell makes of --csv rec/*.wav, and of a forgotten name.
        ("predict", "m.skaudio", "--csv", "clips/cat/cat_000_000.wav", "rec.wav"),
        ("predict", "m.skaudio", "rec.wav", "--csv", "m.skaudio"),
        ("evaluate", "m.skaudio", "clips", "--json", "m.skaudio"),
        ("train", "clips", "--noise", "own.csv", "-o", "own.csv"),
        ("audit", "own.csv", "--html", "own.csv"),
        ("report", "clips", "--noise", "page.html", "-o", "page.html"),
        ("report", "clips", "-o", "new.html", "--cache", "clips"),
        ("ablate", "clips", "-o", "clips"),
        ("ablate", "clips", "--noise", "folder", "-o", "detour/folder"),
    ]:
        before = contents(place)
        status, _, err = command(*arguments)
        (line,) = err.splitlines()
        assert status == 1 and line.startswith("error: "), line
        assert "is an input" in line or "sound file" in line
        assert contents(place) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_fault_of_a_pipe_or_device_as_output(command, place):
    """As root, a device would be replaced by a file."""
    os.mkfifo("pipe")
    os.symlink("pipe", "link.csv")
    for path in ("pipe", "link.csv"):
        status, _, err = command(*OUTPUTS["predict"], path)
        assert status == 1 and "is a device or pipe" in err
    assert os.path.islink("link.csv") and not os.path.isfile("pipe")


OF_A_USER = {  # what is written, by a command that has not begun to work
    "predict --csv": ("labels.csv", "predict", "m", "rec.wav", "--csv"),
    "predict --json": ("facts.json", "predict", "m", "rec.wav", "--json"),
    "evaluate": ("facts.json", "evaluate", "m.skaudio", "clips", "--json"),
    "search": ("labels.csv", "search", "index", "rec.wav", "-o"),
    "search, judged": ("verdicts.csv", "search", "index", "rec.wav", "-o"),
    "ablate, csv": ("ablation.csv", "ablate", "clips", "-o"),
    "ablate, json": ("ablation.json", "ablate", "clips", "-o"),
    "detect, events": ("events.csv", "detect", "m.skaudio", "rec.wav", "-o"),
    "detect, effort": ("effort.csv", "detect", "m.skaudio", "rec.wav", "-o"),
    "detect, run": ("run.json", "detect", "m.skaudio", "rec.wav", "-o"),
}


@pytest.mark.parametrize("name", OF_A_USER)
def test_fault_of_an_output_over_a_table_of_the_user(command, place, name):
    file, *arguments = OF_A_USER[name]
    if arguments[0] in ("ablate", "detect"):
        arguments.append("folder")
        file = f"folder/{file}"
    else:
        arguments.append(file)
    if file.endswith(".json"):
        shutil.copy("facts.json", place / "own.json")
        os.replace("own.json", file)
    elif file == "verdicts.csv":
        table = pd.DataFrame([["a.wav", *[None] * 9]], columns=VERDICT_COLUMNS)
        table.assign(verdict="no").to_csv(file, index=False)
    elif file != "labels.csv":
        shutil.copy("table.csv", file)
    before = contents(place)
    status, out, err = command(*arguments)
    line = err.splitlines()[-1]
    assert status == 1 and not out
    assert line.startswith(f"error: {file}: holds something other than "), err
    assert contents(place) == before


def test_outputs_replace_those_of_their_own_type(command, place):
    assert command(*OUTPUTS["predict"], "older.csv")[0] == 0
    shutil.copy("older.csv", "table.csv")
    (place / "facts.json").unlink()
    before = contents(place)
    os.symlink("table.csv", "latest.csv")
    os.symlink("not yet.csv", "later.csv")
    (place / "empty.txt").touch()
    for path in ("table.csv", "latest.csv", "later.csv", "empty.txt", "no extension"):
        for _ in range(2):  # over its own output, whatever the name
            assert command(*OUTPUTS["predict"], path)[0] == 0
    assert os.path.islink("latest.csv") and os.path.islink("later.csv")
    for path in ("table.csv", "not yet.csv", "empty.txt", "no extension"):
        assert pd.read_csv(path)["file"].tolist() == ["rec.wav"]
    for name, path in [
        *[("evaluate", "facts.json"), ("evaluate", "facts.json")],
        *[("evaluate", "new 2"), ("evaluate", "new 2")],
        *[("audit", "audit.html"), ("audit", "audit.html")],
    ]:
        assert command(*OUTPUTS[name], path)[0] == 0
    for _ in range(2):
        arguments = (*OUTPUTS["predict"][:-1], "--json", "p.json")
        assert command(*arguments)[0] == 0
    for path, content in before.items():
        if path.name not in ("table.csv", "facts.json"):
            assert contents(place)[path] == content
    assert not list(place.glob(".*"))


@pytest.mark.parametrize("name", FOLDERS)
def test_fault_of_an_output_folder(command, place, name):
    before = contents(place)
    for path in (
        "rec.wav",
        "m.skaudio",
        "notes.txt/below",
        "x" * 300,
        "new/" + "y" * 300,
    ):
        status, out, err = command(*FOLDERS[name], path)
        (line,) = err.splitlines()
        assert status == 1 and not out and f"error: {path}" in line, line
    assert contents(place) == before


def test_fault_of_files_in_the_output_folder(command, place):
    shutil.copy("rec.wav", "folder/ablation.csv")
    status, _, err = command(*FOLDERS["ablate"], "folder")
    assert status == 1 and "folder/ablation.csv: holds something other than" in err
    (place / "results").touch()
    status, _, err = command(*FOLDERS["ablate"], ".")
    assert status == 1 and "results: is a file, expected a folder" in err
    status, _, err = command("demo", "-o", "folder")
    assert status == 1 and "folder: is not empty, expected a new folder" in err
    assert os.listdir("folder") == ["ablation.csv"]


@pytest.mark.skipif(AS_ROOT or os.name == "nt", reason="root may write anywhere")
def test_fault_of_missing_rights(command, place):
    (place / "folder").chmod(0o500)
    (place / "table.csv").chmod(0o400)
    start = time.perf_counter()
    for arguments, reason in [
        ((*OUTPUTS["train"], "folder/m.skaudio"), "Permission denied"),
        ((*OUTPUTS["report"], "folder/r.html"), "Permission denied"),
        ((*FOLDERS["ablate"], "folder"), "Permission denied"),
        ((*FOLDERS["ablate"], "folder/new"), "Permission denied"),
        ((*OUTPUTS["predict"], "table.csv"), "the file is write-protected"),
    ]:
        status, _, err = command(*arguments)
        (line,) = err.splitlines()
        assert status == 1 and f"error: {arguments[-1]}" in line and reason in line
        assert "skaudio-" not in line  # no draft is named
    assert time.perf_counter() - start < 5
    (place / "folder").chmod(0o700)
