"""Odd arguments of every command: a result, or one line that names the value."""

import os
import random
import shutil
import sys

import pytest

from skaudio.datasets import make_animal_sounds

# A run that accepts the odd argument ends here, before any training.
TOO_MANY_FOLDS = "--cv 9: expected at most"
# Arguments, options, and the options that are tried as well.
COMMANDS = {
    "train": (["clips"], {"-o": "new.skaudio", "--cv": "9", "--classifier": "cnn1d"}),
    "ablate": (["clips"], {"-o": "new", "--cv": "9", "--classifier": "cnn1d"}),
    "report": (["clips"], {"-o": "new.html", "--cv": "9", "--classifier": "cnn1d"}),
    "predict": (["m.skaudio", "a.wav"], {}),
    "evaluate": (["m.skaudio", "clips"], {}),
    "audit": (["few"], {}),
    "fetch": (["esc10"], {"--base-url": "no address"}),
    "demo": ([], {"-o": "a.wav"}),
}
TRIED = {
    "train": ("-o", "--classifier", "--cv", "--seed", "-j", "--test", "--noise"),
    "ablate": ("-o", "--classifier", "--only", "--cv", "--seeds", "--repeats", "-j")
    + ("--seed", "--features", "--pretrain", "--test", "--noise"),
    "report": ("-o", "--classifier", "--cv", "--seeds", "--repeats", "--seed", "-j")
    + ("--features", "--test", "--noise", "--test-noise", "--cache"),
    "predict": ("--csv", "-j"),
    "evaluate": ("--json", "-j"),
    "audit": ("--test", "--html", "-j"),
    "fetch": ("--data-home", "--base-url"),
    "demo": ("-o", "--seed"),
}
ODD = [
    *(
        "",
        " ",
        "nowhere",
        "no/where",
        "empty",
        "clips",
        "notes.txt",
        "a.wav",
        "void.wav",
    ),
    *(
        "m.skaudio",
        "x" * 300,
        "y/" * 500 + "z",
        "bad\udcff.wav",
        "line\nbreak",
        "-",
        "--",
    ),
    *("nan", "-1", "1e999", "0", "9" * 25, "10.5", "~", "*", "[bold]x", "a.wav/b", "."),
    *(
        "clips/../clips",
        "\x1b[31m",
        "None",
        "cat",
        "a\tb",
        "тест",
        "-x",
        "--cv",
        "esc10",
    ),
]


def slots():
    for name, (arguments, _) in COMMANDS.items():
        yield from ((name, place) for place in range(len(arguments)))
        yield from ((name, option) for option in TRIED[name])


@pytest.fixture
def place(tmp_path, monkeypatch, quick_model):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SKAUDIO_DATA", str(tmp_path / "home"))
    make_animal_sounds(3, n_classes=2, output_dir=tmp_path, random_state=0)
    (tmp_path / "Training").rename("clips")
    for label in ("cat", "cow"):
        (tmp_path / "few" / label).mkdir(parents=True)
        shutil.copy(next(tmp_path.glob(f"clips/{label}/*")), f"few/{label}")
    shutil.copy(next(tmp_path.glob("clips/cat/*")), "a.wav")
    quick_model("clips", "m.skaudio")
    (tmp_path / "empty").mkdir()
    (tmp_path / "void.wav").touch()
    (tmp_path / "notes.txt").write_text("cats, cows\n")
    return tmp_path


def names_value(text, value):
    """Whether a message names a value, perhaps in part or with escapes."""
    text = "".join(text.replace("│", "").split())
    shown = (value, value.encode("unicode_escape").decode(), ascii(value)[1:-1])
    return any("".join(form.split())[:40] in text for form in shown)


@pytest.mark.parametrize("seed", range(3))
def test_fuzz(command, place, seed):
    rng = random.Random(seed)
    inputs = {path: path.read_bytes() for path in place.rglob("*.*") if path.is_file()}
    cases = [(slot, odd) for slot in slots() for odd in ODD]
    for (name, slot), odd in rng.sample(cases, 60):
        arguments, options = list(COMMANDS[name][0]), dict(COMMANDS[name][1])
        if isinstance(slot, int):
            arguments[slot] = odd
        else:
            options[slot] = odd
        if name == "demo" and "a.wav" not in options["-o"]:
            continue  # would train
        said = [part for pair in options.items() for part in pair]
        case = [name, *said, "--", *arguments]
        status, _, err = command(*case)
        assert "Traceback" not in err, (case, err)
        assert status in (0, 1, 2), (case, status, err)
        errors = [line for line in err.splitlines() if line.startswith("error: ")]
        if status == 1:
            assert len(errors) == 1, (case, err)
            accepted = TOO_MANY_FOLDS in errors[0] or name in ("fetch", "demo")
            assert accepted or not odd or names_value(errors[0], odd), (case, err)
        elif status == 2:  # the box of typer
            assert not errors and names_value(err, odd), (case, err)
        for path, content in inputs.items():
            assert path.read_bytes() == content, (case, path)
        assert not list(place.rglob(".skaudio-*")), case


def test_fuzz_of_names_as_the_system_gives_them(command, place):
    """File names in another encoding, as arguments that are undecodable."""
    if sys.platform != "linux":
        pytest.skip("only Linux has file names that are no text")
    name = os.fsdecode(b"h\xf6ren.wav")
    shutil.copy("a.wav", name)
    status, out, err = command("predict", "m.skaudio", name, "--csv", "p.csv", "-j", 1)
    assert status in (0, 1) and "Traceback" not in err
    assert "h\\udcf6ren.wav" in (out if status == 0 else err)
    if status == 0:
        assert "h\\udcf6ren.wav" in (place / "p.csv").read_text("utf-8")


@pytest.mark.parametrize("empty", [("",), ("--csv=",), ("--csv", "")])
def test_fault_of_an_empty_argument(command, place, empty):
    """As of "$UNSET", which would otherwise be the current folder."""
    before = sorted(os.listdir())
    status, out, err = command("predict", "m.skaudio", "a.wav", *empty)
    (line,) = err.splitlines()
    assert status == 1 and not out and "is empty, expected a value" in line
    assert sorted(os.listdir()) == before
