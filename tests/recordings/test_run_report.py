"""The page of a run of detect."""

import base64
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from html_pages import Page, opened, requested
from scoring_models import RATE, levels_model
from sklearn.utils import Bunch

from skaudio.recordings import detect, write_run_report

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><script>alert(2)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "\N{LION FACE} gr\u00fcn \N{RIGHT-TO-LEFT OVERRIDE}" + "long" * 40,
]
DAYS = ["2024-05-14 05:30", "2024-05-14 23:30", "2024-05-16 05:30", "2024-06-02 12:00"]


def found_in(folder, starts, labels=(), where="site", seconds=7200.0, **run):
    """Make up what `detect` finds: a recording per start, on two sites in turn."""
    rng = np.random.default_rng(5)
    files, sites = [], [f"{where} {k % 2}" for k in range(len(starts))]
    for k, site in enumerate(sites):
        files.append(str(folder / site / f"{k}.wav"))
        (folder / site).mkdir(exist_ok=True)
        # Short, for the page reads only the windows that it shows.
        soundfile.write(files[-1], 0.1 * rng.standard_normal(RATE * 4), RATE)
    start = pd.to_datetime(pd.Series(starts, dtype="datetime64[us]"))
    effort = pd.DataFrame(
        {
            "file": files,
            "site": sites,
            "start": start,
            "time_zone": None,
            "seconds_recorded": seconds,
            "seconds_scored": seconds,
            "seconds_failed": 0.0,
        }
    )
    at = np.sort(rng.uniform(0, seconds - 2, 40 if labels else 0))
    of = rng.integers(0, max(1, len(starts) - 1), len(at))  # the last has no events
    events = pd.DataFrame(
        {
            "audio_file": np.array(files, object)[of],
            "annotation": np.array([*labels], object)[
                rng.integers(0, max(1, len(labels)), len(at))
            ],
            "start_time": at,
            "end_time": at + 1,
            "score": rng.uniform(0.5, 1, len(at)).round(4),
            "peak_start_time": rng.uniform(0, 2, len(at)),
        }
    )
    after = pd.to_timedelta(events["start_time"], unit="s")
    events["peak_end_time"] = events["peak_start_time"] + 1.5
    events["datetime"] = start.iloc[of].reset_index(drop=True) + after
    return Bunch(events=events, effort=effort, run=run)


def page_of(found, path, **options):
    assert write_run_report(found, path, **options) == path
    return Page(path)


def tables(page, name):
    """List the tables of a class as lists of rows of texts."""
    found, rows = [], None
    for tag, attrs, text in page.elements:
        if tag == "table":
            rows = [] if name in attrs.get("class", "").split() else None
            if rows is not None:
                found.append(rows)
        elif rows is not None and tag == "tr":
            rows.append([])
        elif rows is not None and tag in ("th", "td"):
            rows[-1].append(" ".join(text.split()))
    return found


def verdict(page):
    return page.all("p", "verdict")[0][1]


def warned(page):
    return [text for _, text in page.all("li")]


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """What was found on three days of two months, and its page."""
    folder = tmp_path_factory.mktemp("several")
    found = found_in(folder, DAYS, ["Frog", "Owl", "Wren"])
    return found, page_of(found, folder / "report.html"), folder / "report.html"


