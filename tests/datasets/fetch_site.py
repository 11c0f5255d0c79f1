"""Small public data sets, and a web server on loopback that serves them."""

import io
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import soundfile

from skaudio.datasets import _public_archives as archives
from skaudio.datasets import (
    fetch_animals_sounds,
    fetch_esc10,
    fetch_esc50,
    fetch_sasmaz_tek,
)

FETCHERS = {
    "animals_sounds": fetch_animals_sounds,
    "sasmaz_tek": fetch_sasmaz_tek,
    "esc10": fetch_esc10,
    "esc50": fetch_esc50,
}


ANIMALS = (
    "dog rooster pig cow frog cat hen insects sheep crow".split()
    + [f"class_{target}" for target in range(10, 16)]
    + ["wind"]
    + [f"class_{target}" for target in range(17, 50)]
)


def wav(seed, n_samples=8):
    samples = np.random.RandomState(seed).uniform(-0.5, 0.5, n_samples)
    stream = io.BytesIO()
    soundfile.write(stream, samples, 8000, format="WAV", subtype="PCM_16")
    return stream.getvalue()


def zipped(files):
    """Pack {name: bytes}; a name may be a ZipInfo."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)
    return stream.getvalue()


CLIPS = {
    "animals_sounds": {
        "Noise/wind/1-29532-A-16.wav": ("wind", wav(0)),
        "Test/Cat/Cat_46.wav": ("Cat", wav(1)),  # a copy of Cat_1
        "Test/Dog/Dog_46.ogg": ("Dog", wav(2)),
        "Training/Cat/Cat_1.wav": ("Cat", wav(1)),
        "Training/Cat/Cat_2.wav": ("Cat", wav(3)),
        "Training/Dog/1-100032-A.ogg": ("Dog", wav(4)),
        "Training/Dog/1-100032-B.ogg": ("Dog", wav(5)),
    },
    "sasmaz_tek": {
        "Aslan/aslan_1.wav": ("lion", wav(0)),
        "Aslan/aslan_2.WAV": ("lion", wav(0)),
        "Kedi-Part1/cat_1.wav": ("cat", wav(1)),
        "Kedi-Part2/cat_101.wav": ("cat", wav(2)),
    },
    "esc10": {
        "001 - Dog bark/1-100032-A.ogg": ("dog_bark", wav(0)),
        "001 - Dog bark/5-9032-A.ogg": ("dog_bark", wav(1)),
        "009 - Rooster/3-34119-A.ogg": ("rooster", wav(2)),
        "009 - Rooster/3-34119-B.ogg": ("rooster", wav(3)),
    },
}


def packed(name, clips=None, extra=()):
    """Archive of a data set as GitHub lays it out."""
    archive = getattr(archives, name.upper())
    inside = "/".join(filter(None, (archive.top, archive.subfolder)))
    files = {f"{archive.top}/": b"", f"{archive.top}/README.md": b"Read me"}
    files |= {f"{archive.top}/.gitignore": b"", f"{inside}/unlisted.wav": b"x"}
    for path, (_, content) in (clips or CLIPS[name]).items():
        files[f"{inside}/{path}"] = content
    return zipped(files | dict(extra))


class Site:
    """A web server on loopback, whose next answers can be scripted."""

    def __init__(self):
        self.pages, self.script, self.requests = {}, [], []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.requests.append(self.path)
                answer = site.script.pop(0) if site.script else whole
                try:
                    answer(self, site.pages.get(self.path))
                except (BrokenPipeError, ConnectionResetError):
                    pass

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        # The default poll of half a second would be spent at every shutdown.
        threading.Thread(target=self.server.serve_forever, args=(0.01,)).start()

    def put(self, name, content):
        archive = getattr(archives, name.upper())
        self.pages[archive.url(self.url).removeprefix(self.url)] = content


def whole(handler, body):
    if body is None:
        handler.send_error(404)
        return
    handler.send_response(200)
    handler.send_header("Content-Length", len(body))
    handler.end_headers()
    handler.wfile.write(body)


def of_unknown_length(handler, body):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(body)


def cut(handler, body):
    handler.send_response(200)
    handler.send_header("Content-Length", len(body))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])


def stuck(handler, body, seconds=1.0):
    handler.send_response(200)
    handler.send_header("Content-Length", len(body))
    handler.end_headers()
    handler.wfile.write(body[:100])
    handler.wfile.flush()
    time.sleep(seconds)


def busy(handler, body):
    handler.send_error(503)


def instead(content):
    return lambda handler, body: whole(handler, content)


def files_of(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}
