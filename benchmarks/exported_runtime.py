"""Start-up and memory of run.py with four packages, against the commands of skaudio.

    python benchmarks/exported_runtime.py MODEL.skaudio SOUND [--repeats N]

The model is exported with `skaudio export --runtime`, into a folder of its own; a fresh
virtual environment gets numpy, soundfile, soxr and onnxruntime from pip, and no more.
Each command runs N times on the sound. Printed are the seconds from its start to its
end, of the wall clock and of the processor, the lowest of all runs, since a busy
machine only adds to them; and the highest peak memory.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

PACKAGES = ("numpy", "soundfile", "soxr", "onnxruntime")
MEBIBYTE = 1024  # of kilobytes, as Linux counts


def measured(command, folder):
    """Run a command; return its seconds, those of the processor, and its MiB."""
    start = time.perf_counter()
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(command, cwd=folder, stdout=nowhere, stderr=nowhere)
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command} failed: run it by hand")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / MEBIBYTE


def fresh_environment(folder):
    """Make a virtual environment with the packages of the runtime; return Python."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [python, "-m", "pip"]
    subprocess.run([*pip, "install", "--quiet", *PACKAGES], check=True)
    listed = subprocess.run([*pip, "list"], check=True, capture_output=True, text=True)
    print("environment:", ", ".join(map(" ".join, map(str.split, rows(listed.stdout)))))
    return python


def rows(text):
    """List the lines of a table of pip below its head."""
    return text.splitlines()[2:]


def main():
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("sound")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    skaudio = [sys.executable, "-m", "skaudio"]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        shutil.copy(arguments.model, folder / "model.skaudio")
        shutil.copy(arguments.sound, folder / Path(arguments.sound).name)
        subprocess.run(
            [*skaudio, "export", "model.skaudio", "--runtime", "device"],
            cwd=folder,
            check=True,
        )
        python = fresh_environment(folder / "environment")
        sound = Path(arguments.sound).name
        commands = {
            "skaudio predict model.skaudio": [*skaudio, "predict", "model.skaudio"],
            "skaudio predict model.onnx": [*skaudio, "predict", "device/model.onnx"],
            "skaudio detect model.skaudio": [*skaudio, "detect", "model.skaudio"],
            "skaudio detect model.onnx": [*skaudio, "detect", "device/model.onnx"],
            "python run.py": [python, "-I", "device/run.py"],
        }
        print(f"{'':32}{'wall s':>8}{'CPU s':>8}{'MiB':>8}")
        for name, command in commands.items():
            runs = []
            for _ in range(arguments.repeats):
                shutil.rmtree(folder / "found", ignore_errors=True)
                runs.append(measured([*command, sound], folder))
            wall, processor, memory = zip(*runs, strict=True)
            print(
                f"{name:32}{min(wall):8.2f}{min(processor):8.2f}{max(memory):8.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