def test_the_numbers_are_those_of_the_tables(several):
    found, page, _ = several
    events, effort = found.events, found.effort
    assert verdict(page).startswith(
        "40 events of 3 classes in 8.00 hours of 4 recordings at 2 sites, from "
        "2024-05-14 to 2024-06-02; scores are no probabilities"
    )
    (counts,) = tables(page, "counts")
    rows = {row[0]: row for row in counts[1:]}
    for label, own in events.groupby("annotation"):
        files = own["audio_file"].nunique()
        days = own["datetime"].dt.date.nunique()
        scores = f"{own['score'].max():.2f}", f"{own['score'].median():.2f}"
        sites = own["audio_file"].map(effort.set_index("file")["site"]).nunique()
        expected = [label, len(own), "", files, sites, days, *scores]
        assert rows[label] == list(map(str, expected))
    numbers = [int(row[1]) for row in counts[1:]]
    assert sum(numbers) == 40 and numbers == sorted(numbers, reverse=True)
    (sites,) = tables(page, "sites")
    of = events["audio_file"].map(effort.set_index("file")["site"]).value_counts()
    assert [(row[0], row[5], row[8]) for row in sites[1:]] == [
        (name, "4.00", str(of[name])) for name in ("site 0", "site 1")
    ]
    assert sites[2][2:4] == ["2024-05-14 23:30", "2024-06-02 14:00"]


def test_activity_is_by_hour_of_the_day_beside_the_effort(several):
    found, page, _ = several
    grid = tables(page, "grid")[0]
    assert grid[0] == ["", *map(str, range(24))]
    # Two mornings of two hours, one night over midnight, one noon.
    hours = {0: 1.0, 1: 0.5, 5: 1.0, 6: 2.0, 7: 1.0, 12: 1.0, 13: 1.0, 23: 0.5}
    assert grid[1][1:] == [f"{hours[h]:.2f}" if h in hours else "" for h in range(24)]
    events = found.events
    for label, *cells in grid[2:]:
        own = events[events["annotation"] == label]["datetime"].dt.hour
        assert cells == [
            str((own == h).sum()) if h in hours else "not recorded" for h in range(24)
        ]
    assert len(grid) == 5


def test_the_calendar_tells_days_without_events_from_days_without_recording(several):
    found, page, _ = several
    may, june = tables(page, "grid")[1:]
    assert [text for _, text in page.all("h3")][:2] == ["May 2024", "June 2024"]
    assert may[0][1:] == [str(day) for day in range(14, 32)]
    assert june[0][1:] == ["1", "2"]
    assert may[1][1:5] == ["2.50", "1.50", "2.00", ""]
    rows = {row[0]: row[1:] for row in [*may[3:5], *may[6:]]}
    assert list(rows)[:2] == ["site 0", "site 1"] and len(rows) == 5
    day = found.events["datetime"].dt.day
    for label, own in found.events.groupby("annotation"):
        counts = [str((day[own.index] == d).sum()) for d in (14, 15, 16)]
        assert rows[label] == counts + ["not recorded"] * 15
    assert rows["site 1"][2] == "not recorded" != rows["site 0"][2]
    # The last recording has no events.
    assert {tuple(row[1:]) for row in june[6:]} == {("not recorded", "0")}
    assert june[3][1:] == ["not recorded"] * 2 and june[4][1:] == ["not recorded", "0"]


def test_days_of_a_wrong_clock_add_one_month(tmp_path):
    found = found_in(tmp_path, ["1970-01-01 00:00", *DAYS[:3]], ["Wren"])
    page = page_of(found, tmp_path / "report.html")
    assert [len(grid[0]) - 1 for grid in tables(page, "grid")[1:]] == [31, 16]


def test_without_starts_activity_is_by_time_within_the_recordings(tmp_path):
    found = found_in(tmp_path, [None] * 3, ["Wren"], seconds=1500.0)
    page = page_of(found, tmp_path / "report.html")
    (grid,) = tables(page, "grid")
    assert "The start of no recording is known" in page.text
    assert "hour of the day" not in page.text and "Calendar" not in page.text
    assert grid[0][1:] == [str(minute) for minute in range(0, 25, 2)]
    assert grid[1][1:] == ["0.10"] * 12 + ["0.05"]
    at = found.events["start_time"] // 120
    assert grid[2][1:] == [str((at == k).sum()) for k in range(13)]


