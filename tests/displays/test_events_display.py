import numpy as np
import pandas as pd
import pytest
import soundfile
from matplotlib import pyplot

from skaudio.displays import EventsDisplay
from skaudio.recordings import find_events


def scores_of(*files):
    starts = np.arange(8.0)
    parts = [
        pd.DataFrame(
            {"frog": frog, "cat": 0.1, "noise": 0.9},
            index=pd.MultiIndex.from_arrays(
                [[file] * 8, starts, starts + 2],
                names=["file", "start_time", "end_time"],
            ),
        )
        for file, frog in files
    ]
    return pd.concat(parts)


FROG = [0.1, 0.8, 0.9, 0.1, 0.1, np.nan, 0.7, 0.1]
TRUTH = pd.DataFrame(
    [("x/a.wav", "frog", 2.0, 3.0), ("b.wav", "frog", 5.0, 6.0)],
    columns=["audio_file", "annotation", "start_time", "end_time"],
)


def spans(bars):
    boxes = [path.get_extents() for path in bars.get_paths()]
    return [(box.x0, box.x1) for box in boxes]


def test_what_is_drawn_is_what_is_found():
    scores = scores_of(("a.wav", FROG), ("b.wav", FROG[::-1]))
    display = EventsDisplay.from_scores(
        scores, {"frog": 0.5, "cat": 0.3}, truth=TRUTH, recording="a.wav"
    )
    expected = find_events(scores, {"frog": 0.5, "cat": 0.3})
    expected = expected[expected["audio_file"] == "a.wav"]
    drawn, nothing = map(spans, display.bars_["events"])
    assert drawn == list(zip(expected["start_time"], expected["end_time"], strict=True))
    assert len(drawn) == 2 and nothing == []
    assert list(map(spans, display.bars_["truth"])) == [[(2, 3)], []]
    panel, bars = display.axes_
    frog, *_ = panel.get_lines()
    np.testing.assert_array_equal(frog.get_xdata(), np.arange(8) + 1)
    np.testing.assert_allclose(frog.get_ydata(), np.float32(FROG))
    dashed = [line for line in panel.get_lines() if line.get_linestyle() == "--"]
    assert [line.get_ydata()[0] for line in dashed] == [0.5, 0.3]
    labels = [text.get_text() for text in bars.get_yticklabels()]
    assert labels == ["frog", "cat"] and display.ax_ is bars
    assert bars.get_xlim() == (0, 9)
    legend = [text.get_text() for text in panel.get_legend().get_texts()]
    assert legend == ["frog", "cat", "truth"]


def test_spectrogram_of_a_span_has_the_time_of_the_recording(tmp_path):
    rate = 8000
    time = np.arange(9 * rate) / rate
    beep = np.sin(2 * np.pi * 1000 * time) * ((time > 4) & (time < 5))
    path = tmp_path / "a.wav"
    soundfile.write(path, beep, rate)
    scores = scores_of((str(path), FROG))
    for sound in (True, (beep, rate)):
        display = EventsDisplay.from_scores(scores, sound=sound, span=(3, 8))
        picture = display.axes_[0].get_images()[0]
        left, right, *_ = picture.get_extent()
        levels = np.ma.filled(picture.get_array(), -np.inf).max(axis=0)
        at = np.linspace(left, right, len(levels))[levels > levels.max() - 20]
        assert at.min() == pytest.approx(4, abs=0.1)
        assert at.max() == pytest.approx(5, abs=0.1)
        assert display.axes_[0].get_xlim() == (3, 8) and len(display.axes_) == 3


def test_silence_can_be_drawn():
    sound = (np.zeros(9 * 8000), 8000)
    display = EventsDisplay.from_scores(scores_of(("a.wav", FROG)), sound=sound)
    display.figure_.canvas.draw()


def test_axes_that_do_not_fit_and_recordings_that_are_not_there():
    one, two = scores_of(("a.wav", FROG)), scores_of(("a.wav", FROG), ("b.wav", FROG))
    axes = pyplot.subplots(2)[1]
    assert EventsDisplay.from_scores(one, ax=axes).ax_ is axes[1]
    with pytest.raises(ValueError, match="1 axes: expected 2, for scores, events"):
        EventsDisplay.from_scores(one, ax=axes[:1])
    for recording in (None, "c.wav"):
        with pytest.raises(ValueError, match=r"one of the 2 in scores, such as a.wav"):
            EventsDisplay.from_scores(two, recording=recording)
