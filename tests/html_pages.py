"""Read the pages that skaudio writes, as text and in a browser."""

import base64
import json
import os
import shutil
import struct
import zlib
from contextlib import contextmanager
from html.parser import HTMLParser

import numpy as np
import pytest

from skaudio.reports import write_html


class Page(HTMLParser):
    """The elements of a page as (tag, attributes, text)."""

    VOID = {"meta", "link", "img", "br"}

    def __init__(self, path):
        super().__init__()
        self.text = path.read_text(encoding="utf-8")
        self.elements, self._open = [], []
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag, attrs):
        element = [tag, dict(attrs), ""]
        self.elements.append(element)
        if tag not in self.VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for element in self._open:
            element[2] += data

    def all(self, tag, name=None):
        return [
            (attrs, text)
            for kind, attrs, text in self.elements
            if kind == tag and (name is None or name in attrs.get("class", "").split())
        ]

    @property
    def data(self):
        (data,) = [t for a, t in self.all("script") if a.get("id") == "data"]
        return json.loads(data)

    @property
    def cards(self):
        return [text for _, text in self.all("p", "file")]


def written(reports, tmp_path, **options):
    """Write a page and read it."""
    path = tmp_path / "page" / "report.html"
    path.parent.mkdir(exist_ok=True)
    assert write_html(reports, path, **options) == path
    return Page(path)


def decoded(uri):
    """Return media type and content of a data URI."""
    kind, content = uri.removeprefix("data:").split(";base64,")
    return kind, base64.b64decode(content)


def clips_of(folder):
    """List the files of a folder and their labels."""
    files = sorted(str(path) for path in folder.rglob("*.wav"))
    return files, [os.path.basename(os.path.dirname(file)) for file in files]


def levels_of(png, n_bits=8):
    """Decode what `spectrogram_png` encodes: one or two pixels a byte, no filters."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, chunks = 8, {}
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        name = png[place + 4 : place + 8]
        chunks[name] = png[place + 8 : place + 8 + size]
        (checksum,) = struct.unpack(">I", png[place + 8 + size : place + 12 + size])
        assert checksum == zlib.crc32(name + chunks[name])
        place += 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8)
    lines = lines.reshape(height, -1)
    assert not lines[:, 0].any()
    lines = lines[:, 1:].astype(int)
    if n_bits == 4:
        lines = np.stack([lines >> 4, lines & 15], axis=2).reshape(height, -1)
    return lines[:, :width]


@contextmanager
def started_chromium(*arguments):
    """Start Chromium, driven by selenium; skip, with the reason, where it is absent."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    names = ("chromium", "chromium-browser", "google-chrome")
    browser = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip(
            "needs Chromium and chromedriver on the PATH; found "
            f"{browser or 'no Chromium'} and {driver or 'no chromedriver'}"
        )
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (
        *("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"),
        *("--autoplay-policy=no-user-gesture-required", "--mute-audio"),
        *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
        *arguments,
    ):
        options.add_argument(argument)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    # Given the path, selenium does not download a driver.
    service = webdriver.ChromeService(executable_path=driver)
    browser = webdriver.Chrome(options=options, service=service)
    browser.set_script_timeout(60)  # sounds start late on a busy machine
    try:
        yield browser
    finally:
        browser.quit()


def show(browser, address, width=1200, scheme="light"):
    """Open an address in a window of some width."""
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    theme = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": theme})
    for name in ("browser", "performance"):
        browser.get_log(name)  # discard the entries of earlier pages
    browser.get(address)
    return browser


def opened(browser, path, width=1200, scheme="light"):
    """Open the file of a page; `chromium` is the browser."""
    return show(browser, path.as_uri(), width, scheme)


def requested(browser):
    """List the addresses that a page has asked for since it was opened."""
    messages = [json.loads(one["message"]) for one in browser.get_log("performance")]
    return [
        message["message"]["params"]["request"]["url"]
        for message in messages
        if message["message"]["method"] == "Network.requestWillBeSent"
    ]


@contextmanager
def downloading(browser, path, seconds=60):
    """Wait until what is done inside has saved the file at `path`, whole.

    Chromium first reserves the name with an empty file, and then moves the content
    there.
    """
    from selenium.webdriver.support.ui import WebDriverWait

    behaviour = {"behavior": "allow", "downloadPath": str(path.parent)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    path.unlink(missing_ok=True)
    yield
    WebDriverWait(browser, seconds, 0.02).until(
        lambda _: path.exists() and path.stat().st_size
    )