def test_events_without_a_time_are_counted_beside_the_hours(tmp_path):
    found = found_in(tmp_path, [*DAYS[:2], None, None], ["Wren"])
    n_untimed = int(found.events["datetime"].isna().sum())
    page = page_of(found, tmp_path / "report.html")
    assert n_untimed and f"{n_untimed} events left out" in page.text
    assert sum(int(n) for n in tables(page, "grid")[0][2][1:] if n.isdigit()) == (
        40 - n_untimed
    )


def test_no_events_at_all(tmp_path):
    found = found_in(tmp_path, DAYS, classes=["Wren", "noise"])
    page = page_of(found, tmp_path / "report.html")
    assert verdict(page).startswith("No events in 8.00 hours of 4 recordings")
    assert "Not found: Wren." in " ".join(text for _, text in page.all("p"))
    assert not page.all("article") and not tables(page, "counts")
    # The calendar still shows when there were recordings.
    sites = tables(page, "grid")[1]
    assert [row[1] for row in sites[3:5]] == ["0", "0"]


def test_cards_are_the_best_events_of_different_recordings(several):
    found, page, _ = several
    events = found.events
    cards = [attrs["aria-label"] for attrs, _ in page.all("article")]
    assert len(page.all("img")) == len(page.all("audio")) == len(cards)
    for label, own in events.groupby("annotation"):
        n_files = own["audio_file"].nunique()
        best = own.sort_values("score", ascending=False)
        names = [card.split(", ")[1] for card in cards if card.startswith(label)]
        assert len(names) == min(5, len(own))
        assert len(set(names)) == n_files == 3
        assert names[0] == "/".join(Path(best["audio_file"].iloc[0]).parts[-2:])
    assert all(
        attrs["alt"].startswith("Spectrogram of") for attrs, _ in page.all("img")
    )


def test_a_second_recording_comes_before_the_second_best_of_the_first(tmp_path):
    found = found_in(tmp_path, DAYS, ["Wren"])
    first, second = found.effort["file"][:2]
    found.events = found.events[:6].assign(
        audio_file=[first] * 5 + [second],
        score=[0.7, 0.9, 0.99, 0.8, 0.6, 0.5],
        start_time=60.0,
        peak_start_time=[0.0, 0.5, 62.5, 1.5, 2.0, 2.5],
        peak_end_time=[1.0, 1.5, 63.5, 2.5, 3.0, 3.5],
        datetime=pd.Timestamp("2024-05-14 05:31"),
    )
    page = page_of(found, tmp_path / "report.html", n_best=3)
    cards = [attrs["aria-label"] for attrs, _ in page.all("article")]
    assert cards == [
        "Wren, site 0/0.wav, 1:02.5 to 1:03.5",
        "Wren, site 0/0.wav, 0:00.5 to 0:01.5",
        "Wren, site 1/1.wav, 0:02.5 to 0:03.5",
    ]
    shown = [" ".join(text.split()) for _, text in page.all("p", "what")]
    # The time is that of the window, which begins after the event does.
    assert shown[:2] == ["Score 0.99 1:02.5 to 1:03.5", "2024-05-14 05:31:02"]
    # The file is shorter than the event's window: the card says so.
    assert len(page.all("p", "problem")) == 1 and len(page.all("audio")) == 2


def test_a_small_page_shows_the_best_of_every_class_first(tmp_path):
    found = found_in(tmp_path, DAYS, ["Frog", "Owl", "Wren"])
    whole = page_of(found, tmp_path / "whole.html", n_best=20)
    n_cards = len(whole.all("article"))
    media = sum(len(a["src"]) for t in ("img", "audio") for a, _ in whole.all(t))
    room = 1 + 4 * media / n_cards / 1e6
    page = page_of(found, tmp_path / "small.html", n_best=20, max_megabytes=room)
    labels = [a["aria-label"].split(", ")[0] for a, _ in page.all("article")]
    assert sorted(set(labels)) == ["Frog", "Owl", "Wren"] and 3 < len(labels) < 7
    assert f"{n_cards - len(labels)} events would not fit" in page.text
    none = page_of(found, tmp_path / "none.html", n_best=0)
    assert not none.all("article") and "Best events" not in none.text
    with pytest.raises(ValueError, match=r"n_best=-1: expected a number"):
        write_run_report(found, tmp_path / "none.html", n_best=-1)


