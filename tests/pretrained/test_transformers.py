"""AST, HTS-AT and wav2vec 2.0 against reference code, on random weights."""

import json
import shutil

import numpy as np
import pytest
import torch
from scipy.signal import get_window
from tiny_weights import write_ast, write_clap, write_wav2vec2

from skaudio import ASTEmbedder, HTSATEmbedder, Wav2Vec2Embedder

RATE = 16000


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    return {
        "ast": write_ast(folder / "ast"),
        "clap": write_clap(folder / "clap"),
        "fused": write_clap(folder / "fused", fusion=True),
        "wav2vec2": write_wav2vec2(folder / "wav2vec2"),
    }


@pytest.fixture(scope="module")
def noise():
    return 0.1 * np.random.default_rng(0).standard_normal(5 * RATE).astype(np.float32)


def opened(embedder):
    return embedder._opened(embedder._weights())


def kaldi_log_mel(waveform, n_mels=32, n_frames=128):
    """Kaldi's filter banks by their definition, normalised as AST was trained."""
    mel = lambda hertz: 1127 * np.log(1 + hertz / 700)  # noqa: E731
    edges = np.linspace(mel(20), mel(8000), n_mels + 2)
    pitch = mel(np.arange(257) * RATE / 512)[:, None]
    rising = (pitch - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - pitch) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0, np.minimum(rising, falling))
    log_mel = np.zeros((n_frames, n_mels))
    for number, start in enumerate(range(0, len(waveform) - 399, 160)):
        frame = waveform[start : start + 400].astype(float)
        frame = frame - frame.mean()
        frame = frame - 0.97 * np.concatenate([frame[:1], frame[:-1]])
        frame = frame * get_window("hann", 400, fftbins=False)
        power = abs(np.fft.rfft(frame, 512)) ** 2
        log_mel[number] = np.log(np.maximum(power @ filters, np.finfo(np.float32).eps))
    return (log_mel + 4.2677393) / (2 * 4.5689974)


@pytest.mark.parametrize("n_samples", [400, 9000, 20720])
def test_ast_front_end(folders, noise, n_samples):
    embedder = ASTEmbedder(folders["ast"])
    (log_mel,) = embedder._windows(opened(embedder), noise[:n_samples])
    assert log_mel.dtype == np.float32
    np.testing.assert_allclose(log_mel, kaldi_log_mel(noise[:n_samples]), atol=2e-4)


def test_ast_embedding_is_the_input_of_its_classifier(folders, noise):
    from transformers import ASTForAudioClassification

    model = ASTForAudioClassification.from_pretrained(folders["ast"]).eval()
    seen = []
    model.classifier.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    length = 400 + 127 * 160
    windows = [noise[:length], noise[length : 2 * length], noise[2 * length :][:length]]
    windows[2:] = [noise[2 * length : 3 * length], noise[-length:]]
    with torch.inference_mode():
        for window in windows:
            log_mel = kaldi_log_mel(window)[np.newaxis].astype(np.float32)
            model(torch.from_numpy(log_mel))
    expected = torch.cat(seen).numpy()
    ours = ASTEmbedder(folders["ast"], pooling="mean_std").transform([noise])[0]
    np.testing.assert_allclose(ours[:16], expected.mean(axis=0), atol=2e-3)
    np.testing.assert_allclose(ours[16:], expected.std(axis=0), atol=2e-3)


