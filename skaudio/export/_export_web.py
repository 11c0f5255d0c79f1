"""A fitted model as a page that runs it in the browser."""

import hashlib
import json
import os
from importlib.resources import files
from pathlib import Path

from skaudio._utils.atomic import atomic_write, make_folder, write_text
from skaudio._utils.hashing import sha256_of
from skaudio._utils.kept_thresholds import read_thresholds
from skaudio.export._export_onnx import export_onnx

ONNXRUNTIME_WEB = "1.30.0"
# Of its package on npm, the folder dist.
RUNTIME_FILES = {
    "ort.wasm.bundle.min.mjs": (
        "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90"
    ),
    "ort-wasm-simd-threaded.wasm": (
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2"
    ),
}
_CDN = f"https://cdn.jsdelivr.net/npm/onnxruntime-web@{ONNXRUNTIME_WEB}/dist/"
_OWN = (
    *("index.html", "style.css", "app.js", "audio.js", "view.js", "worker.js"),
    *("capture.js", "manifest.webmanifest", "icon.svg"),
)
_MODEL, _CONFIG, _OFFLINE = "model.onnx", "app.json", "sw.js"
# As audio.js finds events.
_EVENTS = {"smoothing": 3, "min_duration": 0.0, "merge_gap": 0.0}


def export_web(model, folder, window=None, *, onnxruntime_web=None, **options):
    """Write a folder with a page that runs a fitted model in the browser.

    The page names animals from the microphone and in sound files, shows the spectrogram
    and the probabilities of the classes, and keeps a table of events. No sound leaves
    the device. Once loaded it works offline, and can be installed on a phone.

    Parameters
    ----------
    model : fitted classifier or Pipeline
    folder : path
        Is made where it is not there. One with such a page is written anew; one that
        holds anything else is refused.
    window, **options
        As of `export_onnx`.
    onnxruntime_web : path or None, default=None
        Folder with the runtime's two files, as ``npm pack onnxruntime-web@1.30.0``
        brings them in its folder ``dist``; they are copied. None leaves them to the
        page, which takes them from cdn.jsdelivr.net when it is loaded first. In both
        cases the page runs them only if their SHA-256 is the known one.

    Returns
    -------
    facts : dict
        As of `export_onnx`.

    Raises
    ------
    ModelFileError, ImportError, ValueError
        As `export_onnx`.
    FileNotFoundError, ValueError
        Where a file of the runtime is missing, or is of another version.
    FileExistsError
        Where the folder holds other files.

    See Also
    --------
    export_onnx : Writes the graph alone.
    skaudio.recordings.listen : Does the same in the terminal.

    Notes
    -----
    Browsers give the microphone only to pages from https or localhost:
    ``python -m http.server -d DIR`` serves one at http://localhost:8000. The runtime
    uses one thread, so that the server needs no special headers.

    Windows and events are those of `skaudio.recordings.detect` with its defaults, at
    the thresholds in the model. A window that an `UnknownRejector` takes for no class
    is of no event.

    Examples
    --------
    >>> import os, tempfile
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.export import export_web
    >>> from skaudio.pipelines import audio_pipeline
    >>> calls = make_animal_sounds(6, n_classes=2, random_state=0)
    >>> pipeline = audio_pipeline("cnn1d").set_params(clf__max_epochs=1)
    >>> model = pipeline[1:].fit(calls.data, calls.target)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     facts = export_web(model, folder, window=3.0)
    ...     sorted(os.listdir(folder))[:4]
    ['app.js', 'app.json', 'audio.js', 'capture.js']
    """
    folder = Path(folder)
    runtime = _read_runtime(onnxruntime_web)
    _refuse_others(folder)
    _refuse_events(options.get("thresholds"))
    make_folder(folder, "the page")
    facts = export_onnx(model, folder / _MODEL, window, **options)
    own = files("skaudio.export") / "web"
    content = {name: (own / name).read_bytes() for name in _OWN} | runtime
    config = {
        "model": {
            "file": _MODEL,
            "sha256": sha256_of(folder / _MODEL),
            "facts": facts,
        },
        "runtime": {
            "version": ONNXRUNTIME_WEB,
            "base": "./" if runtime else _CDN,
            "script": next(iter(RUNTIME_FILES)),
            "wasm": list(RUNTIME_FILES)[1],
            "sha256": RUNTIME_FILES,
        },
    }
    content[_CONFIG] = json.dumps(config, indent=1, ensure_ascii=False).encode()
    worker = (own / _OFFLINE).read_text("utf-8")
    for name, data in content.items():
        with atomic_write(folder / name, "the page") as file:
            file.write(data)
    # Last: a browser that finds it finds all the others.
    write_text(folder / _OFFLINE, _offline(content, config, worker), "the page")
    return facts


def _read_runtime(folder):
    """Read the files of the runtime; raise where they are not the known ones."""
    if folder is None:
        return {}
    content = {}
    for name, expected in RUNTIME_FILES.items():
        path = Path(folder) / name
        if not path.is_file():
            raise FileNotFoundError(
                f"{path}: no such file: expected the folder dist of `npm pack "
                f"onnxruntime-web@{ONNXRUNTIME_WEB}`"
            )
        content[name] = path.read_bytes()
        found = hashlib.sha256(content[name]).hexdigest()
        if found != expected:
            raise ValueError(
                f"{path}: has sha256 {found}, expected {expected}, that of "
                f"onnxruntime-web {ONNXRUNTIME_WEB}: take the file from there"
            )
    return content


def _refuse_others(folder):
    """Raise where a folder holds anything but an earlier page."""
    if not folder.is_dir() or (folder / _CONFIG).is_file():
        return
    there = sorted(one.name for one in folder.iterdir())
    if there:
        raise FileExistsError(
            f"{folder}: holds other files, such as {there[0]}: expected a new or empty "
            "folder, or one with a page of skaudio"
        )


def _refuse_events(thresholds):
    """Raise where thresholds are of events that the page does not find."""
    if not isinstance(thresholds, (str, os.PathLike)):
        return
    kept = read_thresholds(thresholds)
    for name, ours in _EVENTS.items():
        if (theirs := kept["parameters"].get(name, ours)) != ours:
            raise ValueError(
                f"{kept['path']}: was calibrated with {name}={theirs}, and the page "
                f"knows {ours} only: detect, review and calibrate without it"
            )


def _offline(content, config, worker):
    """Return the service worker, which knows the files and their version."""
    base = config["runtime"]["base"]
    names = ["./", *content, _MODEL]
    if base == _CDN:
        names += [base + name for name in RUNTIME_FILES]
    digest = hashlib.sha256(worker.encode())
    for name, data in content.items():
        digest.update(name.encode() + data)
    head = f"const VERSION = {json.dumps(digest.hexdigest()[:16])};\n"
    return f"{head}const FILES = {json.dumps(names, indent=1)};\n\n{worker}"
