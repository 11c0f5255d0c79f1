"""Errors that name the options that were typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skaudio.cli._option_names import with_option_names

OPTIONS = ("--window", "--overlap", "--channel", "--time-zone", "--top")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "clip_overlap=5.0 with clip_duration=3.0: each",
            "--overlap 5.0 with --",
        ),
        ("time_zone='No: where' is none", "--time-zone 'No: where' is none"),
        ("n=0: expected a number", "--top 0: expected a number"),
        (
            "The 'channel' parameter of WavLoader must be an int or 'a. b'. Got 'c' "
            "instead.",
            "--channel 'c': expected an int or 'a. b'",
        ),
        ("clip_duration=None: the model has none", "--window: the model has none"),
        # What the command has no option for, and what is no parameter.
        ("padding=-1: expected", "padding=-1: expected"),
        ("window", "window"),
        ("The window=3 is short", "The window=3 is short"),
        ("clips/window=3.wav: gone", "clips/window=3.wav: gone"),
    ],
)
def test_options_are_named_where_parameters_were(text, expected):
    assert with_option_names(text, OPTIONS).startswith(expected)


@given(st.text())
def test_what_follows_the_name_stays(text):
    changed = with_option_names(f"window={text}", OPTIONS)
    assert changed.removeprefix("--window ") in (text, f"window={text}")


def test_a_file_may_be_named_like_a_parameter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "window=3.wav").touch()
    text = "window=3.wav: holds no samples"
    assert with_option_names(text, OPTIONS) == text