def clap_log_mel(waveform, filters, n_samples=2 * RATE):
    """Repeat as often as it fits whole, pad with zeros, take centred frames in dB."""
    waveform = np.tile(waveform, n_samples // len(waveform)).astype(float)
    waveform = np.pad(waveform, (0, n_samples - len(waveform)))
    padded = np.pad(waveform, 256, mode="reflect")
    window = get_window("hann", 512)
    frames = [padded[start : start + 512] for start in range(0, n_samples + 1, 320)]
    power = abs(np.fft.rfft(frames * window)) ** 2
    return 10 * np.log10(np.maximum(power @ filters, 1e-10))


@pytest.mark.parametrize("n_samples", [1, 9000, 2 * RATE])
@pytest.mark.parametrize("kind", ["clap", "fused"])
def test_clap_front_end(folders, noise, kind, n_samples):
    import librosa

    # Slaney's filters, or HTK's for networks that fuse.
    scale = dict(htk=kind == "fused", norm=None if kind == "fused" else "slaney")
    filters = librosa.filters.mel(sr=RATE, n_fft=512, n_mels=16, fmax=8000, **scale).T
    embedder = HTSATEmbedder(folders[kind], sample_rate=RATE)
    (log_mel,) = embedder._windows(opened(embedder), noise[:n_samples])
    assert log_mel.shape == (4 if kind == "fused" else 1, 101, 16)
    expected = clap_log_mel(noise[:n_samples], filters)
    for channel in log_mel:
        np.testing.assert_allclose(channel, expected, atol=1e-3)


@pytest.mark.parametrize("kind", ["clap", "fused"])
def test_clap_embedding_and_projection(folders, noise, kind):
    from transformers import ClapAudioModelWithProjection

    embedder = HTSATEmbedder(folders[kind], sample_rate=RATE)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    ours = embedder.transform([noise])
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    model = ClapAudioModelWithProjection.from_pretrained(folders[kind]).eval()
    windows = [noise[: 2 * RATE], noise[2 * RATE : 4 * RATE], noise[-2 * RATE :]]
    log_mels = [embedder._windows(opened(embedder), window)[0] for window in windows]
    longer = torch.zeros(3, 1, dtype=bool)
    with torch.inference_mode():
        outputs = model(torch.from_numpy(np.stack(log_mels)), is_longer=longer)
    # The mean over positions of the last layer, then two layers with a ReLU between.
    hidden = outputs.last_hidden_state.flatten(2).mean(dim=2).numpy()
    np.testing.assert_allclose(ours[0], hidden.mean(axis=0), atol=1e-5)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    first, second = (
        (weights[f"audio_projection.linear{n}.weight"].T, n) for n in (1, 2)
    )
    bias = [weights[f"audio_projection.linear{n}.bias"] for n in (1, 2)]
    projected = np.maximum(0, hidden @ first[0] + bias[0]) @ second[0] + bias[1]
    ours = embedder.set_params(projection=True).transform([noise])
    np.testing.assert_allclose(ours[0], projected.mean(axis=0), atol=1e-4)


def test_wav2vec2_frames_and_layers(folders, noise):
    from transformers import Wav2Vec2Model

    model = Wav2Vec2Model.from_pretrained(folders["wav2vec2"]).eval()
    windows = [noise[:RATE], noise[RATE : 2 * RATE], noise[RATE // 2 :][: 2 * RATE]]
    clip = noise[: 5 * RATE // 2]
    windows[2] = clip[-RATE:]
    batch = np.stack(
        [(row - row.mean()) / np.sqrt(row.var() + 1e-7) for row in windows]
    )
    with torch.inference_mode():
        outputs = model(torch.from_numpy(batch), output_hidden_states=True)
    embedder = Wav2Vec2Embedder(folders["wav2vec2"], window=1.0, pooling="mean_std")
    for layer, frames in (
        (-1, outputs.last_hidden_state),
        (1, outputs.hidden_states[1]),
    ):
        frames = frames.reshape(-1, 16).numpy()
        assert len(frames) == 3 * 49
        ours = embedder.set_params(layer=layer).transform([clip])[0]
        np.testing.assert_allclose(ours[:16], frames.mean(axis=0), atol=1e-4)
        np.testing.assert_allclose(ours[16:], frames.std(axis=0), atol=1e-4)
    with pytest.raises(ValueError, match="layer=3: expected at most 2"):
        embedder.set_params(layer=3).transform([clip])


def test_opening_is_silent_and_draws_no_global_random_numbers(folders, noise, capfd):
    from skaudio.pretrained import _weights

    _weights._opened.clear()
    state = torch.get_rng_state()
    for embedder in (
        ASTEmbedder(folders["ast"]),
        HTSATEmbedder(folders["clap"], sample_rate=RATE),
        Wav2Vec2Embedder(folders["wav2vec2"]),
    ):
        embedder.transform([noise[:RATE]])
    assert torch.equal(torch.get_rng_state(), state)
    assert capfd.readouterr() == ("", "")


def test_a_file_of_the_folder_is_accepted(folders, noise):
    whole = ASTEmbedder(folders["ast"]).transform([noise])
    file = ASTEmbedder(folders["ast"] / "model.safetensors").transform([noise])
    np.testing.assert_array_equal(file, whole)


def test_other_networks_are_refused(folders, noise, tmp_path):
    with pytest.raises(ValueError, match="model_type 'wav2vec2', expected 'audio-spec"):
        ASTEmbedder(folders["wav2vec2"]).transform([noise])
    shutil.copytree(folders["wav2vec2"], tmp_path / "mixed")
    config = json.loads((folders["ast"] / "config.json").read_text())
    (tmp_path / "mixed" / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"lacks \d+ of ASTModel"):
        ASTEmbedder(tmp_path / "mixed").transform([noise])
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"empty/config\.json: no such file"):
        ASTEmbedder(tmp_path / "empty").transform([noise])


@pytest.mark.parametrize(
    ("offline", "embedder"),
    [
        (True, ASTEmbedder()),
        (True, HTSATEmbedder("someone/some-model@abc")),
        (True, Wav2Vec2Embedder("no/such/folder")),
        (False, Wav2Vec2Embedder()),
    ],
)
def test_absent_hub_is_one_clear_line(monkeypatch, tmp_path, noise, offline, embedder):
    import huggingface_hub

    constants = huggingface_hub.constants
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(constants, "ENDPOINT", "http://no-such-host.invalid")
    with pytest.raises(OSError, match=r"is no folder.*cannot be fetched") as caught:
        embedder.transform([noise])
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600


def test_models_kept_by_the_hub_need_no_network(monkeypatch, tmp_path, folders, noise):
    """In the layout of `hf download`."""
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    kept = tmp_path / "models--someone--ast"
    (kept / "refs").mkdir(parents=True)
    commit = "abc0" * 10
    (kept / "refs" / "main").write_text(commit)
    shutil.copytree(folders["ast"], kept / "snapshots" / commit)
    expected = ASTEmbedder(folders["ast"]).transform([noise])
    for name in ("someone/ast", "someone/ast@main", f"someone/ast@{commit}"):
        np.testing.assert_array_equal(ASTEmbedder(name).transform([noise]), expected)
