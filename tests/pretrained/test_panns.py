from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_weights import write_cnn14

from skaudio import PANNsEmbedder
from skaudio._nets.cnn14 import Cnn14


@pytest.fixture
def reference(monkeypatch, tmp_path):
    """Import the package's Cnn14, which reads a table in the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    table = tmp_path / "panns_data" / "class_labels_indices.csv"
    table.parent.mkdir()
    rows = [f"{number},/m/{number},class {number}" for number in range(527)]
    table.write_text("\n".join(["index,mid,display_name", *rows]))
    from panns_inference.models import Cnn14

    return Cnn14


@pytest.mark.parametrize(
    ("rate", "n_fft", "hop", "fmax"),
    [(32000, 1024, 320, 14000), (16000, 512, 160, 8000)],
)
def test_equals_the_reference_package(reference, rate, n_fft, hop, fmax):
    torch.manual_seed(0)
    theirs = reference(rate, n_fft, hop, 64, 50, fmax, 527).eval()
    for layer in theirs.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.3)
            layer.running_var.uniform_(0.5, 2)
    ours = Cnn14(theirs.state_dict())
    assert (ours.sample_rate, ours.n_features) == (rate, 2048)
    waveforms = 0.1 * torch.randn(2, rate // 2 + 77)
    with torch.inference_mode():
        expected = theirs(waveforms)["embedding"]
        torch.testing.assert_close(ours(waveforms), expected, rtol=0, atol=1e-5)
    assert expected.std() > 0.01


@pytest.mark.parametrize(("n_fft", "rate"), [(512, 16000), (1024, 32000)])
def test_rate_and_sizes_are_read_from_the_file(tmp_path, n_fft, rate):
    path = write_cnn14(tmp_path / "cnn14.pth", n_fft=n_fft, n_features=9)
    embedder = PANNsEmbedder(path, sample_rate=rate, window=1.0)
    model = embedder._opened(embedder._weights())
    assert (model.sample_rate, model.n_features) == (rate, 9)
    # The shortest clip that five halvings leave a frame of, and one sample.
    clips = [np.ones(model.n_samples, np.float32), np.ones(1, np.float32)]
    assert np.isfinite(embedder.transform(clips)).all()


def test_clips_up_to_a_window_keep_their_length(tmp_path):
    """Three windows of 1 s are averaged; half a second is a window of its own."""
    path = write_cnn14(tmp_path / "cnn14.pth")
    embedder = PANNsEmbedder(path, sample_rate=16000, window=1.0)
    clip = np.random.default_rng(0).standard_normal(48000).astype(np.float32)
    model = embedder._opened(embedder._weights())
    windows = model.run(clip.reshape(3, 16000))
    np.testing.assert_allclose(
        embedder.transform([clip])[0], windows.mean(axis=0), rtol=1e-5
    )
    half = clip[:8000]
    np.testing.assert_allclose(
        embedder.transform([half]), model.run(half[np.newaxis]), rtol=1e-5
    )


def test_files_with_training_state_are_read(tmp_path):
    """As in the published file for 16 kHz."""
    path = write_cnn14(tmp_path / "cnn14.pth")
    content = torch.load(path, weights_only=True)
    content["sampler"] = {"indexes": np.arange(5), "weights": np.ones(5)}
    torch.save(content, path)
    assert PANNsEmbedder(path, sample_rate=16000)._n_features_out == 12


class Harm:
    def __reduce__(self):
        return Path.touch, (Path("harm_was_done"),)


def test_files_that_hold_something_else_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"model": Harm()}, "harm.pth")
    torch.save({"model": {"weight": torch.ones(3)}}, "other.pth")
    Path("text.pth").write_text("no weights")
    clip = [np.ones(100, np.float32)]
    for name in ("harm.pth", "text.pth"):
        with pytest.raises(ValueError, match=f"{name}: not a file of weights alone"):
            PANNsEmbedder(name).transform(clip)
    assert not Path("harm_was_done").exists()
    content = torch.load(write_cnn14("more.pth"), weights_only=True)
    content["model"]["pre_conv0.weight"] = torch.ones(3)
    torch.save(content, "more.pth")
    for name in ("other.pth", "more.pth"):
        with pytest.raises(ValueError, match=f"{name}: holds no weights of Cnn14"):
            PANNsEmbedder(name).transform(clip)
    with pytest.raises(FileNotFoundError, match=r"nowhere\.pth: no such file"):
        PANNsEmbedder("nowhere.pth").transform(clip)


def test_published_weights_without_a_network(monkeypatch, tmp_path):
    monkeypatch.setenv("SKAUDIO_DATA", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(OSError, match=r"zenodo.org.*: no connection.*put the file"):
        PANNsEmbedder("Cnn14_16k").transform([np.ones(100, np.float32)])
    other = tmp_path / "pretrained" / "Cnn14_mAP=0.431.pth"
    write_cnn14(other)
    with pytest.raises(ValueError, match="expected 0dc499e4"):
        PANNsEmbedder().transform([np.ones(100, np.float32)])


def test_absent_device_is_named(tmp_path):
    path = write_cnn14(tmp_path / "cnn14.pth")
    with pytest.raises(ValueError, match="device='gpu' is not available here"):
        PANNsEmbedder(path, device="gpu").transform([np.ones(100, np.float32)])
