"""The page on which a person checks windows, in Chromium and without."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from html_pages import Page, decoded, downloading, levels_of, opened, requested

from skaudio._utils.verdicts import VERDICT_COLUMNS
from skaudio.recordings import read_verdicts, write_review

RATE = 16000
HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://x","y")',
    "-1+1",
    "{{ 7 * 7 }}, \N{LION FACE} \N{RIGHT-TO-LEFT OVERRIDE}" + "long" * 40,
]


def windows_of(folder, labels, n_each=4, name="dawn.wav", rate=RATE):
    """Make up windows of a recording of noise with a tone in each window."""
    n = len(labels) * n_each
    rng = np.random.default_rng(3)
    sound = 0.01 * rng.standard_normal(rate * (n + 2))
    time = np.arange(rate // 2) / rate
    for k in range(n):
        at = (k + 1) * rate
        sound[at : at + len(time)] += 0.1 * np.sin(2 * np.pi * (500 + 100 * k) * time)
    path = folder / name
    soundfile.write(path, sound, rate)
    return pd.DataFrame(
        {
            "file": str(path),
            "start_time": np.arange(n) + 1.0,
            "end_time": np.arange(n) + 1.5,
            "label": np.repeat(labels, n_each),
            "score": np.linspace(0.987, 0.321, n).round(4),
            "stratum": np.arange(n) % 3 + 1,
            "inclusion_probability": 0.25,
        }
    )


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    return windows_of(tmp_path_factory.mktemp("marsh"), ["Frog", "Owl"])


@pytest.fixture(scope="module")
def path(windows, tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "review.html"
    return write_review(windows, path, classes=["Frog", "Owl", "Toad", "noise"])


def test_the_page_holds_the_windows_as_sound_and_spectrogram(windows, path):
    page = Page(path)
    shown = page.data["windows"]
    assert page.data["classes"] == ["Frog", "Owl", "Toad"]
    assert [one["label"] for one in shown] == ["Frog"] * 4 + ["Owl"] * 4
    # Not in the order of their scores, which the page does not give away.
    assert [one["start"] for one in shown] != windows["start_time"].tolist()
    assert "0.987" not in path.read_text("utf-8")
    by_start = windows.set_index("start_time")
    for one in shown:
        hidden = json.loads(base64.b64decode(one["hidden"]))
        row = by_start.loc[one["start"]]
        assert hidden == [row["score"], row["stratum"], row["inclusion_probability"]]
        low, high = one["shown"]
        assert low == max(0, one["start"] - 1) and high == pytest.approx(
            min(10, one["end"] + 1), abs=1e-3
        )
        assert one["heard"] == [low, high] and one["slowed"] == 1 and one["khz"] == 8
        kind, sound = decoded(one["sound"])
        waveform, rate = soundfile.read(io.BytesIO(sound))
        assert rate == RATE and kind == "audio/mpeg"
        assert len(waveform) / rate == pytest.approx(high - low, abs=0.15)
        assert 0.3 < np.abs(waveform).max() < 0.8
    # The tone is where the axes say.
    one = shown[0]
    levels = levels_of(decoded(one["spectrogram"])[1], n_bits=4)[::-1]
    at = (one["start"] + 0.25 - one["shown"][0]) / np.diff(one["shown"])[0]
    row = levels[:, int(at * levels.shape[1])].argmax()
    tone = 500 + 100 * (one["start"] - 1)
    assert (row + 0.5) / len(levels) * 8000 == pytest.approx(tone, abs=60)


def test_ultrasound_is_slowed_down_and_long_sound_is_cut(tmp_path):
    bats = windows_of(tmp_path, ["Bat"], 2, "bat.wav", 192000)
    page = Page(write_review(bats, tmp_path / "bats.html"))
    one = page.data["windows"][0]
    assert one["slowed"] == 10 and one["khz"] == 96
    assert one["shown"][0] == pytest.approx(one["start"] - 0.1)
    waveform, rate = soundfile.read(io.BytesIO(decoded(one["sound"])[1]))
    assert len(waveform) / rate == pytest.approx(7, abs=0.2)
    # What the model heard, at 16 kHz, is not slowed down.
    page = Page(write_review(bats, tmp_path / "bats.html", sample_rate=16000))
    one = page.data["windows"][0]
    assert one["slowed"] == 1 and one["khz"] == 8
    long = windows_of(tmp_path, ["Frog"], 8)[:1].assign(start_time=0.0, end_time=10.0)
    path = write_review(long, tmp_path / "small.html", max_megabytes=0.1)
    (one,) = Page(path).data["windows"]
    assert path.stat().st_size < 100_000
    low, high = one["heard"]
    assert 3 < high - low < 9 and one["shown"] == [0.0, 10.0]


def test_windows_that_cannot_be_read_stay_in_the_table(windows, tmp_path):
    more = pd.concat([windows, windows.assign(file=str(tmp_path / "lost.wav"))])
    with pytest.warns(UserWarning, match="8 of 16 windows cannot") as caught:
        page = Page(write_review(more, tmp_path / "review.html"))
    assert str(caught[0].message).count("lost.wav") == 1
    assert len(page.data["windows"]) == 16
    assert sum("sound" in one for one in page.data["windows"]) == 8
    assert "8 windows to check" in page.text and "8 windows could not" in page.text
    with pytest.raises(ValueError, match=r"lost\.wav"):
        write_review(more, tmp_path / "review.html", on_error="raise")
    with pytest.raises(ValueError, match=r"None of 8 windows can be read.*lost\.wav"):
        write_review(more[8:], tmp_path / "lost.html")
    late = windows.assign(end_time=lambda table: table["start_time"] + 2)
    late["start_time"] += np.where(windows.index == 3, 95, 0)
    late["end_time"] += np.where(windows.index == 3, 95, 0)
    with pytest.warns(UserWarning, match=r"from 99 to 101 s .* lasts 10 s"):
        write_review(late, tmp_path / "late.html")
    assert not (tmp_path / "lost.html").exists()


def test_bad_windows_are_named(windows, tmp_path):
    for bad, what in (
        (windows.drop(columns="label"), "no column label"),
        (windows[:0], "no rows"),
        (windows.assign(end_time=0.0), "has no length"),
        (pd.concat([windows, windows[:1]]), "is there twice"),
    ):
        with pytest.raises(ValueError, match=f"windows: .*{what}"):
            write_review(bad, tmp_path / "x.html")
    with pytest.raises(ValueError, match=r"max_megabytes=0\.06: too few for 8 windows"):
        write_review(windows, tmp_path / "x.html", max_megabytes=0.06)
    bare = windows[["file", "start_time", "end_time", "label"]]
    (hidden, *_) = Page(write_review(bare, tmp_path / "x.html")).data["windows"]
    assert json.loads(base64.b64decode(hidden["hidden"])) == [None] * 3


def test_windows_with_other_verdicts_are_refused(windows, tmp_path):
    with pytest.raises(ValueError, match="has another verdict than yes, no and unsure"):
        write_review(windows.assign(verdict="maybe"), tmp_path / "x.html")


# In Chromium.


@pytest.fixture
def page(chromium, path):
    """The page as a new browser has it."""
    return new_page(chromium, path)


def new_page(chromium, path, **options):
    opened(chromium, path, **options)
    chromium.execute_script("localStorage.clear()")
    opened(chromium, path, **options)
    return chromium


def press(page, *keys):
    """Press keys, as a person does, wherever the focus is."""
    from selenium.webdriver import ActionChains

    actions = ActionChains(page, duration=0)
    for key in keys:
        actions.send_keys(key)
    actions.perform()


def text(page, name):
    return page.execute_script(
        "return document.getElementById(arguments[0]).textContent", name
    )


def downloaded(page, tmp_path, name="Ann"):
    """Type a name, press d, and read the table."""
    path = tmp_path / "verdicts.csv"
    if name:
        field = page.find_element("id", "reviewer")
        field.clear()
        field.send_keys(name)
    page.execute_script("document.activeElement.blur()")
    with downloading(page, path):
        press(page, "d")
    return path


def said(table):
    table = table[table["verdict"].notna()]
    rows = zip(
        table["start_time"], table["verdict"], table["verdict_label"], strict=True
    )
    return {start: f"{verdict} {label or ''}".strip() for start, verdict, label in rows}


def test_judging_by_keys_undo_reload_download_and_load(windows, path, page, tmp_path):
    order = [one["start"] for one in Page(path).data["windows"]]
    assert text(page, "question") == "Frog?" and text(page, "counts") == "0 of 8 judged"
    script = "return document.documentElement.outerHTML.length"
    assert page.execute_script(script) < 200_000  # one window at a time, scores nowhere
    press(page, "y", "n", "u", "3")  # 3 is Toad
    assert text(page, "counts") == "4 of 8 judged" and text(page, "question") == "Owl?"
    press(page, "\ue003", "z")  # Backspace
    assert text(page, "counts") == "2 of 8 judged" and text(page, "question") == "Frog?"
    assert text(page, "verdict") == "Not judged yet."
    press(page, "\ue012")  # to the left
    scores = windows.set_index("start_time")["score"]
    assert text(page, "verdict") == f"Your verdict: no. Score {scores[order[1]]:.2f}."
    press(page, "\ue014", "o")  # and back; another class
    press(page, "Newt", "\ue007")
    assert text(page, "status").startswith("Frog: no, Newt")
    assert text(page, "place").startswith("4 of 8")
    expected = {order[0]: "yes", order[1]: "no", order[2]: "no Newt"}

    page.refresh()  # in the middle
    assert text(page, "counts") == "3 of 8 judged"
    assert text(page, "place").startswith("4 of 8")
    table = read_verdicts(downloaded(page, tmp_path))
    assert "5 windows are not judged yet" in text(page, "status")
    assert table.columns.tolist() == VERDICT_COLUMNS and len(table) == 8
    assert said(table) == expected
    assert table.loc[table["verdict"].notna(), "reviewer"].tolist() == ["Ann"] * 3
    given = windows.assign(stratum=windows["stratum"].astype(str))
    own = table.sort_values("start_time").reset_index(drop=True)[VERDICT_COLUMNS[:7]]
    pd.testing.assert_frame_equal(own, given, check_dtype=False)

    page.execute_script("localStorage.clear()")
    page.refresh()
    assert text(page, "counts") == "0 of 8 judged"
    (tmp_path / "verdicts.csv").rename(tmp_path / "older.csv")
    page.find_element("id", "load").send_keys(str(tmp_path / "older.csv"))
    page.execute_async_script("setTimeout(arguments[0], 100)")
    assert text(page, "status") == "3 verdicts are loaded."
    assert text(page, "place").startswith("4 of 8")
    press(page, "1", "y", "y", "y", "y")  # 1 is Frog itself
    assert text(page, "status") == "All 8 windows are judged: download the table."
    table = read_verdicts(downloaded(page, tmp_path, name=None))
    assert said(table) == {start: "yes" for start in order} | expected
    assert {*table["reviewer"]} == {"Ann"}
    assert page.get_log("browser") == []
    urls = requested(page)
    assert all(url.startswith(("data:", "file:", "blob:")) for url in urls)


def test_a_page_begins_with_the_verdicts_so_far(chromium, windows, tmp_path):
    text_of = dict.fromkeys(["verdict", "verdict_label", "reviewer"], object)
    given = windows.reindex(columns=VERDICT_COLUMNS).astype(text_of)
    said_so_far = [["yes", np.nan, "Ben"], ["no", "Toad", "Ben"]]
    given.loc[[0, 5], ["verdict", "verdict_label", "reviewer"]] = said_so_far
    lost = given.assign(file=str(tmp_path / "lost.wav"))
    with pytest.warns(UserWarning, match="8 of 16 windows"):
        path = write_review(pd.concat([given, lost]), tmp_path / "review.html")
    page = new_page(chromium, path)
    assert text(page, "counts") == "2 of 8 judged"
    assert text(page, "verdict") == "Not judged yet."
    press(page, "u", "z", "u")
    table = read_verdicts(downloaded(page, tmp_path))
    assert len(table) == 16
    own = table[table["file"] != str(tmp_path / "lost.wav")]
    assert sorted(said(own).values()) == ["no Toad", "unsure", "yes"]
    assert own["reviewer"].value_counts().to_dict() == {"Ben": 2, "Ann": 1}
    # Those of windows that cannot be read any more are not lost.
    assert sorted(said(table.drop(own.index)).values()) == ["no Toad", "yes"]


def test_filter_buttons_focus_and_sound(page):
    from selenium.webdriver.support.ui import Select

    Select(page.find_element("id", "filter")).select_by_index(2)
    assert text(page, "question") == "Owl?" and text(page, "place").startswith("1 of 4")
    press(page, "y")
    page.find_element("css selector", "[data-key='n']").click()
    assert text(page, "place").startswith("3 of 4")
    options = page.find_elements("css selector", "#filter option")
    assert [one.text for one in options] == [
        *("All (2 of 8)", "Frog (0 of 4)", "Owl (2 of 4)"),
    ]
    # The space bar plays again, although a button was clicked just before.
    page.execute_async_script(
        "const sound = document.getElementById('sound'); const done = arguments[0];"
        "sound.addEventListener('timeupdate', () => { if (sound.currentTime > .05)"
        "{ sound.pause(); done(); } })"
    )
    press(page, " ")
    assert text(page, "counts") == "2 of 8 judged"
    assert not page.execute_script("return document.getElementById('sound').paused")
    # A button that the keyboard has reached is pressed by it.
    yes = page.find_element("css selector", "[data-key='y']")
    page.execute_script("arguments[0].focus()", yes)
    press(page, " ")
    assert text(page, "counts") == "3 of 8 judged"
    press(page, "y")
    assert (
        text(page, "status")
        == "All windows of Owl are judged: choose another class, or all."
    )
    page.find_element("id", "autoplay").click()
    page.refresh()
    assert not page.find_element("id", "autoplay").is_selected()
    assert page.execute_script("return document.getElementById('sound').paused")


@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_names_stay_text_and_nothing_overflows(chromium, tmp_path, width):
    table = windows_of(tmp_path, HOSTILE, 1, "=1+1 <b>x.wav")
    path = write_review(table, tmp_path / "review.html", title=HOSTILE[0])
    page = new_page(chromium, path, width=width)
    assert page.title == HOSTILE[0]
    for _ in HOSTILE:
        assert text(page, "question").removesuffix("?") in HOSTILE
        assert (
            page.execute_script("return document.documentElement.scrollWidth") <= width
        )
        press(page, "1")
    assert page.find_elements("css selector", "main b:not([id]), img[src='x']") == []
    path = downloaded(page, tmp_path, "@Ann")
    raw = pd.read_csv(path)
    assert raw["reviewer"].tolist() == ["'@Ann"] * 5
    texts = [*raw["label"], *raw["verdict_label"].dropna()]
    assert not [one for one in texts if one.startswith(tuple("=+-@"))]
    table = read_verdicts(path)
    assert {*table["label"]} == {*HOSTILE}
    assert {*table["verdict_label"].dropna()} == {sorted(HOSTILE)[0]}
    assert {*table["reviewer"]} == {"@Ann"}
    assert page.get_log("browser") == []


def test_any_text_comes_through_the_table(chromium, path, tmp_path):
    page = opened(chromium, path)
    rng = np.random.default_rng(0)
    signs = [*"=+-@'\",;\t\n\r x", "\N{LION FACE}"]
    texts = ["".join(rng.choice(signs, rng.integers(1, 8))) for _ in range(300)]
    texts = [f"{one}." if one[-1].isspace() else one for one in texts]
    texts = [one for one in texts if not one[0].isspace()]
    rows = [
        ["a.wav", k, k + 1, one, 0.5, "1", 1, "yes", "", one]
        for k, one in enumerate(texts)
    ]
    made, read = page.execute_script(
        "const made = csvOf(arguments[0]); return [made, rowsOf(made)]", rows
    )
    assert [row["label"] for row in read] == texts
    table = tmp_path / "verdicts.csv"
    table.write_bytes(made.encode())
    assert [*read_verdicts(table)["reviewer"]] == texts
    cells = pd.read_csv(table, keep_default_na=False)["label"]
    assert not cells.str.match(r"[=+\-@\t\r]").any()


def test_a_name_that_is_no_utf_8(chromium, windows, tmp_path):
    name = tmp_path / "\udcff.wav"
    try:
        name.write_bytes(Path(windows["file"][0]).read_bytes())
    except OSError:
        pytest.skip("this system has no such names")
    given = windows.assign(file=pd.Series([str(name)] * len(windows), dtype=object))
    page = new_page(chromium, write_review(given, tmp_path / "x.html"))
    press(page, "y")
    table = read_verdicts(downloaded(page, tmp_path))
    assert {*table["file"]} == {str(name).replace("\udcff", "\\udcff")}
