import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from fetch_site import whole

from skaudio._utils import public_clips
from skaudio.datasets import fetch_esc10

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
    """A function that starts a fetch, killed by a signal when it writes a file."""
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
    else:  # the partial data set stays, in a hidden folder that is never used
        (left,) = home.rglob("5-9032-A.ogg")
        assert left.relative_to(home).parts[0].startswith(".esc10-")
    assert len(fetch_esc10(base_url=site.url).data) == 4
