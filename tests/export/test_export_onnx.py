"""ONNX graphs give the probabilities of the models that they are made of."""

import json

import numpy as np
import pytest
import soundfile
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from tiny_weights import write_mobilenet

from skaudio import (
    BirdNETEmbedder,
    EfficientATEmbedder,
    FineTunedClassifier,
    GroupedCalibrator,
    GroupedLogisticRegressionCV,
    LogMelExtractor,
    ModelFileError,
    PrototypicalClassifier,
    UnknownRejector,
    WavLoader,
    WindowClassifier,
    YAMNetEmbedder,
)
from skaudio.datasets import make_animal_sounds
from skaudio.export import export_onnx, load_onnx
from skaudio.pipelines import audio_pipeline

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
RATE = 16000
SHORT = {"max_epochs": 1, "n_mels": 16, "n_frames": 60, "random_state": 0}
# The ensemble has three more in it.
NETS = ("cnn1d", "transformer_mel", "resnet_mel", "mel_ensemble")

pytestmark = pytest.mark.filterwarnings("ignore:.* clips are longer than")


@pytest.fixture(scope="module")
def calls():
    return make_animal_sounds(6, n_classes=3, random_state=0)


@pytest.fixture(scope="module")
def clips():
    """Clips of unequal length, from a few samples to more than the log-mels hold."""
    rng = np.random.default_rng(0)
    clips = np.empty(5, dtype=object)
    for row, n in enumerate((5, 700, 15999, 31111, 45000)):
        sound = np.sin(np.arange(n) / (2 + row)) + rng.normal(0, 0.1, n)
        clips[row] = sound.astype(np.float32)
    return clips


@pytest.fixture(scope="module")
def embedder(tmp_path_factory):
    """Make a small EfficientAT, of windows of a second."""
    path = write_mobilenet(str(tmp_path_factory.mktemp("weights") / "tiny.pt"))

    def make(**options):
        return EfficientATEmbedder(
            model_path=path, sample_rate=RATE, window=1.0, **options
        )

    return make


def small(name):
    """Give a pipeline of the study, from waveforms on, for a second of training."""
    pipeline = audio_pipeline(name)
    names = [
        one
        for one in pipeline.get_params()
        if one.rpartition("__")[2] in SHORT and "augment" not in one
    ]
    pipeline.set_params(**{one: SHORT[one.rpartition("__")[2]] for one in names})
    return Pipeline([step for step in pipeline.steps if step[0] in ("mel", "clf")])


def head():
    return LogisticRegression(max_iter=1000)


def check_same(model, clips, folder):
    facts = export_onnx(model, folder / "model.onnx")
    exported = load_onnx(folder / "model.onnx")
    assert exported.facts == json.loads(json.dumps(facts))
    found, p_values = exported.run(list(clips))
    assert found.std() > 1e-3  # a graph that says the same of all would pass
    np.testing.assert_allclose(found, model.predict_proba(clips), atol=1e-4)
    # No row depends on the others of its batch.
    alone = np.concatenate([exported.run([clip])[0] for clip in clips])
    np.testing.assert_allclose(found, alone, atol=1e-5)
    return facts, p_values


@pytest.mark.parametrize("name", NETS)
def test_networks_over_log_mels(name, calls, clips, tmp_path):
    # More frames than the networks take at once in training.
    model = small(name).set_params(mel__hop_length=160, mel__n_frames=170)
    model.fit(calls.data, calls.target)
    facts, p_values = check_same(model, clips, tmp_path)
    assert facts["classes"] == ["cat", "cow", "dog"]
    assert facts["sample_rate"] == RATE
    assert facts["window"] == 170 * 160 / RATE
    assert p_values is None


def test_two_classes_with_an_unknown(embedder, calls, clips, tmp_path):
    model = UnknownRejector(
        make_pipeline(embedder(speeds=(1,), pooling="max"), StandardScaler(), head()),
        random_state=0,
    )
    two = calls.target != "dog"
    model.fit(calls.data[two], calls.target[two])
    facts, p_values = check_same(model, clips, tmp_path)
    np.testing.assert_allclose(p_values, model.p_values(clips), atol=1e-6)
    unknown = {"label": "unknown", "alpha": 0.05, "as_class": False}
    assert facts["unknown"] == unknown


def test_fine_tuned_network(embedder, calls, clips, tmp_path):
    model = FineTunedClassifier(embedder(), max_epochs=1, random_state=0)
    pipeline = make_pipeline(model).fit(calls.data, calls.target)
    facts, _ = check_same(pipeline, clips, tmp_path)
    # That of the network, which no parameter says.
    assert facts["window"] == model.clip_duration_ == 1.0
    assert not hasattr(FineTunedClassifier("yamnet"), "clip_duration_")


