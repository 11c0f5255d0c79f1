"""Recordings that are taken for clips."""

import warnings

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from tiny_weights import write_mobilenet

from skaudio import EfficientATEmbedder, WavLoader
from skaudio.model_selection import cross_validated_report
from skaudio.recordings import predict_files, score_recordings

RATE = 16000


@pytest.fixture
def pipe(tmp_path):
    embedder = EfficientATEmbedder(
        model_path=write_mobilenet(tmp_path / "tiny.pt"),
        **dict(sample_rate=RATE, speeds=(1,), cache_dir=tmp_path / "cache"),
    )
    return make_pipeline(WavLoader(RATE), embedder, LogisticRegression())


def test_a_recording_is_not_predicted_as_a_clip_in_silence(pipe, tone):
    clips = [tone(f"{seconds}.wav", seconds=seconds) for seconds in (1, 2, 3, 40)]
    labels = ["cat", "cow", "cat", "cow"]
    with warnings.catch_warnings():
        # A clip may be long where someone gave it its label.
        warnings.simplefilter("error")
        pipe.fit(clips, labels)
        cross_validated_report(pipe, clips, labels, range(4), cv=2)
        # Windows of a recording are cut on purpose, however long they are.
        score_recordings(pipe, clips[-1:], clip_duration=35.0)
        pipe.predict(clips[:3])
        _, problems = predict_files(pipe, clips)
    assert problems["problem"][0].startswith("lasts 40.0 s, longer than a clip")

    expected = r"1 of 2 clips are longer than 30 s, row 1 \(40.0 s\).*skaudio detect"
    with pytest.warns(UserWarning, match=expected) as said:
        pipe.predict([clips[0], clips[-1]])
    assert len(said) == 1 and said[0].filename == __file__
    # Of a model with long windows, two of them are a clip.
    pipe[1].set_params(window=20.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipe[:2].transform(clips[-1:])