def test_a_recording_that_is_gone_has_a_card_without_sound(tmp_path):
    found = found_in(tmp_path, DAYS[:3], ["Wren"])
    gone = found.events["audio_file"].iloc[0]
    (tmp_path / gone).unlink()
    page = page_of(found, tmp_path / "report.html", n_best=2)
    assert len(page.all("article")) == 2 and len(page.all("audio")) == 1
    (problem,) = [text for _, text in page.all("p", "problem")]
    assert "no such file" in problem


def test_hostile_names_stay_text(tmp_path):
    odd = "_".join(HOSTILE[:2]).replace("/", "_")
    found = found_in(
        tmp_path,
        DAYS,
        HOSTILE,
        where=odd,
        model=HOSTILE[0],
        warnings=[HOSTILE[1]],
        classes=[*HOSTILE, HOSTILE[0] * 2],
        parameters={"threshold": {HOSTILE[0]: 0.5}},
    )
    found.effort["time_zone"] = HOSTILE[2]
    found.effort.loc[3, ["seconds_recorded", "seconds_failed"]] = np.nan
    file = found.effort["file"].iloc[3]
    found.run["failed"] = [{"file": file, "reason": HOSTILE[2]}]
    page = page_of(found, tmp_path / "report.html", title=HOSTILE[2])
    assert len(page.all("script")) == 1
    assert page.all("h1")[0][1] == HOSTILE[2]
    assert not [
        attrs
        for _, attrs, _ in page.elements
        if any(name.startswith("on") for name in attrs) or attrs.get("src") == "x"
    ]
    assert "49" not in page.all("h1")[0][1]
    (counts,) = tables(page, "counts")
    assert {row[0] for row in counts[1:]} == set(HOSTILE)
    (sites,) = tables(page, "sites")
    assert [row[0] for row in sites[1:]] == [f"{odd} 0", f"{odd} 1"]
    assert all(odd in a["alt"] for a, _ in page.all("img"))
    assert str(tmp_path) not in page.text  # names begin at the common folder


