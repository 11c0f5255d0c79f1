import hashlib
import os
import stat
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
from fetch_site import (
    CLIPS,
    busy,
    cut,
    files_of,
    instead,
    of_unknown_length,
    packed,
    stuck,
    wav,
    zipped,
)

from skaudio._utils import public_clips
from skaudio.datasets import _public_archives as archives
from skaudio.datasets import fetch_esc10, fetch_sasmaz_tek


def test_no_network(home):
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()  # so the port is closed
    url = f"http://127.0.0.1:{server.server_port}"
    with (
        pytest.warns(UserWarning, match="trying again"),
        pytest.raises(OSError, match=r"no connection \(.*refused\)") as error,
    ):
        fetch_esc10(base_url=url, n_retries=1, delay=0)
    assert str(home / "esc10") in str(error.value)
    assert archives.ESC10.url(url) in str(error.value)
    assert os.listdir(home) == []


def test_cut_connection(site, home, options):
    site.script = [cut]
    with pytest.warns(UserWarning, match="the connection was cut"):
        fetch_esc10(**options)
    assert len(site.requests) == 2

    site.script = [cut, cut]
    with (
        pytest.warns(UserWarning, match="trying again"),
        pytest.raises(OSError, match="the connection was cut before the end"),
    ):
        fetch_sasmaz_tek(**options)
    assert os.listdir(home) == ["esc10"]


def test_archive_cut_without_notice(site, options):
    site.script = [lambda handler, body: of_unknown_length(handler, body[:-200])]
    assert len(fetch_esc10(**options).data) == 4
    assert len(site.requests) == 2


def test_slow_server(site, home, options):
    site.script = [stuck, stuck]
    options["timeout"] = 0.2
    start = time.monotonic()
    with (
        pytest.warns(UserWarning, match="trying again"),
        pytest.raises(OSError, match=r"no answer within timeout=0\.2 s"),
    ):
        fetch_esc10(**options)
    assert time.monotonic() - start < 2
    assert os.listdir(home) == []


def test_http_errors(site, home, options):
    site.script = [busy]
    with pytest.warns(UserWarning, match="HTTP 503"):
        fetch_esc10(**options)
    site.pages.clear()
    site.requests.clear()
    with pytest.raises(OSError, match="HTTP 404 Not Found") as error:
        fetch_sasmaz_tek(**options)
    assert len(site.requests) == 1  # not tried again
    assert str(home / "sasmaz_tek") in str(error.value)
    assert os.listdir(home) == ["esc10"]


def test_wrong_bytes_once(site, options):
    path = "001 - Dog bark/1-100032-A.ogg"
    wrong = CLIPS["esc10"] | {path: ("dog_bark", wav(99))}
    site.script = [instead(packed("esc10", wrong))]
    clips = fetch_esc10(**options)
    assert Path(clips.data[0]).read_bytes() == CLIPS["esc10"][path][1]
    assert len(site.requests) == 2


def test_wrong_bytes_always(site, home, options):
    path = "001 - Dog bark/1-100032-A.ogg"
    site.put("esc10", packed("esc10", CLIPS["esc10"] | {path: ("dog_bark", wav(99))}))
    with pytest.raises(OSError, match="downloaded 2 times") as error:
        fetch_esc10(**options)
    expected = hashlib.sha256(CLIPS["esc10"][path][1]).hexdigest()
    found = hashlib.sha256(wav(99)).hexdigest()
    assert all(part in str(error.value) for part in (path, expected, found, "base_url"))
    assert "1 file(s)" in str(error.value)
    assert len(site.requests) == 2
    assert os.listdir(home) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>Please log in</html>", "no zip archive"),
        (b"", "no zip archive"),
        (zipped({"something/else.txt": b""}), "4 file.s. missing or wrong"),
    ],
)
def test_not_the_archive(site, home, options, content, reason):
    site.put("esc10", content)
    with pytest.raises(OSError, match=reason):
        fetch_esc10(**options)
    assert os.listdir(home) == []


def _link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (f"{archives.ESC10.top}/../../../evil.wav", "outside the folder"),
        ("/tmp/evil.wav", "outside the folder"),
        ("C:\\evil.wav", "outside the folder"),
        ("..\\evil.wav", "outside the folder"),
        (_link(f"{archives.ESC10.top}/evil"), "is a link"),
    ],
)
def test_archive_with_unsafe_members(site, home, options, tmp_path, member, reason):
    site.put("esc10", packed("esc10", extra={member: b"/etc"}.items()))
    before = files_of(tmp_path)
    with pytest.raises(OSError, match=reason) as error:
        fetch_esc10(**options)
    assert "evil" in str(error.value) and site.url in str(error.value)
    assert len(site.requests) == 1
    assert files_of(tmp_path) - before == {"home"}


def test_unpacking_that_fails(site, home, options):
    """As on a full disk: here a listed path that cannot be created, after others."""
    table = public_clips._REGISTRY / "esc10.csv"
    listing = pd.read_csv(table)
    listing.loc[3, "path"] = listing.loc[0, "path"] + "/inside a file.ogg"
    listing.to_csv(table, index=False)
    inside = {f"{archives.ESC10.top}/{listing.loc[3, 'path']}": b"x"}
    site.put("esc10", packed("esc10", extra=inside.items()))
    with pytest.raises(OSError, match=r"inside a file|1-100032-A"):
        fetch_esc10(**options)
    assert os.listdir(home) == []


def test_a_file_in_the_way(home, site, options):
    home.mkdir()
    (home / "esc10").write_text("")
    with pytest.raises(NotADirectoryError, match="esc10: is a file, expected a folder"):
        fetch_esc10(**options)
    assert site.requests == []
