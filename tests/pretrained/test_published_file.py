"""Files that are fetched once, from a site of the test."""

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from skaudio.pretrained._published_file import PublishedFile

CONTENT = b"weights" * 1000
ELSE = dict(n_retries=0, instead="do without")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """The address of a site with one file, and the folder it is served from."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "net.pt").write_bytes(CONTENT)
    monkeypatch.delenv("SKAUDIO_WEIGHTS", raising=False)
    monkeypatch.setenv("SKAUDIO_DATA", str(tmp_path / "data"))
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()


def test_fetched_once_checked_and_told(site, tmp_path, capfd):
    address, folder = site
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    file = PublishedFile("net.pt", f"{address}/net.pt", sha256)
    path = tmp_path / "data" / "pretrained" / "net.pt"
    assert file.path(**ELSE) == str(path) and path.read_bytes() == CONTENT
    assert f"Downloading {address}/net.pt" in capfd.readouterr().err
    (folder / "net.pt").unlink()
    assert file.path(**ELSE) == str(path)
    assert "Downloading" not in capfd.readouterr().err


def test_another_content_is_refused_and_not_kept(site, tmp_path):
    address, _ = site
    file = PublishedFile("net.pt", f"{address}/net.pt", "0" * 64)
    with pytest.raises(OSError, match=r"what came is another file.*put the file there"):
        file.path(**ELSE)
    absent = PublishedFile("gone.pt", f"{address}/gone.pt")
    with pytest.raises(OSError, match=r"HTTP 404.*gone\.pt, or do without"):
        absent.path(**ELSE)
    assert not list((tmp_path / "data" / "pretrained").iterdir())
