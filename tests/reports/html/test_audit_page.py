import numpy as np
import pandas as pd
import pytest
import soundfile
from html_pages import Page, opened, requested
from hypothesis import given, settings
from hypothesis import strategies as st

from skaudio.audit import audit_dataset
from skaudio.reports import write_audit_html
from skaudio.reports.html._audit_page import _durations

HOSTILE = "<script>alert(1)<_script>"


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """An audit with copies across the splits and a hostile class, and its page."""
    folder = tmp_path_factory.mktemp("audited") / "owls"
    rng = np.random.default_rng(0)
    for split, n_clips in (("Training", 6), ("Test", 2)):
        for label in ("cat", HOSTILE):
            (folder / split / label).mkdir(parents=True)
            for number in range(n_clips):
                name = folder / split / label / f"{number}\" onload='x'.wav"
                soundfile.write(name, rng.uniform(-0.5, 0.5, 8000), 16000)
    (folder / "Test" / "cat" / "copy.wav").write_bytes(
        (folder / "Training" / "cat" / "0\" onload='x'.wav").read_bytes()
    )
    (folder / "Training" / "cat" / "empty.wav").touch()
    audit = audit_dataset(folder / "Training", test=folder / "Test", cv=2)
    return audit, write_audit_html(audit, folder.parent / "audit.html")


def test_the_page_begins_with_a_verdict_and_what_to_do(audited):
    audit, path = audited
    page = Page(path)
    assert page.all("h1")[0][1] == page.all("title")[0][1] == "Audit of owls"
    (verdict,) = (text for _, text in page.all("p", "verdict"))
    assert verdict.startswith("1 of 5 test clips is a duplicate or comes from a train")
    ((_, found),) = page.all("section", "warnings")
    assert all(str(finding) in found for finding in audit.findings())
    assert found.index("Report the scores without") < found.index("1 test clip has an")
    (listed,) = (text for _, text in page.all("textarea"))
    assert listed.splitlines() == ["Test/cat/copy.wav", "Training/cat/empty.wav"]
    names = [text for _, text in page.all("p", "file")]
    assert names[:2] == ["Test/cat/copy.wav", "Training/cat/0\" onload='x'.wav"]
    assert len(page.all("audio")) == len(page.all("img")) == len(names)
    assert str(path.parent) not in page.text


def test_hostile_names_stay_text(audited):
    page = Page(audited[1])
    assert len(page.all("script")) == 1 and HOSTILE in page.text.replace(
        "&lt;", "<"
    ).replace("&gt;", ">")
    assert not any("onload" in attrs for _, attrs, _ in page.elements)
    sources = [attrs["src"] for _, attrs, _ in page.elements if "src" in attrs]
    assert all(source.startswith("data:") for source in sources)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_works_in_a_browser(audited, chromium, width):
    page = opened(chromium, audited[1], width=width)
    page.execute_script(
        "for (const one of document.querySelectorAll('details')) one.open = true"
    )
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    assert sum(url.startswith("file:") for url in requested(page)) == 1
    (head,) = page.find_elements(
        "css selector", "#clips ~ details th:nth-child(4) button"
    )
    assert head.text == "duration"
    head.click()
    read = """return [...document.querySelectorAll("#clips ~ details tbody tr")]
        .map((row) => row.cells[3].dataset.v)"""
    values = [float(value or "-inf") for value in page.execute_script(read)]
    assert values == sorted(values, reverse=True)
    button = page.find_element("css selector", "button.copy")
    assert button.text == "Copy the list of 2 files"
    button.click()
    chosen = "const list = document.querySelector('textarea');"
    chosen += "return list.value.slice(list.selectionStart, list.selectionEnd)"
    assert page.execute_script(chosen).splitlines()[0] == "Test/cat/copy.wav"
    assert page.get_log("browser") == []


