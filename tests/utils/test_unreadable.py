import pytest

from skaudio import AudioFileError
from skaudio._utils.choices import one_of
from skaudio._utils.unreadable import report_unreadable

ERRORS = [AudioFileError(f"{name}.wav", "is damaged") for name in "abc"]


def test_warns_of_every_file(recwarn):
    report_unreadable([], "0 of 3 clips", "warn")
    assert not recwarn
    with pytest.warns(
        UserWarning, match=r"3 of 9 clips cannot(?s:.*)a.wav: is(?s:.*)c"
    ):
        report_unreadable(ERRORS, "3 of 9 clips", "warn")


def test_raises_the_first_and_names_the_others():
    report_unreadable([], "0 of 3 clips", "raise")
    with pytest.raises(AudioFileError, match=r"^a.wav: is damaged$"):
        report_unreadable(ERRORS[:1], "1 of 9 clips", "raise")
    expected = "^a.wav: is damaged; and 2 more: b.wav: is damaged; c.wav: is damaged$"
    with pytest.raises(AudioFileError, match=expected) as caught:
        report_unreadable(ERRORS, "3 of 9 clips", "raise")
    assert caught.value.file == "a.wav"


def test_one_of():
    one_of("split", "test", {"train": 1, "test": 2})
    one_of("final_clip", None, (None, "full"))
    for value in ("dev", None, ["train"]):
        with pytest.raises(ValueError, match=r"^split=.*: expected one of 'train', 't"):
            one_of("split", value, {"train": 1, "test": 2})
