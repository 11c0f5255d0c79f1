import os
import re
import resource

import pytest
from html_pages import clips_of, written
from made_up_reports import guesses, report_of

from skaudio.reports import write_html


def test_a_page_of_many_clips_stays_small(tmp_path):
    sizes = []
    for n_clips in (600, 12000):
        files = [f"/data/class {n % 13}/recording-{n:06}.wav" for n in range(n_clips)]
        labels = [f"class {n % 13}" for n in range(n_clips)]
        reports = [guesses(files, labels, f"model {k}", 3, k) for k in range(2)]
        sizes.append(len(written(reports, tmp_path).text))
    assert sizes[1] < 5 * sizes[0]
    assert sizes[1] < 1e6


def test_a_page_states_its_size(clip_folder, tmp_path):
    files, labels = clips_of(clip_folder)
    page = written(guesses(files, labels, skill=0), tmp_path, n_hardest=3)
    size = (tmp_path / "page" / "report.html").stat().st_size
    ((number, unit),) = re.findall(r"This page: ([\d.]+) (kB|MB)", page.text)
    assert float(number) * {"kB": 1e3, "MB": 1e6}[unit] == pytest.approx(size, rel=0.02)
    assert f"3 of {len(files)} clips embedded" in page.text


def test_a_failed_write_leaves_the_older_page(tmp_path):
    rows = [("a.wav", "cat", "cow", None), ("b.wav", "cow", "cow", None)]
    report = report_of(rows, ["cat", "cow"])
    path = tmp_path / "report.html"
    older = '<!DOCTYPE html><meta name="generator" content="skaudio 0.1.0">'
    path.write_text(older)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8000, limits[1]))
    try:
        with pytest.raises(OSError, match="the older file there is untouched"):
            write_html(report, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == older
    assert os.listdir(tmp_path) == ["report.html"]
    with pytest.raises(OSError, match="its folder does not exist"):
        write_html(report, tmp_path / "missing" / "report.html")
    with pytest.raises(OSError, match="is a folder"):
        write_html(report, tmp_path)
    assert os.listdir(tmp_path) == ["report.html"]
