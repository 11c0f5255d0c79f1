"""What functions return is shown in a few lines, and pickles as before."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

from skaudio._utils.bunch import Bunch
from skaudio.datasets import make_animal_sounds

MANY = Bunch(
    data=np.array(["clip.wav"] * 9999, dtype=object),
    frame=pd.DataFrame({"a": range(9999), "<b>": "x"}),
    target_names=[f"class {i}" for i in range(500)],
    run={f"key {i}": "long" * 999 for i in range(99)},
    note="<script>alert(1)</script>" * 99,
    groups=None,
)


def test_a_large_bunch_is_shown_in_one_short_line_per_entry():
    lines = repr(MANY).splitlines()
    assert [line.split()[0] for line in lines] == list(MANY)
    assert max(map(len, lines)) < 400
    assert "(9999,)" in lines[0] and "9999 rows x 2 columns" in lines[1]
    assert "500" in lines[2] and "class 0" in lines[2] and lines[-1].endswith("None")


def test_names_and_texts_are_escaped_in_html():
    assert "<script>" not in MANY._repr_html_()
    assert Bunch(**{"<b>": 1})._repr_html_().count("<b>") == 0


def test_an_empty_one_is_shown():
    assert repr(Bunch()) == "" and Bunch()._repr_html_() == "<table></table>"


def test_clips_are_short_and_survive_pickling_and_copying():
    clips = make_animal_sounds(6, n_classes=2, random_state=0)
    assert len(repr(clips)) < 800
    for again in (pickle.loads(pickle.dumps(clips)), copy.deepcopy(clips)):
        assert type(again) is type(clips) and list(again) == list(clips)
        assert again.target.tolist() == clips.target.tolist()
    with pytest.raises(AttributeError, match="nothing"):
        clips.nothing  # noqa: B018