def test_without_findings_the_verdict_says_so(tmp_path):
    rng = np.random.default_rng(1)
    files = []
    for label in ("cat", "cow"):
        (tmp_path / label).mkdir()
        for number in range(3):
            files.append(tmp_path / label / f"{number}.wav")
            soundfile.write(files[-1], rng.uniform(-0.5, 0.5, 8000), 16000)
    page = Page(write_audit_html(audit_dataset(files, cv=2), tmp_path / "audit.html"))
    (verdict,) = (text for _, text in page.all("p", "verdict"))
    assert verdict == "Nothing was found that makes scores misleading."
    assert not page.all("textarea") and not page.all("audio")


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """An audit of clips of 5.000 to 5.023 s, two files that cannot be read, a page."""
    folder = tmp_path_factory.mktemp("damaged") / "clips"
    rng = np.random.default_rng(2)
    for label, rate in (("cat", 8000), ("dog", 44100)):
        (folder / label).mkdir(parents=True)
        for number in range(3):
            n_samples = round((5 + 0.0115 * number) * rate)
            noise = rng.uniform(-0.5, 0.5, n_samples)
            soundfile.write(folder / label / f"{number}.wav", noise, rate)
    whole = (folder / "dog" / "0.wav").read_bytes()
    (folder / "dog" / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (folder / "dog" / "text.wav").write_text("<html>no such page</html>")
    audit = audit_dataset(folder, cv=2, near=False)
    return audit, Page(write_audit_html(audit, folder.parent / "audit.html"))


def test_every_unreadable_clip_has_its_own_reason(damaged):
    audit, page = damaged
    (found,) = (one for one in audit.findings() if "unreadable" in one)
    assert found.startswith("2 clips unreadable: dog/cut.wav (is cut short: holds 2.50")
    reason = "(not a sound file that can be read (it holds text))"
    assert found.endswith(f", dog/text.wav {reason}")
    assert found in page.all("section", "warnings")[0][1]


def test_one_reason_of_several_clips_is_said_once(tmp_path):
    for name in ("a", "b", "c", "d"):
        (tmp_path / "cat").mkdir(exist_ok=True)
        (tmp_path / "cat" / f"{name}.wav").write_text("<html></html>")
    (found,) = audit_dataset(sorted((tmp_path / "cat").iterdir())).findings()
    reason = "(not a sound file that can be read (it holds text))"
    assert found == f"4 clips unreadable: a.wav, b.wav, c.wav, d.wav {reason}"
    assert found.head == f"4 clips unreadable {reason}"


def test_counts_of_the_charts_say_of_which_clips_they_are(damaged):
    _, page = damaged
    assert "2 of the clips cannot be read" in page.all("p", "lead")[0][1]
    charts = {}
    for caption, table in zip(
        page.all("figcaption"), page.all("table", "bars"), strict=True
    ):
        charts[caption[1]] = table[1].split()
    assert charts["Clips per class 8 clips"] == ["cat3", "dog5"]
    assert charts["Sample rates 6 clips that can be read"] == (
        ["8000", "Hz3", "44100", "Hz3"]
    )
    bins = charts["Durations 6 clips that can be read"]
    dash = "\N{EN DASH}"
    assert bins[-2:] == [f"5{dash}6", "s6"]
    assert set(bins[1:-2:2]) == {"s0"}


def test_numbers_of_the_tables_have_no_exponents(damaged):
    (clips,) = (
        text
        for attrs, text in damaged[1].all("section")
        if attrs.get("aria-labelledby") == "clips"
    )
    assert "44100" in clips and "441044" in clips
    assert "e+" not in clips


@settings(max_examples=60)
@given(st.lists(st.floats(0.01, 5000), min_size=1, max_size=12))
def test_every_duration_lies_in_its_bin(seconds):
    rows = _durations(pd.Series(seconds))
    assert len(rows) <= 11 and sum(n for _, n in rows) == len(seconds)
    for label, n in rows:
        low, high = map(float, label.removesuffix(" s").split("\N{EN DASH}"))
        # Within the rounding of a duration to samples.
        inside = [low - 1e-4 * high <= one < high for one in seconds]
        assert sum(inside) >= n