def test_the_page_loads_nothing_from_outside(several):
    _, page, path = several
    sources = [
        attrs[name]
        for _, attrs, _ in page.elements
        for name in ("src", "href", "srcset", "data", "poster", "action")
        if name in attrs
    ]
    assert len(sources) > 20
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert "url(" not in page.text and "@import" not in page.text
    (policy,) = [a["content"] for a, _ in page.all("meta") if "http-equiv" in a]
    script = page.all("script")[-1][1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy
    ((size, unit),) = re.findall(r"This page: ([\d.]+) (kB|MB)", page.text)
    size = float(size) * {"kB": 1e3, "MB": 1e6}[unit]
    assert size == pytest.approx(path.stat().st_size, rel=0.02)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Two recordings with sound, and one that holds nothing."""
    folder = tmp_path_factory.mktemp("recordings")
    rng = np.random.default_rng(0)
    for name in ("MARSH_20240514_053000", "MARSH_20240515_053000"):
        level = np.repeat(rng.uniform(0, 0.3, 12), RATE)
        wave = level * rng.standard_normal(12 * RATE)
        soundfile.write(folder / f"{name}.wav", wave, RATE)
    (folder / "MARSH_20240516_053000.wav").touch()
    return folder


@pytest.mark.filterwarnings("ignore:.*cannot be read")
def test_detect_writes_the_page_beside_its_tables(recordings, tmp_path):
    output = tmp_path / "found"
    options = {"clip_duration": 3.0, "threshold": 0.4}
    for _ in range(2):  # the second run replaces the page
        with pytest.warns(UserWarning, match="no class of background"):
            found = detect(levels_model(), recordings, output, **options)
    path = output / "report.html"
    run = json.loads((output / "run.json").read_text())
    assert run["files"]["report.html"] == hashlib.sha256(path.read_bytes()).hexdigest()
    page = Page(path)
    events = pd.read_csv(output / "events.csv")
    (counts,) = tables(page, "counts")
    assert {row[0]: int(row[1]) for row in counts[1:]} == (
        events["annotation"].value_counts().to_dict()
    )
    assert "no class of background: every window is taken" in warned(page)[0]
    (failed,) = tables(page, "failed")
    assert failed[1][0] == "MARSH_20240516_053000.wav"
    assert failed[1][-1] == "the file is empty (0 bytes)" == run["failed"][0]["reason"]
    assert len(failed) == 2 and len(found.run["failed"]) == 1
    facts = dict(tables(page, "facts")[0])
    assert facts["threshold"] == "0.4" and facts["clip duration"] == "3 s"
    assert facts["heard at"] == f"{RATE} Hz (mix)" and facts["background"] == "none"
    path.write_text("<!doctype html>my remarks")
    with pytest.raises(FileExistsError, match=r"report\.html: changed since"):
        detect(levels_model(), recordings, output, **options)


@pytest.mark.filterwarnings("ignore:.*(cannot be read|no class of background)")
def test_a_page_that_fails_does_not_lose_the_tables(recordings, tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.warns(UserWarning, match=r"the page could not be made.*is a folder"):
        detect(levels_model(), recordings, tmp_path, clip_duration=3.0, threshold=0.4)
    run = json.loads((tmp_path / "run.json").read_text())
    assert "report.html" not in run["files"]
    assert len(pd.read_csv(tmp_path / "events.csv")) == run["events"] > 0


def test_windows_that_failed_are_listed_with_their_reason(tmp_path):
    found = found_in(tmp_path, DAYS, ["Wren"])
    found.effort.loc[1, ["seconds_scored", "seconds_failed"]] = 7190.0, 10.0
    reason = "2 of 900 windows failed: 10.00-20.00 s damaged"
    file = found.effort["file"].iloc[1]
    found.run["failed"] = [{"file": file, "outcome": "partly", "reason": reason}]
    page = page_of(found, tmp_path / "report.html")
    (failed,) = tables(page, "failed")
    assert failed[1:] == [["site 1/1.wav", "7190.0", "10.0", reason]]
    assert warned(page) == ["1 recording failed, wholly or in part: which, and why."]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_the_page_without_scrolling_sideways(chromium, tmp_path, scheme):
    labels = [*HOSTILE, "Wren"]
    found = found_in(tmp_path, DAYS, labels, warnings=[HOSTILE[4]], model=HOSTILE[4])
    path = write_run_report(found, tmp_path / "report.html", title=HOSTILE[4])
    for width in (390, 1280):
        browser = opened(chromium, path, width=width, scheme=scheme)
        script = "return document.documentElement.scrollWidth"
        assert browser.execute_script(script) <= width
    boxes = browser.find_elements("css selector", ".scroll")
    browser = opened(chromium, path, width=390, scheme=scheme)
    boxes = browser.find_elements("css selector", ".scroll")
    assert max(box.get_property("scrollWidth") for box in boxes) > 390
    loaded = "return [...document.images].every(i => i.complete && i.naturalWidth > 50)"
    assert browser.execute_script(loaded)
    assert [url[:5] for url in requested(browser) if url[:5] != "data:"] == ["file:"]
    assert browser.get_log("browser") == []


def test_the_table_of_classes_sorts(chromium, several):
    browser = opened(chromium, several[2])
    browser.find_element("css selector", ".counts thead button").click()
    names = browser.find_elements("css selector", ".counts tbody th")
    assert [name.text for name in names] == ["Frog", "Owl", "Wren"]
