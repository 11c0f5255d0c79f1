import hashlib
import io
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from skaudio._utils import public_clips
from skaudio.datasets import _public_archives as archives
from skaudio.datasets import _public_sets
from skaudio.datasets._public_sets import (
    fetch_animals_sounds,
    fetch_esc10,
    fetch_esc50,
    fetch_sasmaz_tek,
)

ROWS = {"animals_sounds": 695, "sasmaz_tek": 875, "esc10": 400}
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


@pytest.fixture(scope="session")
def esc50_files():
    rows, files = [], {}
    for target, category in enumerate(ANIMALS):
        for i in range(40):
            fold, source, take = i // 8 + 1, 1000 * target + i // 2, "AB"[i % 2]
            name = f"{fold}-{source}-{take}-{target}.wav"
            esc10 = target < 2
            rows.append((name, fold, target, category, esc10, source, take))
            files[f"audio/{name}"] = (category, wav(len(rows)))
    columns = ["filename", *archives._ESC50_COLUMNS]
    meta = pd.DataFrame(rows, columns=columns).to_csv(index=False)
    files["meta/esc50.csv"] = (None, meta.encode())
    return files


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


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data home, a registry that fits CLIPS, and no proxy in between."""
    registry = tmp_path / "registry"
    registry.mkdir()
    for name, clips in CLIPS.items():
        rows = [
            (path, label, len(content), hashlib.sha256(content).hexdigest())
            for path, (label, content) in clips.items()
        ]
        table = pd.DataFrame(rows, columns=["path", "label", "bytes", "sha256"])
        table.to_csv(registry / f"{name}.csv", index=False)
    monkeypatch.setattr(public_clips, "_REGISTRY", registry)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SKAUDIO_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def site(home):
    site = Site()
    for name in CLIPS:
        site.put(name, packed(name))
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def options(site):
    return {"base_url": site.url, "delay": 0.01, "n_retries": 1, "timeout": 5}


def files_of(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_animals_sounds(site, home, options, capsys):
    train = fetch_animals_sounds(**options)
    assert train.data.tolist() == [
        str(home / "animals_sounds" / path)
        for path in CLIPS["animals_sounds"]
        if path.startswith("Training")
    ]
    assert train.data.dtype == object
    assert train.target.tolist() == ["Cat", "Cat", "Dog", "Dog"]
    assert train.target.dtype.kind == "U"
    assert train.target_names == ["Cat", "Dog"]
    assert train.groups[2] == train.groups[3]
    assert len(set(train.groups)) == 3
    assert train.frame["file"].tolist() == train.data.tolist()
    assert train.frame["label"].tolist() == train.target.tolist()
    assert train.frame["group"].tolist() == train.groups.tolist()
    assert set(train.frame["split"]) == {"train"}
    test = fetch_animals_sounds("test", **options)
    assert np.isin(test.groups, train.groups).tolist() == [True, False]
    noise = fetch_animals_sounds("noise", **options)
    assert noise.target.tolist() == ["wind"]
    everything = fetch_animals_sounds("all", **options)
    assert len(everything.data) == 7
    assert everything.frame["split"].value_counts().to_dict() == {
        "train": 4,
        "test": 2,
        "noise": 1,
    }
    assert "fold" not in train
    assert "CC BY-NC 3.0" in train.DESCR and "Piczak" in train.DESCR

    assert len(site.requests) == 1
    told = capsys.readouterr()
    assert told.out == ""  # what a command prints must stay clean
    assert told.err.count("Licence:") == told.err.count("Please cite:") == 1
    assert "\r" not in told.err and "\x1b" not in told.err  # no bar where no terminal
    assert (home / "animals_sounds" / "README.md").read_text() == "Read me"
    assert not (home / "animals_sounds" / "unlisted.wav").exists()
    assert os.listdir(home) == ["animals_sounds"]


def test_sasmaz_tek(site, options):
    clips = fetch_sasmaz_tek(**options)
    assert clips.target.tolist() == ["lion", "lion", "cat", "cat"]
    assert clips.target_names == ["cat", "lion"]
    assert clips.groups.tolist() == [0, 0, 1, 2]
    assert "75 %" in clips.DESCR and "Sasmaz" in clips.DESCR


def test_esc10(site, options):
    site.script = [of_unknown_length]  # as GitHub does
    clips = fetch_esc10(**options)
    assert clips.target.tolist() == ["dog_bark", "dog_bark", "rooster", "rooster"]
    assert clips.fold.tolist() == clips.frame["fold"].tolist() == [1, 5, 3, 3]
    assert clips.groups.tolist() == [0, 1, 2, 2]
    assert "CC BY 3.0" in clips.DESCR


def test_esc50(site, home, options, esc50_files):
    site.put("esc50", packed("esc50", esc50_files))
    clips = fetch_esc50(**options)
    assert clips.data.shape == clips.fold.shape == clips.groups.shape == (400,)
    assert clips.target_names == sorted(ANIMALS[:10])
    assert len(set(clips.groups)) == 200
    assert all(clips.frame.groupby("group")["src_file"].nunique() == 1)
    assert np.bincount(clips.fold).tolist() == [0, 80, 80, 80, 80, 80]
    assert all(Path(file).is_file() for file in clips.data)
    assert "No hash of each file" in clips.DESCR and "CC BY-NC 3.0" in clips.DESCR
    wind = fetch_esc50("wind", **options)
    assert wind.target_names == ["wind"]
    assert not set(wind.groups) & set(clips.groups)
    assert len(fetch_esc50("all", **options, verify=True).data) == 2000
    assert len(site.requests) == 1

    # Cut short, decoding to nothing, and a list that lost a clip are all repaired.
    cut_short, silent = Path(clips.data[3]), Path(clips.data[4])
    originals = cut_short.read_bytes(), silent.read_bytes()
    cut_short.write_bytes(originals[0][:-4])
    fetch_esc50(**options)
    assert cut_short.read_bytes() == originals[0]
    silent.write_bytes(originals[1][:20] + b"\xff\xff" + originals[1][22:])
    fetch_esc50(**options, verify=True)
    assert silent.read_bytes() == originals[1]
    meta = home / "esc50" / "meta" / "esc50.csv"
    listed = meta.read_text()
    meta.write_text(listed[: listed.rindex("\n", 0, -1) + 1])
    with pytest.raises(OSError, match=r"esc50\.csv: lists 1999 clips, expected 2000"):
        fetch_esc50(**options, download_if_missing=False)
    fetch_esc50(**options)
    assert meta.read_text() == listed
    assert len(site.requests) == 4


def test_esc50_with_a_list_that_leads_elsewhere(site, home, options, esc50_files):
    meta = esc50_files["meta/esc50.csv"][1]
    evil = meta.replace(b"1-0-A-0.wav", b"../../../1-0-A-0.wav")
    site.put("esc50", packed("esc50", esc50_files | {"meta/esc50.csv": (None, evil)}))
    with pytest.raises(
        OSError, match=r"'\.\./\.\./\.\./1-0-A-0\.wav', expected a name"
    ):
        fetch_esc50(**options)
    assert os.listdir(home) == []


def test_return_X_y(site, options):
    bunch = fetch_esc10(**options)
    data, target = fetch_esc10(**options, return_X_y=True)
    assert data.tolist() == bunch.data.tolist()
    assert target.tolist() == bunch.target.tolist()


def test_where_the_data_go(site, home, options, tmp_path, monkeypatch):
    def folder(**kwargs):
        return Path(fetch_esc10(**options, **kwargs).data[0]).parents[2]

    assert folder() == home
    assert folder(data_home=tmp_path / "a") == tmp_path / "a"
    assert folder(data_home=str(tmp_path / "b")) == tmp_path / "b"
    monkeypatch.delenv("SKAUDIO_DATA")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert folder() == tmp_path / "skaudio_data"


@pytest.mark.parametrize("name", FETCHERS)
def test_no_download_wanted(name, home):
    with pytest.raises(OSError, match="no such folder") as error:
        FETCHERS[name](download_if_missing=False)
    message = str(error.value)
    archive = getattr(archives, name.upper())
    url = f"https://github.com/{archive.repository}/archive/{archive.commit}.zip"
    for part in (
        str(home / name),
        url,
        "as base_url (--base-url)",
        "download_if_missing=False",
    ):
        assert part in message
    assert "\n" not in message
    assert not home.exists()


def test_no_network(home):
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()  # nobody listens there now
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
    assert len(site.requests) == 1  # asking again would not help
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
def test_archive_that_reaches_out(site, home, options, tmp_path, member, reason):
    site.put("esc10", packed("esc10", extra={member: b"/etc"}.items()))
    before = files_of(tmp_path)
    with pytest.raises(OSError, match=reason) as error:
        fetch_esc10(**options)
    assert "evil" in str(error.value) and site.url in str(error.value)
    assert len(site.requests) == 1
    assert files_of(tmp_path) - before == {"home"}


def test_damage_on_disk_is_repaired(site, home, options):
    clips = fetch_esc10(**options)
    first, second = map(Path, clips.data[:2])
    original = first.read_bytes()
    kept = home / "esc10" / "my notes.txt"
    kept.write_text("mine")
    untouched = second.stat().st_ino

    first.unlink()
    with pytest.raises(OSError, match=r"1 file\(s\) missing or wrong: .*missing"):
        fetch_esc10(**options, download_if_missing=False)
    fetch_esc10(**options)
    assert first.read_bytes() == original

    first.write_bytes(original + b"x")
    with pytest.raises(OSError, match=f"{len(original) + 1} bytes, expected"):
        fetch_esc10(**options, download_if_missing=False)
    fetch_esc10(**options)
    assert first.read_bytes() == original

    tampered = original[:-1] + bytes([original[-1] ^ 1])
    first.write_bytes(tampered)
    fetch_esc10(**options)
    assert first.read_bytes() == tampered  # of equal size: seen by verify only
    with pytest.raises(OSError, match="sha256"):
        fetch_esc10(**options, download_if_missing=False, verify=True)
    fetch_esc10(**options, verify=True)
    assert first.read_bytes() == original

    assert len(site.requests) == 4
    assert kept.read_text() == "mine" and second.stat().st_ino == untouched


def test_repair_that_fails_changes_nothing(site, home, options):
    first = Path(fetch_esc10(**options).data[0])
    first.unlink()
    before = files_of(home)
    site.script = [cut, cut]
    with (
        pytest.warns(UserWarning, match="trying again"),
        pytest.raises(OSError, match="cut"),
    ):
        fetch_esc10(**options)
    assert files_of(home) == before


@pytest.mark.parametrize("subfolder", ["", "top", "Dataset"])
def test_unpacked_by_hand(home, subfolder):
    archive = archives.ANIMALS_SOUNDS
    target = home / archive.name
    with zipfile.ZipFile(io.BytesIO(packed(archive.name))) as bundle:
        bundle.extractall(target)
    top = target / archive.top
    if subfolder == "Dataset":
        (top / "Dataset").rename(target / "Dataset")
    elif not subfolder:
        top.rename(home / "other")
        target.rmdir()
        (home / "other" / "Dataset").rename(target)
    clips = fetch_animals_sounds(download_if_missing=False, verify=True)
    assert all(Path(file).is_file() for file in clips.data)
    assert (home / archive.name) in Path(clips.data[0]).parents


def test_repair_where_it_was_unpacked_by_hand(site, home, options):
    with zipfile.ZipFile(io.BytesIO(packed("animals_sounds"))) as bundle:
        bundle.extractall(home / "animals_sounds")
    first = Path(fetch_animals_sounds(**options).data[0])
    first.unlink()
    assert fetch_animals_sounds(**options).data[0] == str(first)
    assert first.is_file() and len(site.requests) == 1


PROCESS = """
import os
import sys
from pathlib import Path
from skaudio._utils import public_clips
from skaudio.datasets import _public_archives as archives
from skaudio.datasets._public_sets import fetch_esc10
public_clips._REGISTRY = Path(sys.argv[1])
number, file = int(sys.argv[3]), sys.argv[4]

