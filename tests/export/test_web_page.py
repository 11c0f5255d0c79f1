"""The page that runs a model in the browser."""

import json
import shutil
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest
import soundfile
from html_pages import downloading, show, started_chromium
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tiny_weights import write_mobilenet

from skaudio import (
    EfficientATEmbedder,
    UnknownRejector,
    WavLoader,
    WindowClassifier,
    save_model,
)
from skaudio.datasets import make_animal_sounds
from skaudio.export import export_web
from skaudio.io import resample
from skaudio.recordings import detect

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
ui = pytest.importorskip("selenium.webdriver.support.ui", reason="needs selenium")
RATE, VERSION = 16000, "1.30.0"


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """The files of the browser's runtime, from npm."""
    folder = tmp_path_factory.mktemp("npm")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm, for the files of onnxruntime-web")
    package = f"onnxruntime-web@{VERSION}"
    run = subprocess.run(
        [npm, "pack", package, "--prefer-offline"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        pytest.skip(f"npm cannot bring {package}: {run.stderr.strip()[-200:]}")
    shutil.unpack_archive(folder / f"onnxruntime-web-{VERSION}.tgz", folder)
    return folder / "package" / "dist"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A small model for windows of a second, on made-up calls."""
    folder = tmp_path_factory.mktemp("clips")
    calls = make_animal_sounds(8, n_classes=3, output_dir=folder, random_state=0)
    embedder = EfficientATEmbedder(
        model_path=write_mobilenet(str(folder / "tiny.pt")),
        sample_rate=RATE,
        window=1.0,
        speeds=(1,),
    )
    hiss = np.random.default_rng(0).normal(0, 0.005, 5 * RATE)
    clf = WindowClassifier(
        make_pipeline(embedder, StandardScaler(), LogisticRegression(max_iter=1000)),
        [hiss],
        clip_duration=1.0,
        random_state=0,
    )
    pipeline = make_pipeline(WavLoader(sample_rate=RATE), clf)
    return pipeline.fit(calls.data, calls.target)


@pytest.fixture(scope="module")
def dawn(tmp_path_factory):
    """Calls of three animals in hiss, at a rate that is not the model's."""
    calls = make_animal_sounds(3, n_classes=3, random_state=7, sample_rate=44100)
    sound = np.random.default_rng(1).normal(0, 0.005, 12 * 44100)
    for row, call in enumerate(calls.data[::3]):
        start = (1 + 4 * row) * 44100
        part = call[: 3 * 44100]
        sound[start : start + len(part)] += part
    path = tmp_path_factory.mktemp("dawn") / "dawn.wav"
    soundfile.write(path, sound, 44100)
    return path


@pytest.fixture(scope="module")
def page(model, dist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    export_web(model, folder, onnxruntime_web=dist)
    return folder


@pytest.fixture(scope="module")
def browser(dawn):
    with started_chromium(
        *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
        f"--use-file-for-fake-audio-capture={dawn}",
    ) as browser:
        yield browser


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def until(browser, condition):
    """Wait until a condition of the page holds, or it shows a problem."""
    script = f"return !document.getElementById('problem').hidden || ({condition})"
    ui.WebDriverWait(browser, 60, 0.1).until(lambda _: browser.execute_script(script))
    assert text(browser, "problem") == ""


def text(browser, name):
    return browser.find_element("id", name).text


def errors(browser):
    return [one for one in browser.get_log("browser") if one["level"] == "SEVERE"]


def csv_of(browser, folder):
    """Download the table of events."""
    path = folder / "events.csv"
    with downloading(browser, path):
        browser.find_element("id", "download").click()
    return pd.read_csv(path)


READY = "document.body.dataset.model === 'ready'"
STATUS = "document.getElementById('status').textContent"


def test_files_give_the_events_of_detect_offline(browser, page, model, dawn, tmp_path):
    sound, rate = soundfile.read(dawn)
    same_rate = tmp_path / "same.wav"
    soundfile.write(same_rate, resample(sound, rate, RATE), RATE, "FLOAT")
    expected = detect(model, [dawn, same_rate], tmp_path / "found", formats=()).events
    assert expected["annotation"].nunique() > 1
    with served(page) as address:
        show(browser, address, width=390)
        until(browser, READY)
        until(browser, "document.body.dataset.offline === 'ready'")
        wide = "return document.documentElement.scrollWidth"
        assert browser.execute_script(wide) <= 390
    # The server is gone: all comes from what the browser keeps.
    browser.refresh()
    until(browser, READY)
    browser.find_element("id", "files").send_keys(f"{dawn}\n{same_rate}")
    until(browser, STATUS + ".startsWith('Read ')")
    found = csv_of(browser, tmp_path)
    assert list(found) == [*expected]
    columns = ["annotation", "start_time", "end_time", "peak_start_time"]
    # The browser resamples by another filter.
    for path, atol in ((dawn, 0.05), (same_rate, 1e-3)):
        ours = found[found["audio_file"] == path.name].reset_index(drop=True)
        theirs = expected[expected["audio_file"] == str(path)].reset_index(drop=True)
        pd.testing.assert_frame_equal(ours[columns], theirs[columns], check_dtype=False)
        np.testing.assert_allclose(ours["score"], theirs["score"], atol=atol)
    assert errors(browser) == []


def test_microphone(browser, page, tmp_path):
    with served(page) as address:
        show(browser, address)
        until(browser, READY)
        browser.find_element("id", "listen").click()
        until(browser, "Number(document.getElementById('count').textContent) >= 1")
        browser.find_element("id", "listen").click()
        until(
            browser,
            "document.getElementById('status').textContent.includes('Listened')",
        )
    found = csv_of(browser, tmp_path)
    assert set(found["annotation"]) <= {"cat", "cow", "dog"}  # no background
    assert set(found["audio_file"]) == {"microphone"}
    assert pd.to_datetime(found["datetime"]).notna().all()
    drawn = """
        const canvas = document.getElementById("spectrogram");
        const { width, height } = canvas;
        const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
        return data.filter((value, k) => k % 4 < 3 && value > 100).length;
    """
    assert browser.execute_script(drawn) > 100
    assert errors(browser) == []


@pytest.fixture(scope="module")
def rejecting(dist, tmp_path_factory):
    """The page of a model that knows what it does not know."""
    folder = tmp_path_factory.mktemp("rejecting")
    calls = make_animal_sounds(8, n_classes=3, random_state=0)
    embedder = EfficientATEmbedder(
        model_path=write_mobilenet(str(folder / "tiny.pt")),
        sample_rate=RATE,
        window=1.0,
        speeds=(1,),
    )
    head = LogisticRegression(max_iter=1000)
    model = UnknownRejector(make_pipeline(embedder, StandardScaler(), head))
    model.fit(calls.data, calls.target)
    export_web(model, folder / "page", 1.0, onnxruntime_web=dist)
    return folder / "page"


@pytest.mark.parametrize(
    ("alpha", "thresholds", "expected"),
    [(0.0, {"cow": 0.1}, {"cow"}), (2.0, None, set())],
    ids=["a class without threshold", "all is unknown"],
)
def test_thresholds_and_unknown(
    browser, rejecting, dawn, tmp_path, alpha, thresholds, expected
):
    page = shutil.copytree(rejecting, tmp_path / "page")
    config = json.loads((page / "app.json").read_text())
    config["model"]["facts"]["unknown"]["alpha"] = alpha
    config["model"]["facts"]["thresholds"] = thresholds
    (page / "app.json").write_text(json.dumps(config))
    with served(page) as address:
        show(browser, address)
        until(browser, READY)
        browser.find_element("id", "files").send_keys(str(dawn))
        until(browser, STATUS + ".startsWith('Read ')")
    rows = browser.find_elements("css selector", "#events tbody tr")
    assert {row.text.split()[0] for row in rows} == expected
    assert ("like none of the classes" in text(browser, "now")) == (alpha == 2.0)
    assert browser.find_element("id", "least").is_displayed() == (thresholds is None)
    assert ("Thresholds of the model: cow 0.1;" in text(browser, "hint")) == (
        thresholds is not None
    )


def test_a_calibration_is_that_of_detect(browser, page, model, dawn, tmp_path):
    """Events are found at its low threshold; those of some classes and scores count."""
    options = {"clip_overlap": 0.25, "threshold": 0.1, "formats": ()}
    found = detect(model, dawn, tmp_path / "found", **options).events
    top = found["annotation"].value_counts().index[:2].tolist()
    least = {label: found[found["annotation"] == label]["score"].max() for label in top}
    expected = found[found["score"] >= found["annotation"].map(least) - 0.02]
    page = shutil.copytree(page, tmp_path / "page")
    config = json.loads((page / "app.json").read_text())
    config["model"]["facts"] |= {
        "overlap": 0.25,
        "thresholds": {label: score - 0.02 for label, score in least.items()},
        "calibration": {"parameters": {"threshold": 0.1}},
    }
    (page / "app.json").write_text(json.dumps(config))
    with served(page) as address:
        show(browser, address)
        until(browser, READY)
        browser.find_element("id", "files").send_keys(str(dawn))
        until(browser, STATUS + ".startsWith('Read ')")
    ours = csv_of(browser, tmp_path)
    columns = ["annotation", "start_time", "end_time"]
    pd.testing.assert_frame_equal(
        ours[columns], expected[columns].reset_index(drop=True), check_dtype=False
    )
    assert 0 < len(ours) < len(found)


def test_another_runtime_is_not_run(browser, page, tmp_path):
    shutil.copytree(page, tmp_path / "page")
    wasm = tmp_path / "page" / "ort-wasm-simd-threaded.wasm"
    wasm.write_bytes(wasm.read_bytes()[:-1] + b"x")
    with served(tmp_path / "page") as address:
        show(browser, address)
        problem = "return document.getElementById('problem').textContent"
        ui.WebDriverWait(browser, 60, 0.1).until(
            lambda _: browser.execute_script(problem)
        )
    assert "threaded.wasm is another file than expected" in text(browser, "problem")
    assert browser.find_element("id", "listen").get_attribute("disabled")


def test_runtime_from_the_network_or_a_folder(model, page, dist, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"npm pack onnxruntime-web@1\.30\.0"):
        export_web(model, tmp_path / "page", onnxruntime_web=tmp_path)
    shutil.copytree(dist, tmp_path / "dist", ignore=lambda _, names: [])
    (tmp_path / "dist" / "ort.wasm.bundle.min.mjs").write_text("other")
    with pytest.raises(ValueError, match="has sha256 d9298a10d1b0735837dc4bd85dac641b"):
        export_web(model, tmp_path / "page", onnxruntime_web=tmp_path / "dist")
    assert not (tmp_path / "page").exists()
    export_web(model, tmp_path / "page")
    runtime = json.loads((tmp_path / "page" / "app.json").read_text())["runtime"]
    cdn = f"https://cdn.jsdelivr.net/npm/onnxruntime-web@{VERSION}/dist/"
    assert runtime["base"] == cdn
    assert f'"{cdn}{runtime["wasm"]}"' in (tmp_path / "page" / "sw.js").read_text()
    assert not list((tmp_path / "page").glob("ort*"))
    # Written anew, it is the same version; with its own runtime it is another.
    worker = (tmp_path / "page" / "sw.js").read_text()
    export_web(model, tmp_path / "page")
    assert (tmp_path / "page" / "sw.js").read_text() == worker
    assert (page / "sw.js").read_text() != worker


def test_a_folder_of_others_is_left_alone(model, tmp_path):
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(FileExistsError, match=r"other files, such as index\.html"):
        export_web(model, tmp_path)
    assert (tmp_path / "index.html").read_text() == "mine"


def test_command(model, skaudio, tmp_path):
    save_model(model, tmp_path / "model.skaudio")
    page = tmp_path / "a page"
    run = skaudio("export", tmp_path / "model.skaudio", "--web", page)
    said = run.stderr.replace("\n", "")
    assert f"python -m http.server -d '{page}'" in said
    assert (page / "index.html").exists()
    assert not (tmp_path / "model.onnx").exists()
