"""The HTML page in Chromium; skipped, with the reason, where there is none.

Needs Chromium and its driver, which ``.ci/run`` installs where it can (Debian:
``apt-get install chromium chromium-driver``), and selenium of the extra ``tests``.
"""

import numpy as np
import pandas as pd
import pytest
from html_pages import opened, requested
from made_up_reports import guesses

from skaudio.datasets import make_animal_sounds
from skaudio.reports import write_html
from skaudio.reports.html._svg import symbol

HOSTILE = "<img src=x onerror=alert(1)>" + "long" * 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page of two models on synthetic clips, and one with hostile names."""
    folder = tmp_path_factory.mktemp("pages")
    clips = make_animal_sounds(8, n_classes=4, output_dir=folder, random_state=3)
    files, labels = list(clips.data), list(clips.target)
    reports = [
        guesses(files, labels, name, skill, seed, n_repeats=2)
        for seed, (name, skill) in enumerate([("CNN", 1.5), ("SVM", 0.5)])
    ]
    write_html(reports, folder / "page.html")
    hostile = [f"{HOSTILE}{label}" for label in labels]
    report = guesses(files, hostile, HOSTILE, 0, warnings=[HOSTILE])
    report.facts["parameters"] = {HOSTILE: HOSTILE}
    write_html([report, guesses(files, hostile, "B", 0)], folder / "hostile.html")
    return folder


@pytest.fixture
def page(chromium, folder):
    """The page of the two models, in a desktop window."""
    return opened(chromium, folder / "page.html")


def column(page, table, place):
    script = "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)"
    return page.execute_script(script, f"{table} tbody tr > :nth-child({place})")


def test_the_page_fetches_nothing_and_has_no_errors(page):
    loaded = page.execute_script(
        "return [...document.images].every(i => i.complete && i.naturalWidth > 50)"
    )
    assert loaded and page.execute_script("return document.images.length") == 12
    urls = requested(page)
    assert urls
    assert all(url.startswith(("data:", "file:")) for url in urls)
    assert sum(url.startswith("file:") for url in urls) == 1
    assert page.get_log("browser") == []


def test_tables_sort_by_mouse_and_by_keyboard(page):
    button = page.find_elements("css selector", ".classes thead tr:last-child button")
    unsorted = column(page, ".classes", 1)
    assert len(button) == 3 + 2 * 3
    button[5].click()  # the F1 of the first model
    scores = [float(score) for score in column(page, ".classes", 6)]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) > 1
    head = button[5].find_element("xpath", "..")
    assert head.get_attribute("aria-sort") == "descending"
    page.execute_script("arguments[0].focus()", button[5])
    button[5].send_keys("\n")
    assert head.get_attribute("aria-sort") == "ascending"
    assert [float(score) for score in column(page, ".classes", 6)] == scores[::-1]
    button[0].click()
    assert column(page, ".classes", 1) == sorted(unsorted)
    assert head.get_attribute("aria-sort") is None


def test_a_cell_opens_its_clips(page):
    dialog = page.find_element("css selector", "dialog")
    assert not dialog.is_displayed()
    cells = page.find_elements("css selector", ".matrix[data-model='1'] .miss button")
    cell = max(cells, key=lambda cell: int(cell.text))
    label, n_predictions = cell.get_attribute("aria-label"), int(cell.text)
    cell.click()
    assert dialog.is_displayed()
    assert label.startswith(dialog.find_element("css selector", "h2").text)
    assert "SVM" in dialog.find_element("css selector", "p").text
    names = column(page, "dialog", 1)
    if "Times" in dialog.text:
        assert sum(map(int, column(page, "dialog", 4))) == n_predictions
    else:
        assert len(names) == n_predictions
    true, predicted = label.split(":")[0].split(" predicted as ")
    assert true != predicted
    assert all(name.strip().startswith(f"{true}/") for name in names)
    dialog.find_element("css selector", "form button").click()
    assert not dialog.is_displayed()


PLAY = """
const [audio, done] = arguments;
audio.muted = true;
audio.addEventListener("error", () => done(String(audio.error?.message)));
audio.addEventListener("timeupdate", () => {
  if (audio.currentTime <= 0.05) return;
  audio.pause();
  done([audio.currentTime, audio.duration]);
});
audio.play().catch((error) => done(String(error)));
"""


def test_sounds_play_in_cards_and_in_cells(page):
    audios = page.find_elements("css selector", ".card audio")
    assert len(audios) == 12
    at, duration = page.execute_async_script(PLAY, audios[0])
    assert 0.05 < at <= duration and 0.3 < duration < 7
    # The clip of a card is also listed behind a cell, with the same sound.
    page.execute_script("""
        const [place] = Object.keys(data.cards);
        const cells = Object.entries(data.cells[0]);
        const holds = ([, [, rows]]) => rows.some(([clip]) => clip == place);
        const [key] = cells.find(holds);
        listClips(0, key);
    """)
    (audio, *_) = page.find_elements("css selector", "dialog audio")
    at, duration = page.execute_async_script(PLAY, audio)
    assert 0.05 < at <= duration
    sources = [one.get_attribute("src") for one in audios]
    assert audio.get_attribute("src") in sources


@pytest.mark.parametrize("name", ["page.html", "hostile.html"])
def test_a_phone_shows_the_page_without_scrolling_sideways(chromium, folder, name):
    page = opened(chromium, folder / name, width=380)
    assert page.execute_script("return innerWidth") == 380
    script = "return document.documentElement.scrollWidth"
    assert page.execute_script(script) <= 380
    page.execute_script("document.querySelector('.miss button').click()")
    assert page.execute_script(script) <= 380
    box = page.find_element("css selector", "dialog").rect
    assert box["x"] >= 0 and box["x"] + box["width"] <= 380
    # Wide tables scroll in their own boxes.
    boxes = page.find_elements("css selector", ".scroll")
    widths = [box.get_property("scrollWidth") for box in boxes]
    assert max(widths) > 380


def test_hostile_names_run_nothing(chromium, folder):
    page = opened(chromium, folder / "hostile.html")
    page.find_element("css selector", ".miss button").click()
    assert HOSTILE in page.find_element("css selector", "dialog h2").text
    assert page.title.startswith(HOSTILE)  # raises where an alert is open
    assert page.find_elements("css selector", "img[src='x']") == []
    assert page.get_log("browser") == []


COLOURS = """
const canvas = document.createElement("canvas");
const pixel = canvas.getContext("2d", {willReadFrequently: true});
const rgb = (colour) => {
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  return [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const page = getComputedStyle(document.documentElement);
const pairs = [...document.querySelectorAll(".matrix button")].map((button) => [
  rgb(getComputedStyle(button).color),
  rgb(getComputedStyle(button.parentElement).backgroundColor),
]);
for (const name of ["--ink", "--muted", "--link"]) {
  pairs.push([rgb(page.getPropertyValue(name)), rgb(page.getPropertyValue("--page"))]);
}
// The strongest tint, whether or not this page has it.
for (const cell of document.querySelectorAll(".hit, .miss")) {
  cell.style.setProperty("--p", 100);
  const style = getComputedStyle(cell);
  pairs.push([rgb(style.color), rgb(style.backgroundColor)]);
}
return pairs;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_on_its_background(chromium, folder, scheme):
    page = opened(chromium, folder / "page.html", scheme=scheme)
    pairs = np.array(page.execute_script(COLOURS)) / 255
    assert len(pairs) > 20
    assert (pairs[-1, 0].mean() < 0.5) == (scheme == "light")
    linear = np.where(pairs <= 0.04045, pairs / 12.92, ((pairs + 0.055) / 1.055) ** 2.4)
    light = np.sort(linear @ [0.2126, 0.7152, 0.0722], axis=1)
    # WCAG 2: 4.5 to 1 for text.
    assert ((light[:, 1] + 0.05) / (light[:, 0] + 0.05)).min() > 4.5


def test_printing_opens_the_details(page):
    assert not page.find_element("css selector", "#made ~ details").get_property("open")
    page.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert page.find_element("css selector", "#made ~ details").get_property("open")


@pytest.fixture(scope="module")
def many(folder):
    """A page of nine models, each cross-validated and tested, with leaked clips."""
    files = [f"/data/{n}.wav" for n in range(60)]
    labels = ["cat", "cow", "owl", "cow", "cow", "owl"] * 10
    reports = []
    for seed in range(9):
        name = f"model {seed}"
        reports.append(guesses(files, labels, name, seed / 2, seed))
        test = guesses(files[:24], labels[:24], name, seed, seed, kind="held-out")
        test.predictions["leaked"] = test.predictions["row"] < 4
        test.leaks = pd.DataFrame({"test_file": files[:4]})
        reports.append(test)
    return write_html(reports, folder / "many.html", n_hardest=0)


def test_each_model_is_one_row_with_a_symbol_of_its_own(chromium, many):
    page = opened(chromium, many, width=1280)
    rows = page.find_elements("css selector", ".summary:not(.more) tbody tr")
    assert [row.text.split("\n")[0] for row in rows] == [
        f"model {seed}" for seed in range(9)
    ]
    heads = page.find_elements("css selector", ".summary:not(.more) .over th")
    assert [" ".join(head.text.split()) for head in heads] == [
        "Cross-validation 60 clips",
        "Test, all clips 24 clips",
        "Test, without leaked clips 20 clips",
    ]
    symbols = [
        row.find_element("css selector", ".marker").get_attribute("outerHTML")
        for row in rows
    ]
    assert len(set(symbols)) == 9


def test_symbols_stay_distinct_however_many_models_there_are():
    assert len({symbol(number) for number in range(200)}) == 200


def test_support_is_that_of_the_clips_beside_it(chromium, many):
    page = opened(chromium, many)
    read = """
        const table = (one) => [...one.tBodies[0].rows].map((row) =>
          [row.cells[0].innerText, Number(row.cells[1].innerText)]);
        const tables = [...document.querySelectorAll("#classes ~ .scroll .classes")];
        return tables.map(table);
    """
    folds, test = page.execute_script(read)
    assert dict(folds) == {"cat": 10, "cow": 30, "owl": 20}
    assert dict(test) == {"cat": 4, "cow": 12, "owl": 8}


@pytest.mark.parametrize("width", [1280, 390])
def test_wide_tables_scroll_in_their_box_and_the_page_does_not(chromium, many, width):
    page = opened(chromium, many, width=width)
    page.execute_script(
        "for (const one of document.querySelectorAll('details')) one.open = true"
    )
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    boxes = page.find_elements("css selector", ".scroll")
    wide = [one for one in boxes if one.get_property("scrollWidth") > width]
    assert wide
    # An edge shows that there is more.
    assert all("gradient" in one.value_of_css_property("background") for one in wide)
