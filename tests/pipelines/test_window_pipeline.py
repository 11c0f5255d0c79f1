import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skaudio import LogMelExtractor
from skaudio.pipelines import audio_pipeline, embedding_pipeline, window_pipeline


def test_several_embedders_share_the_loader_of_the_highest_rate():
    pipeline = window_pipeline(
        embedding_pipeline(["efficientat", "birdnet", "yamnet"]), "somewhere"
    )
    assert pipeline["load"].sample_rate == 48000
    assert pipeline["clf"].sample_rate == 48000
    embedders = dict(pipeline["clf"].estimator["embed"].transformer_list)
    assert {one.sample_rate for one in embedders.values()} == {48000}


def test_the_steps_after_the_loader_are_those_of_the_pipeline():
    plain = audio_pipeline("enhanced_cnn1d", random_state=0)
    pipeline = window_pipeline(plain, "somewhere", clip_duration=1.0, random_state=1)
    inner = pipeline["clf"].estimator
    assert list(inner.named_steps) == ["noise", "mel", "clf"]
    assert pipeline["clf"].clip_duration == 1.0
    # The pipeline that was given stays its own.
    assert inner["clf"] is not plain["clf"]


def test_a_pipeline_without_loader_is_refused():
    with pytest.raises(ValueError, match="first step is LogMelExtractor"):
        window_pipeline(make_pipeline(LogMelExtractor(), LogisticRegression()))


def test_efficientat_does_not_repeat_windows_up_to_its_own():
    plain = embedding_pipeline("efficientat")
    pipeline = window_pipeline(plain, "somewhere", clip_duration=2.0)
    assert pipeline["clf"].estimator["embed"].window == 2.0
    longer = window_pipeline(plain, "somewhere", clip_duration=9.0)
    assert longer["clf"].estimator["embed"].window == plain["embed"].window == 5.0


def test_speeds_that_were_chosen_stay():
    plain = embedding_pipeline("efficientat")
    pipeline = window_pipeline(plain, "somewhere")
    assert pipeline["clf"].estimator["embed"].speeds == (0.5, 1, 2)
    plain.set_params(embed__speeds=(1,))
    pipeline = window_pipeline(plain, "somewhere")
    assert pipeline["clf"].estimator["embed"].speeds == (1,)
