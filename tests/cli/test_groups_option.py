"""`--groups` and `--group-pattern`: groups of the user, on the command line."""

import shutil

import pytest
from typer.testing import CliRunner

from skaudio.cli._app import app

NAMES = [
    *("cat/tom_1.wav", "cat/tom_2.wav", "cat/kit_1.wav", "cat/kit_2.wav"),
    *("cow/ada_1.wav", "cow/ada_2.wav", "cow/eva_1.wav", "cow/eva_2.wav"),
]
PATTERN = r"^([a-z]+)_"
_OUTPUTS = {"train": "model.skaudio", "ablate": "tables", "report": "page.html"}


@pytest.fixture(scope="module")
def folders(clip_folder, tmp_path_factory):
    """Clips whose names begin with the animal; of one of them is the test clip."""
    root = tmp_path_factory.mktemp("groups")
    files = sorted(clip_folder.rglob("*.wav"))
    for name, file in zip([*NAMES, "../Test/cat/tom_9.wav"], files, strict=False):
        path = root / "Training" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, path)
    rows = [f"{name};{name[4:7]}" for name in [*NAMES, "cat/tom_9.wav"]]
    (root / "groups.csv").write_text("file;group\n" + "\n".join(rows))
    return root


def run(*arguments):
    """Run a command in this process: a process of its own takes seconds to start."""
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_audit_reports_leaks_of_own_groups(skaudio, folders):
    command = ("audit", folders / "Training", "--test", folders / "Test")
    shown = [
        run(*command, "--group-pattern", PATTERN).stdout,
        skaudio(*command, "--groups", folders / "groups.csv").stdout,
    ]
    for text in shown:
        assert "8 training and 1 test clips of 2 classes in 4 groups" in text
        assert "1 test clip has a clip of the same group of yours in training" in text


@pytest.mark.parametrize("name", ["train", "ablate", "report"])
def test_fits_keep_own_groups_together(folders, name, tmp_path):
    # Two animals per class make two folds, not three: the error comes before any fit.
    output = tmp_path / _OUTPUTS[name]
    command = (name, folders / "Training", "--cv", 3, "-o", output)
    for option in (("--group-pattern", PATTERN), ("--groups", folders / "groups.csv")):
        error = str(run(*command, *option).exception)
        assert "--cv 3: expected at most as many folds as a class has groups" in error
        assert "cat has the most, 2" in error


@pytest.mark.parametrize("name", ["train", "ablate", "report"])
def test_the_channel_is_an_option_wherever_models_are_fitted(folders, name, tmp_path):
    command = (name, folders / "Training", "-o", tmp_path / _OUTPUTS[name])
    chosen = ("--classifier", "cnn1d", "--channel", 1)
    error = str(run(*command, *chosen).exception)
    assert "None of 8 clips can be read" in error and "channel" in error


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--group-pattern", "("], "--group-pattern '(' is no regular expression"),
        (["--group-pattern", "(tom)"], "finds no group for 6 of 8 clips, such as"),
        (["--groups", "gone.csv"], "gone.csv: no such table"),
        (["--groups", "gone.csv", "--group-pattern", "(a)"], "expected only one of"),
    ],
)
def test_bad_groups_are_named(folders, options, reason, tmp_path):
    for name in ("audit", "train", "ablate", "report"):
        output = [] if name == "audit" else ["-o", tmp_path / _OUTPUTS[name]]
        error = run(name, folders / "Training", *output, *options).exception
        assert isinstance(error, (ValueError, OSError))
        assert reason in str(error) and "\n" not in str(error)
