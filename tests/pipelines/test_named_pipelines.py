import numpy as np
import pytest

from skaudio.pipelines import FEATURES, HEADS, PIPELINES, named_pipelines


def test_networks_come_first_then_each_head_on_each_set():
    pipelines = named_pipelines(
        ["logistic", "cnn1d", "prototypes"], ["birdnet", ["yamnet", "birdnet"]]
    )
    assert list(pipelines) == [
        "cnn1d",
        "birdnet logistic",
        "birdnet prototypes",
        "yamnet+birdnet logistic",
        "yamnet+birdnet prototypes",
    ]
    both = pipelines["yamnet+birdnet logistic"]
    assert list(both["embed"].named_transformers) == ["yamnet", "birdnet"]


def test_defaults(mn04):
    assert list(named_pipelines()) == ["efficientat logistic"]
    assert list(named_pipelines(noise=[np.ones(9)])) == ["mel_ensemble"]
    assert list(named_pipelines(features=["birdnet"])) == ["birdnet logistic"]
    assert list(named_pipelines(PIPELINES)) == list(PIPELINES)


def test_a_string_lists_several_features():
    expected = list(named_pipelines(features=[["birdnet", "yamnet"]]))
    assert list(named_pipelines(features=["birdnet, yamnet"])) == expected


def test_fine_tuning_takes_yamnet_alone():
    names = ["logistic", "fine_tuned"]
    assert list(named_pipelines(names, ["yamnet", "birdnet"])) == [
        "yamnet logistic",
        "yamnet fine_tuned",
        "birdnet logistic",
    ]
    with pytest.raises(ValueError, match=r"\['birdnet'\].*expected 'yamnet'"):
        named_pipelines(names, ["birdnet"])


def test_noise_reaches_the_networks_that_mix_it_in(tone, tmp_path):
    tone("noise/hum.wav", seconds=2.0)
    pipelines = named_pipelines(
        ["cnn1d", "enhanced_cnn1d", "mel_ensemble", "logistic"],
        ["birdnet"],
        noise=tmp_path / "noise",
    )
    assert pipelines["enhanced_cnn1d"]["noise"].noise == tmp_path / "noise"
    assert pipelines["mel_ensemble"]["noise"].noise == tmp_path / "noise"
    assert "noise" not in pipelines["cnn1d"].named_steps
    with pytest.raises(FileNotFoundError, match="none: no such folder"):
        named_pipelines(["cnn1d"], noise=tmp_path / "none")


def test_bad_names_are_named():
    for arguments, reason in [
        ((["resnet"],), "'resnet' is no pipeline: expected one of cnn1d"),
        (
            (["cnn1d"], ["birdnet"]),
            "features='birdnet' with cnn1d, which .*'logist",
        ),
        ((["mfcc_svm"],), r"a baseline.*expected baseline_pipelines\(\)\['mfcc_svm'\]"),
        ((["prototypes"],), "'prototypes' is a head without features.*'efficientat'"),
        ((["fine_tuned"],), "'fine_tuned' is a head without features.*'yamnet'"),
        (((), ["owlnet"]), f"owlnet.*expected some of {FEATURES[0]}"),
        ((HEADS[:1], ["birdnet,"]), "expected some of efficientat, birdnet"),
    ]:
        with pytest.raises(ValueError, match=reason):
            named_pipelines(*arguments)
