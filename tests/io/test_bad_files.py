import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from bad_files import CASES, LITTLE, OPEN
from sound_files import RATE, sound

from skaudio import WavLoader
from skaudio.io import clip_windows, open_audio

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "bad_files.md"


OUTCOMES = {"read": "read", "warning": "read, with a warning", "refused": "refused"}


def test_every_row_of_the_page_has_a_case_and_every_case_a_row():
    rows = re.findall(r"^\| (.*) \| (.*) \| (.*) \|$", PAGE.read_text("utf-8"), re.M)
    rows = [row for row in rows if row[1] in OUTCOMES.values()]
    cases = {
        (case.kind, OUTCOMES[case.outcome], f"`{case.says}`" if case.says else "")
        for case in CASES
    }
    assert {*rows} - cases == set()
    assert cases - {*rows} == set()
    assert len(rows) == len(cases)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_outcome(case, tmp_path, capfd):
    file = case.make(tmp_path)
    error = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            case.use(file)
        except (ValueError, OSError) as raised:
            error = raised
    outcome = "refused" if error else "warning" if caught else "read"
    # One message is enough: no warning of numpy's beside the error.
    assert not (error and caught), caught
    said = str(error or "; ".join(str(warning.message) for warning in caught))
    assert outcome == case.outcome, said
    pattern = ".+".join(map(re.escape, case.says.split("…")))
    assert re.search(pattern, said), said
    assert "\n" not in said and (not said or file.name in said)
    assert capfd.readouterr().err == ""  # no decoder writes there


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.kind in (LITTLE[0], OPEN[0])],
    ids=lambda case: case.name,
)
def test_all_of_it_is_read(case, tmp_path):
    file = case.make(tmp_path)
    with open_audio(file) as audio:
        n_samples = audio.frames
    assert n_samples >= RATE
    if n_samples > 2 * RATE:  # the file of 4 GB
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        waveform = WavLoader().transform([file])[0]
        assert clip_windows([file], 0.5, final_clip=None).shape[0] == 2
    # Without a header MP3 begins with the encoder's padding.
    (expected,) = WavLoader().transform([sound(tmp_path, f"whole{file.suffix}")])
    shifts = range(3000 if file.suffix == ".mp3" else 1)
    length = min(len(waveform), len(expected)) - 3000
    assert any(
        np.allclose(waveform[shift : shift + length], expected[:length], atol=1e-3)
        for shift in shifts
    )
