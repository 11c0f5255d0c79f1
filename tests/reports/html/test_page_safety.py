import base64
import hashlib
import os

from html_pages import clips_of, written
from made_up_reports import guesses, report_of

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(2)</script>",
    "{{ 7 * 7 }}{% raw %}",
    'it\'s "quoted" & <b>bold</b>',
    "\N{LION FACE} gr\u00fcn \N{RIGHT-TO-LEFT OVERRIDE}",
    "n" * 300,
    "--><!--",
]


def test_a_page_loads_nothing_from_outside(clip_folder, tmp_path):
    files, labels = clips_of(clip_folder)
    page = written(guesses(files, labels, skill=0), tmp_path)
    sources = [
        attrs[name]
        for _, attrs, _ in page.elements
        for name in ("src", "href", "srcset", "data", "poster", "action")
        if name in attrs
    ]
    assert len(sources) > 20
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert "url(" not in page.text and "@import" not in page.text
    # Its policy forbids it, too, and allows no script except its own.
    (policy,) = [a["content"] for a, _ in page.all("meta") if "http-equiv" in a]
    script = page.all("script")[-1][1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_hostile_names_stay_text(tone, tmp_path):
    files, labels = [], []
    for number, label in enumerate(HOSTILE * 2):
        name = f"{HOSTILE[(number + 3) % len(HOSTILE)]}{number}"[:200]
        files.append(str(tmp_path / "clips" / f"{name.replace('/', '_')}.wav"))
        labels.append(label)
        tone(files[-1])
    names = [HOSTILE[0], HOSTILE[2]]
    reports = [
        guesses(files, labels, name, skill=0, seed=seed, warnings=[HOSTILE[1]])
        for seed, name in enumerate(names)
    ]
    for report in reports:
        report.facts["parameters"] = {HOSTILE[1]: HOSTILE[2]}
    page = written(reports, tmp_path, title=HOSTILE[2], command=HOSTILE[0])
    assert len(page.all("script")) == 2
    assert len(page.all("img")) == len(page.all("audio")) == 12
    assert not [
        attrs
        for _, attrs, _ in page.elements
        if any(name.startswith("on") for name in attrs) or attrs.get("src") == "x"
    ]
    assert not page.all("b")
    assert page.all("h1")[0][1] == HOSTILE[2]
    # Names are shown unchanged.
    assert page.data["labels"] == sorted(HOSTILE)
    assert page.data["models"] == names
    assert set(page.data["clips"]) <= {os.path.basename(file) for file in files}
    assert set(page.cards) <= {os.path.basename(file) for file in files}
    assert "49" not in page.all("h3")[0][1]


def test_names_start_at_the_common_folder(clip_folder, tmp_path):
    files, labels = clips_of(clip_folder)
    page = written(guesses(files, labels, skill=0), tmp_path)
    assert str(clip_folder) not in page.text
    assert str(tmp_path.parent) not in page.text
    expected = {
        os.path.relpath(file, clip_folder).replace(os.sep, "/") for file in files
    }
    assert set(page.data["clips"]) == expected
    # A path above the working directory is not resolved.
    rows = [("../x/a.wav", "cat", "cow", None), ("../x/\udcff.wav", "cow", "cat", None)]
    page = written(report_of(rows, ["cat", "cow"]), tmp_path)
    assert page.data["clips"] == ["a.wav", "\udcff.wav"]
    assert page.cards == ["a.wav", "\\udcff.wav"]
    # Without a common folder, only the last folder is named.
    rows = [("/home/me/a/x.wav", "cat", "cow", None), ("b/y.wav", "cow", "cat", None)]
    page = written(report_of(rows, ["cat", "cow"]), tmp_path)
    assert page.cards == ["a/x.wav", "b/y.wav"] and "/home" not in page.text
