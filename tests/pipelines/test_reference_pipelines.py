import pytest
from sklearn.base import clone

from skaudio import (
    AlexNetMelClassifier,
    EnhancedCNN1DClassifier,
    StatisticsMelClassifier,
)
from skaudio.model_selection import ablate, components_of
from skaudio.pipelines import (
    PIPELINES,
    audio_pipeline,
    baseline_pipelines,
    reference_pipelines,
)


def shorten(pipe):
    """One epoch on small log-mels, of each member where there are several."""
    epochs = [name for name in pipe.get_params() if name.endswith("max_epochs")]
    return pipe.set_params(mel__n_mels=16, mel__n_frames=40, **dict.fromkeys(epochs, 1))


def test_reference_pipelines_are_the_five_of_the_study_and_two(clips, tmp_path, tone):
    tone("noise/hum.wav", seconds=2.0)
    pipelines = reference_pipelines(tmp_path / "noise", random_state=0)
    assert list(pipelines) == [
        "cnn1d",
        "cnn1d_simple_noise",
        "alexnet_mel",
        "transformer_mel",
        "enhanced_cnn1d",
        "resnet_mel",
        "mel_ensemble",
    ]
    for name, pipe in pipelines.items():
        shorten(pipe)
        pipe.fit(clips.data, clips.target, clf__groups=clips.groups)
        assert pipe.predict(clips.data).shape == (24,)
        assert ("noise" in pipe.named_steps) == (
            name
            in ("cnn1d_simple_noise", "enhanced_cnn1d", "resnet_mel", "mel_ensemble")
        )
        assert len(pipe["clf"].history_) == (3 if name == "mel_ensemble" else 1)


def test_the_ensemble_is_of_three_different_networks():
    ensemble = reference_pipelines(random_state=0)["mel_ensemble"]["clf"]
    assert [type(member) for _, member in ensemble.members] == [
        EnhancedCNN1DClassifier,
        StatisticsMelClassifier,
        AlexNetMelClassifier,
    ]


def test_every_network_is_on_the_device():
    pipelines = reference_pipelines(pretrain="byola", device="cpu:0")
    devices = [
        value
        for pipe in pipelines.values()
        for name, value in pipe.get_params().items()
        if name.endswith("device")
    ]
    assert len(devices) == 11 and set(devices) == {"cpu:0"}
    with pytest.raises(ValueError, match="device='warp' is not available here"):
        reference_pipelines(device="warp")


def test_pretrained_transformer_is_beside_the_plain_one(clips):
    pipelines = reference_pipelines(random_state=0, pretrain="simclr")
    assert list(pipelines)[-1] == "transformer_mel_simclr" and len(pipelines) == 8
    pair = {
        name: clone(pipelines[name]).set_params(
            mel__n_mels=16, mel__n_frames=40, clf__max_epochs=1
        )
        for name in ("transformer_mel", "transformer_mel_simclr")
    }
    pair["transformer_mel_simclr"].set_params(clf__encoder__max_epochs=2)
    assert "encoder" in components_of(pair["transformer_mel_simclr"])
    table = ablate(
        pair,
        clips.data,
        clips.target,
        clips.groups,
        cv=2,
        random_state=0,
        baselines=False,
    )
    assert table["n_parameters"].nunique() == 1  # the same net
    with pytest.raises(ValueError, match=r"pretrain='moco': expected None or one of"):
        reference_pipelines(pretrain="moco")


def test_pipelines_of_the_study_by_name():
    for name in PIPELINES:
        assert audio_pipeline(name, random_state=3)["clf"].random_state == 3
    with pytest.raises(
        ValueError, match=r"'resnet' is no pipeline: expected one of cnn1d"
    ):
        audio_pipeline("resnet")


def test_metadata_baseline_takes_only_file_facts(clips):
    """Nothing of the audio is among the facts."""
    metadata = baseline_pipelines()["metadata"]
    metadata.fit(clips.data, clips.target)
    facts = metadata[0].transform(clips.data)
    assert set(facts) == {
        "sample_rate",
        "channels",
        "n_bytes",
        "duration",
        "container",
        "encoding",
    }
