"""`skaudio listen`."""

import pandas as pd
import pytest
import soundfile

from skaudio.datasets import make_animal_sounds


@pytest.fixture(scope="module")
def field(tmp_path_factory, quick_model):
    """A folder with a model and a recording."""
    folder = tmp_path_factory.mktemp("field")
    calls = make_animal_sounds(3, n_classes=3, output_dir=folder, random_state=0)
    quick_model(folder / "Training", folder / "model.skaudio")
    sound, rate = soundfile.read(calls.data[0])
    soundfile.write(folder / "dawn.wav", sound, rate)
    return folder


def test_a_file(field, command, tmp_path):
    arguments = field / "model.skaudio", "--input", field / "dawn.wav", "--window", 1
    status, out, err = command("listen", *arguments, "-o", tmp_path / "events.csv")
    assert status == 0, err
    found = pd.read_csv(tmp_path / "events.csv")
    assert len(out.splitlines()) == len(found) > 0
    assert found["annotation"][0] in out and f"{len(found)} event" in err
    status, _, err = command("listen", *arguments, "-o", tmp_path / "events.csv")
    assert status == 1 and "may hold events of an earlier run" in err


def test_what_does_not_fit(field, command, tmp_path):
    model = field / "model.skaudio"
    for arguments, message in (
        ((model, "--input", "-"), "--input -: expected --rate"),
        ((model, "--input", "no.wav"), "no.wav: no such folder or file"),
        ((model, "--rate", 8000, "-i", field / "dawn.wav"), "--rate 8000: exp"),
        ((model, "--min-confidence", 2), "--min-confidence 2.0: expected 0 to 1"),
        ((field / "dawn.wav",), "name the model first"),
        ((model, "-o", model), "is an input of this command"),
    ):
        status, _, err = command("listen", *arguments)
        assert status == 1 and message in err.replace("\n", ""), err