def test_windows_at_several_speeds_with_a_calibrated_head(
    embedder, calls, clips, tmp_path
):
    hiss = np.random.default_rng(0).normal(0, 0.01, 5 * RATE)
    head = GroupedCalibrator(GroupedLogisticRegressionCV([0.1]), cv=2, random_state=0)
    model = WindowClassifier(
        make_pipeline(
            embedder(speeds=(1, 2), pooling="mean_std"), StandardScaler(), head
        ),
        [hiss],
        clip_duration=1.0,
        n_copies=1,
        random_state=0,
    )
    facts, _ = check_same(model.fit(calls.data, calls.target), clips, tmp_path)
    assert facts["networks"][0]["weights_in_file"]
    assert facts["background"] == ["background"]
    assert (facts["window"], facts["overlap"]) == (1.0, 0.5)


def test_several_classes_per_clip_and_other_log_mels(calls, clips, tmp_path):
    y = np.column_stack([calls.target == "cat", calls.target != "dog"]).astype(int)
    mel = LogMelExtractor(n_mels=16, n_frames=60, normalize="band", pad_mode="repeat")
    model = small("cnn1d").set_params(mel=mel).fit(calls.data, y)
    facts, _ = check_same(model, clips, tmp_path)
    assert facts["multi_label"]


@pytest.fixture(scope="module")
def model(calls):
    return small("cnn1d").fit(calls.data, calls.target)


def test_loader_of_fixed_length(model, clips, tmp_path):
    pipeline = Pipeline([("load", WavLoader(duration=1.0)), *model.steps])
    files = []
    for row, clip in enumerate(clips):
        files.append(str(tmp_path / f"{row}.wav"))
        soundfile.write(files[-1], clip, RATE, "FLOAT")
    export_onnx(pipeline, tmp_path / "model.onnx")
    found, _ = load_onnx(tmp_path / "model.onnx").run(list(clips))
    np.testing.assert_allclose(found, pipeline.predict_proba(files), atol=1e-4)


def test_integers_of_8_bits(model, calls, clips, tmp_path):
    for row, sound in enumerate(calls.data):
        soundfile.write(tmp_path / f"{row}.wav", sound, RATE)
    export_onnx(model, tmp_path / "float.onnx")
    export_onnx(model, tmp_path / "int8.onnx", int8=tmp_path)
    floats, integers = (
        load_onnx(tmp_path / f"{name}.onnx") for name in ("float", "int8")
    )
    assert (floats.facts["int8"], integers.facts["int8"]) == (False, True)
    found, expected = integers.run(list(clips))[0], floats.run(list(clips))[0]
    assert 0 < np.abs(found - expected).max() < 0.1
    # Thresholds of one are not those of the other, but of a later export of the same.
    names = [one.facts["model"] for one in (floats, integers)]
    again = export_onnx(model, tmp_path / "again.onnx", int8=tmp_path)["model"]
    assert again == names[1] != names[0]
    types = [
        tensor.data_type
        for tensor in onnx.load(tmp_path / "int8.onnx").graph.initializer
    ]
    assert onnx.TensorProto.INT8 in types


def test_facts_that_are_given(model, tmp_path):
    path = tmp_path / "model.onnx"
    own = {"cat": 0.7}
    facts = export_onnx(model, path, 1.5, thresholds=own, model_id="mine")
    assert load_onnx(path).facts == facts
    assert (facts["window"], facts["model"]) == (1.5, "mine")
    assert facts["thresholds"] == {"cat": 0.7}
    with pytest.raises(ValueError, match=r"window=2.5: .* at most 1.92"):
        export_onnx(model, path, 2.5)
    with pytest.raises(ValueError, match="'owl': expected numbers from 0 to 1"):
        export_onnx(model, path, thresholds={"owl": 0.5})


class Reverse(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X[:, ::-1]


class Louder(LogMelExtractor):
    def transform(self, X):
        return 2 * super().transform(X)


def test_what_cannot_be_exported_is_named(model, calls, tmp_path):
    path = tmp_path / "model.onnx"
    own = Pipeline([model.steps[0], ("reverse", Reverse()), model.steps[1]])
    with pytest.raises(ModelFileError, match=r"model\.reverse is a Reverse, which"):
        export_onnx(own, path)
    # Each says what to take instead.
    for embedder, last, message in (
        (BirdNETEmbedder, head, "a BirdNETEmbedder, .* use EfficientATEmbedder inst"),
        (YAMNetEmbedder, head, "a YAMNetEmbedder, .* use EfficientATEmbedder instead"),
        (
            EfficientATEmbedder,
            PrototypicalClassifier,
            r"a PrototypicalClassifier, .* use LogisticRegression instead \(--class",
        ),
    ):
        pipeline = make_pipeline(embedder(), last())
        pipeline[-1].fit(np.eye(3), ["a", "b", "c"])
        with pytest.raises(ModelFileError, match=message) as error:
            export_onnx(pipeline, path, 1.0)
        assert "\n" not in str(error.value)
    with pytest.raises(ModelFileError, match="takes no waveforms"):
        export_onnx(model[-1], path)
    with pytest.raises(ModelFileError, match=r"differ by .* from the model's"):
        louder = Louder(**model[0].get_params())
        export_onnx(Pipeline([("mel", louder), model.steps[1]]), path)
    assert not path.exists()


def test_files_of_others_are_refused(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"text")
    with pytest.raises(ModelFileError, match=r"model\.onnx: "):
        load_onnx(path)
