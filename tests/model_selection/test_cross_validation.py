import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skaudio import CNN1DClassifier, FixMatchClassifier
from skaudio.datasets import load_audio_folder
from skaudio.model_selection import ablate, cross_validated_predictions
from skaudio.pipelines import audio_pipeline


def test_equals_scikit_learn(log_mels, calls):
    X = log_mels.reshape(len(log_mels), -1)
    neighbours = KNeighborsClassifier(3)
    folds = StratifiedGroupKFold(3, shuffle=True, random_state=np.random.RandomState(4))
    done = []
    ours = cross_validated_predictions(
        neighbours,
        X,
        calls.target,
        calls.groups,
        cv=3,
        random_state=4,
        on_fold=lambda *progress: done.append(progress),
    )
    theirs = cross_val_predict(
        neighbours,
        X,
        calls.target,
        groups=calls.groups,
        cv=list(folds.split(X, calls.target, calls.groups)),
        method="predict_proba",
    )
    np.testing.assert_array_equal(ours[np.unique(calls.target)], theirs)
    assert done == [(1, 3), (2, 3), (3, 3)]
    assert ours.groupby("fold").size().sum() == 36 and (ours["fold"] >= 0).all()
    for group in np.unique(calls.groups):
        assert ours["fold"][calls.groups == group].nunique() == 1


def test_groups_are_found_and_reach_the_inner_split(clip_folder, monkeypatch):
    clips = load_audio_folder(clip_folder)
    seen = []
    monkeypatch.setattr(
        "skaudio.classifiers._fit_rows.split_validation",
        lambda X, y, groups, *_: (
            seen.append(groups) or (np.arange(len(y)), np.arange(2))
        ),
    )
    pipe = audio_pipeline("cnn1d", random_state=0).set_params(
        clf__max_epochs=1, mel__n_frames=100
    )
    cross_validated_predictions(pipe, clips.data, clips.target, cv=2, random_state=0)
    assert [set(groups) <= set(clips.groups) for groups in seen] == [True, True]


def test_a_class_that_a_fold_has_not_seen_scores_zero():
    y = np.array(["a", "b"] * 6 + ["c", "c"])
    groups = np.r_[np.arange(12), 12, 12]
    X = np.zeros((14, 1))
    predictions = cross_validated_predictions(
        DummyClassifier(strategy="prior"), X, y, groups, cv=2, random_state=0
    )
    assert (predictions.loc[12:, "c"] == 0).all()
    assert (predictions.loc[12:, "predicted"] != "c").all()
    np.testing.assert_allclose(predictions[["a", "b", "c"]].sum(axis=1), 1)


def test_processes_give_the_same(log_mels, calls):
    classifier = Pipeline(
        [("same", FunctionTransformer()), ("clf", CNN1DClassifier(max_epochs=1))]
    ).set_params(clf__random_state=0)
    alone, together = (
        cross_validated_predictions(
            classifier,
            log_mels,
            calls.target,
            calls.groups,
            cv=2,
            random_state=0,
            n_jobs=n_jobs,
        )
        for n_jobs in (None, 2)
    )
    columns = np.unique(calls.target)
    np.testing.assert_allclose(alone[columns], together[columns], atol=5e-3)


def test_leak_of_unlabelled_rows(log_mels, calls, monkeypatch):
    """They train where no clip of their group is tested, and are never scored."""
    y = calls.target.astype(object)
    y[::4] = None
    groups = np.arange(36) // 3
    fits = []
    fit = FixMatchClassifier.fit

    def watched(self, X, y, *, groups=None):
        fits.append((X[:, 0, 0].copy(), np.array(y), groups))
        return fit(self, X, y, groups=groups)

    monkeypatch.setattr(FixMatchClassifier, "fit", watched)
    classifier = FixMatchClassifier(
        CNN1DClassifier(max_epochs=1, early_stopping=False, random_state=0)
    )
    predictions = cross_validated_predictions(
        classifier, log_mels, y, groups, cv=3, random_state=0
    )
    scored = np.flatnonzero(y != None)  # noqa: E711
    np.testing.assert_array_equal(predictions.index, scored)
    assert predictions["true"].tolist() == y[scored].tolist()
    n_unlabelled = 0
    for number, (marks, labels, trained) in enumerate(fits):
        tested = scored[predictions["fold"] == number]
        assert not set(trained) & set(groups[tested])
        rows = np.flatnonzero(np.isin(log_mels[:, 0, 0], marks))
        assert set(rows) == set(np.flatnonzero(~np.isin(groups, groups[tested])))
        n_unlabelled += sum(label is None for label in labels)
    assert n_unlabelled == 2 * 9  # each in two folds of three
    # For other classifiers -1 is a label like any other.
    labelled = cross_validated_predictions(
        DummyClassifier(), np.zeros((8, 1)), [-1, 1] * 4, np.arange(8), cv=2
    )
    assert len(labelled) == 8


def test_unlabelled_rows_are_refused_where_they_would_be_scored(log_mels):
    classifier = FixMatchClassifier(CNN1DClassifier(max_epochs=1))
    y = np.tile([0, 1, -1], 12)
    folds = [(np.arange(24), np.arange(24, 36))]
    with pytest.raises(ValueError, match="cv lists the rows of its folds"):
        cross_validated_predictions(classifier, log_mels, y, np.arange(36), cv=folds)
    unknown = np.array([None if label == -1 else label for label in y])
    for labels, reason in (
        (y, "y holds rows without a label"),
        (unknown, r"y contains NaN, None.*row 2 is None \(12 of 36 rows\)"),
    ):
        with pytest.raises(ValueError, match=reason):
            ablate({"a": classifier}, log_mels, labels, np.arange(36), baselines=False)