def hook(event, args):
    if event == "open" and str(args[0]).endswith(file) and args[2] & os.O_WRONLY:
        os.kill(os.getpid(), number)

if number:
    sys.addaudithook(hook)
print("ready", flush=True)
sys.stdin.readline()
print(len(fetch_esc10(base_url=sys.argv[2]).data))
"""


@pytest.fixture
def start(home, site):
    processes = []

    def start(number=0, file="-"):
        arguments = [str(public_clips._REGISTRY), site.url, str(int(number)), file]
        process = subprocess.Popen(
            [sys.executable, "-c", PROCESS, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_two_processes_at_once(site, home, start):
    both = threading.Barrier(2, timeout=20)

    def together(handler, body):
        both.wait()
        whole(handler, body)

    site.script = [together, together]
    processes = [start(), start()]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    results = [process.communicate(timeout=20) for process in processes]
    assert [out for out, _ in results] == ["4\n", "4\n"], results
    assert len(site.requests) == 2
    assert os.listdir(home) == ["esc10"]
    assert len(fetch_esc10(download_if_missing=False, verify=True).data) == 4


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_download(site, home, start, number):
    arrived, release = threading.Event(), threading.Event()

    def hold(handler, body):
        arrived.set()
        release.wait(20)

    site.script = [hold]
    process = start()
    process.stdin.write("\n")
    process.stdin.flush()
    assert arrived.wait(20)
    process.send_signal(number)
    process.wait(20)
    release.set()
    assert not (home / "esc10").exists()
    if number == signal.SIGINT:
        assert os.listdir(home) == []
    assert len(fetch_esc10(base_url=site.url).data) == 4


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_unpacking(site, home, start, number):
    third = "3-34119-A.ogg"
    process = start(number, third)
    out, err = process.communicate("\n", timeout=20)
    assert process.returncode != 0 and out == "ready\n", err
    assert not (home / "esc10").exists()
    if number == signal.SIGINT:
        assert os.listdir(home) == []
    else:  # nobody could clean up, but the half is hidden and is not taken for data
        (left,) = home.rglob("5-9032-A.ogg")
        assert left.relative_to(home).parts[0].startswith(".esc10-")
    assert len(fetch_esc10(base_url=site.url).data) == 4


def test_unpacking_that_fails(site, home, options):
    """A full disk, say: here a listed path that cannot be made, after good ones."""
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


@pytest.mark.parametrize(
    ("fetch", "wrong", "message"),
    [
        (
            fetch_animals_sounds,
            {"split": "valid"},
            "split='valid': expected one of 'train'",
        ),
        (fetch_animals_sounds, {"split": ["all"]}, r"split=\['all'\]: expected"),
        (fetch_esc50, {"classes": "dog"}, "classes='dog': expected one of 'animals'"),
        (fetch_esc10, {"base_url": "ftp://x"}, "base_url='ftp://x': expected"),
        (fetch_esc10, {"timeout": 0}, "timeout=0"),
        (fetch_esc10, {"n_retries": -1}, "n_retries=-1"),
    ],
)
def test_wrong_parameters(home, fetch, wrong, message):
    with pytest.raises(ValueError, match=message):
        fetch(**wrong)


def test_the_bar_on_a_terminal(site, options, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    fetch_esc10(**options)
    assert "\x1b[" in capsys.readouterr().err


@pytest.mark.parametrize("name", ROWS)
def test_shipped_registry(name):
    table = archives.read_registry(name)
    assert table.columns.tolist() == ["path", "label", "bytes", "sha256"]
    assert len(table) == table["path"].nunique() == ROWS[name]
    assert table.notna().all(axis=None) and (table["bytes"] > 44).all()
    assert table["sha256"].str.fullmatch("[0-9a-f]{64}").all()
    assert table["label"].str.fullmatch("[A-Za-z_]+").all()
    assert not table["path"].str.lower().duplicated().any()  # as disks may see them
    turkish = "aslan esek inek kedi kopek koyun kurbaga kus maymun tavuk".split()
    assert not table["label"].str.lower().isin(turkish).any()
    assert not table["path"].str.contains(r"\.\.|\\|^/").any()


@pytest.mark.parametrize("name", ROWS)
def test_shipped_registry_is_the_one_given(name, shared_data):
    given = shared_data / "registry" / f"{name}.csv"
    shipped = public_clips._REGISTRY / f"{name}.csv"
    assert shipped.read_bytes() == given.read_bytes()


def test_real_animals_sounds(tmp_path, animals_sounds):
    (tmp_path / "animals_sounds").symlink_to(animals_sounds)
    options = {"data_home": tmp_path, "download_if_missing": False, "verify": True}
    train = fetch_animals_sounds("train", **options)
    test = fetch_animals_sounds("test", **options)
    noise = fetch_animals_sounds("noise", **options)
    assert [len(part.data) for part in (train, test, noise)] == [590, 65, 40]
    assert train.target_names == test.target_names and len(test.target_names) == 13
    assert np.isin(test.groups, train.groups).sum() == 6


def test_every_public_set_is_described():
    for archive in (getattr(archives, name.upper()) for name in FETCHERS):
        text = archives.describe(archive)
        for part in ("Source: ", archive.commit, "Licence: ", "Please cite: "):
            assert part in text
        assert len(archive.commit) == 40
    assert set(FETCHERS) == set(archives.LICENCES) == set(archives.CITATIONS)
    assert {f"fetch_{name}" for name in FETCHERS} == {
        name for name in vars(_public_sets) if name.startswith("fetch_")
    } - {"fetch_archive"}
