import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    classification_report,
    confusion_matrix,
    f1_score,
)
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    LeaveOneGroupOut,
    RepeatedKFold,
    StratifiedGroupKFold,
    cross_val_predict,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skaudio import (
    CNN1DClassifier,
    LogMelExtractor,
    MFCCStatistics,
    WavLoader,
    load_model,
    save_model,
)
from skaudio.audit import audit_dataset
from skaudio.datasets import load_audio_folder
from skaudio.model_selection import (
    _runs,
    ablate,
    cross_validated_report,
)
from skaudio.reports import Report, report_on

CLASSES = ["Bear", "Cat", "Cow", "<Dog>"]
LABELS = st.sampled_from(CLASSES)


def linear(**options):
    return make_pipeline(
        MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression(**options)
    )


def network():
    return make_pipeline(
        LogMelExtractor(n_mels=16, n_frames=40), CNN1DClassifier(max_epochs=2)
    )


def report_of(y_true, y_pred, groups=None):
    """Build a report of predictions."""
    rows = np.arange(len(y_true))
    table = pd.DataFrame(
        {
            "file": None,
            "row": rows,
            "group": rows if groups is None else groups,
            "repeat": 0,
            "fold": 0,
            "true": y_true,
            "predicted": y_pred,
        }
    )
    facts = {"n_clips": len(rows), "n_groups": len(rows), "n_repeats": 1}
    none = pd.DataFrame()
    return Report("<a>", "held-out", CLASSES, table, none, none, facts)


@pytest.fixture(scope="module")
def clips(clip_folder):
    return load_audio_folder(clip_folder)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:.*single label")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=20))
def test_figures_equal_scikit_learn(pairs):
    y_true, y_pred = map(list, zip(*pairs, strict=True))
    report = report_of(y_true, y_pred)
    summary = report.summary["value"]
    assert summary["accuracy"] == accuracy_score(y_true, y_pred)
    for average in ("weighted", "macro"):
        expected = f1_score(y_true, y_pred, average=average, zero_division=0)
        assert summary[f"{average}_f1"] == expected
    assert summary["balanced_accuracy"] == pytest.approx(
        balanced_accuracy_score(y_true, y_pred)
    )
    expected = classification_report(
        y_true, y_pred, labels=CLASSES, output_dict=True, zero_division=0
    )
    for label, row in report.per_class.iterrows():
        theirs = [expected[label][key] for key in ("precision", "recall", "f1-score")]
        assert row[["precision", "recall", "f1"]].tolist() == theirs
        assert row["support"] == expected[label]["support"]
    np.testing.assert_array_equal(
        report.confusion, confusion_matrix(y_true, y_pred, labels=CLASSES)
    )


def test_intervals_cover_at_their_rate():
    """Of 150 test sets about 95 % of the intervals hold the scores of all clips."""
    rng = np.random.default_rng(0)
    confusion = np.array([[0.8, 0.15, 0.05], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]])
    share = np.array([0.5, 0.3, 0.2])
    everything = share[:, None] * confusion
    hits = np.diag(everything)
    f1 = 2 * hits / (everything.sum(axis=0) + share)
    truth = {
        "accuracy": hits.sum(),
        "weighted_f1": f1 @ share,
        "macro_f1": f1.mean(),
        "balanced_accuracy": np.diag(confusion).mean(),
    }
    names = np.array(CLASSES[:3])
    covered = dict.fromkeys(truth, 0)
    for _ in range(150):
        cells = rng.choice(9, 80, p=everything.ravel())
        summary = report_of(names[cells // 3], names[cells % 3]).summary
        for name, value in truth.items():
            covered[name] += summary.loc[name, "low"] <= value
            covered[name] -= summary.loc[name, "high"] < value
    for name, count in covered.items():
        assert 0.9 <= count / 150 <= 0.99, name


def test_predictions_are_out_of_fold(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    report = cross_validated_report(linear(), X, y, groups, cv=4, random_state=3)
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=3)
    expected = cross_val_predict(
        linear(), X, y, groups=groups, cv=folds, method="predict_proba"
    )
    table = report.predictions
    assert table["row"].tolist() == list(range(36)) and table["file"].isna().all()
    np.testing.assert_array_equal(table["true"], y)
    np.testing.assert_array_equal(table["group"], groups)
    names = [f"probability_{label}" for label in report.classes]
    np.testing.assert_allclose(table[names], expected, atol=1e-6)
    np.testing.assert_array_equal(
        table["predicted"], np.unique(y)[expected.argmax(axis=1)]
    )
    for fold, (_, test) in enumerate(folds.split(X, y, groups)):
        assert (table.loc[test, "fold"] == fold).all()
    assert report.times.shape == (4, 4) and report.history.empty
    facts = json.loads(json.dumps(report.facts))
    assert facts["seed"] == 3 and facts["n_train"] == 27 and facts["cv"] == 4
    assert facts["parameters"]["mfccstatistics__n_mels"] == "32"
    assert "logisticregression__C" not in facts["parameters"]


def test_parameters_that_are_functions_are_named(calls):
    model = make_pipeline(FunctionTransformer(np.asarray), DummyClassifier())
    report = cross_validated_report(model, calls.data, calls.target, calls.groups)
    # Not where they lie in memory, which would be another place every time.
    assert report.facts["parameters"]["functiontransformer__func"] == "asarray"
    assert "functiontransformer__inverse_func" not in report.facts["parameters"]


def test_five_folds_are_the_default(calls):
    model = DummyClassifier()
    report = cross_validated_report(model, calls.data, calls.target, calls.groups)
    assert report.facts["cv"] == 5 and len(report.times) == 5
    assert report.name == "DummyClassifier"


def test_repeats_are_means_over_single_ones(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    options = dict(groups=groups, cv=3)
    both = cross_validated_report(
        network(), X, y, n_repeats=2, random_state=5, **options
    )
    single = [
        cross_validated_report(network(), X, y, random_state=seed, **options)
        for seed in (5, 6)
    ]
    values = [report.summary["value"] for report in single]
    pd.testing.assert_series_equal(both.summary["value"], sum(values) / 2)
    total = sum(report.confusion for report in single)
    pd.testing.assert_frame_equal(both.confusion, total)
    assert both.per_class["support"].tolist() == [24, 24, 24]
    # The clips are the same ones again: no narrower intervals for their sake.
    width = both.summary["high"] - both.summary["low"]
    alone = single[0].summary["high"] - single[0].summary["low"]
    assert width["accuracy"] > 0.9 * alone["accuracy"]
    assert len(both.history) == 2 * 3 * 2 and both.n_parameters > 1000
    assert both.history["train_loss"].notna().all()
    assert set(both.history["repeat"]) == {0, 1} and set(both.history["epoch"]) == {
        1,
        2,
    }


def test_report_and_ablation_share_their_fits(calls, tmp_path, monkeypatch):
    fits = []
    real = _runs.fit_with_groups
    monkeypatch.setattr(
        _runs, "fit_with_groups", lambda *args: fits.append(args) or real(*args)
    )
    arguments = (calls.data, calls.target, calls.groups)
    options = dict(cv=3, n_repeats=2, random_state=0, cache_dir=tmp_path)
    table = ablate({"net": network()}, *arguments, baselines=False, **options)
    assert len(fits) == 6
    report = cross_validated_report(network(), *arguments, name="net", **options)
    assert len(fits) == 6
    for score, row in report.summary.iterrows():
        ends = (score, f"{score}_low", f"{score}_high")
        assert row.tolist() == table.loc["net", list(ends)].tolist()


def test_leak_groups_are_found_and_copies_are_told(clip_folder, tmp_path):
    """A copy under another name stays in its original's fold, and is warned of."""
    folder = tmp_path / "clips"
    shutil.copytree(clip_folder, folder)
    for file in sorted(folder.rglob("*.wav"))[::4]:
        shutil.copy(file, file.with_name(f"copy_of_{file.name}"))
    clips = load_audio_folder(folder, groups=None)
    model = make_pipeline(WavLoader(), linear())
    report = cross_validated_report(model, clips.data, clips.target, cv=3)
    folds = report.predictions.set_index("file")["fold"]
    copies = [file for file in folds.index if Path(file).name.startswith("copy_of_")]
    assert len(copies) == 6
    for copy in copies:
        assert folds[copy] == folds[copy.replace("copy_of_", "")]
    assert any("6 sets of exact copies" in doubt for doubt in report.warnings)
    assert any("file format alone" in doubt for doubt in report.warnings)
    assert "exact copies" in str(report)


def test_an_audit_need_not_be_made_again(clips):
    audit = audit_dataset(clips.data, clips.target)
    report = cross_validated_report(
        DummyClassifier(), clips.data[::-1], clips.target[::-1], audit=audit, cv=2
    )
    assert report.warnings == audit.findings()
    np.testing.assert_array_equal(report.predictions["group"], audit.groups_[::-1])
    quiet = cross_validated_report(
        DummyClassifier(), clips.data, clips.target, clips.groups, audit=False
    )
    assert quiet.warnings == []


def test_spans_of_files_are_told(clips):
    table = pd.DataFrame({"file": clips.data, "start_time": 0.0, "end_time": 0.2})
    model = make_pipeline(WavLoader(), linear())
    report = cross_validated_report(
        model, table, clips.target, clips.groups, cv=2, audit=False
    )
    assert report.predictions["file"].tolist() == clips.data.tolist()
    assert (report.predictions["end_time"] == 0.2).all()


def test_clips_that_a_splitter_leaves_out_are_not_scored(calls):
    X, y = calls.data, calls.target
    groups = np.arange(36) % 3
    folds = list(LeaveOneGroupOut().split(X, y, groups))[:2]
    # A generator is used up by the first repeat, were it not kept.
    report = cross_validated_report(
        linear(), X, y, groups, cv=(fold for fold in folds), n_repeats=2
    )
    assert report.facts["n_clips"] == 24 and len(report.predictions) == 48
    assert set(report.predictions["row"] % 3) == {0, 1}


def test_bad_arguments_are_named(calls, tmp_path):
    X, y, groups = calls.data, calls.target, calls.groups
    twice = RepeatedKFold(n_splits=2, n_repeats=2, random_state=0)
    other = GroupShuffleSplit(1, random_state=np.random.RandomState(0))
    for match, options in [
        ("lists no files to find them from", dict(groups=None)),
        ("cv=1: expected", dict(cv=1)),
        ("n_repeats=0: expected", dict(n_repeats=0)),
        ("row 0 of X 2 times", dict(cv=twice)),
        ("other clips in each repeat", dict(cv=other, n_repeats=2)),
        ("random_state=None with a cache_dir", dict(cache_dir=tmp_path)),
        ("inconsistent numbers", dict(groups=groups[1:])),
    ]:
        with pytest.raises(ValueError, match=match):
            cross_validated_report(linear(), X, y, **{"groups": groups} | options)


def test_a_model_without_probabilities(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    model = make_pipeline(MFCCStatistics(), StandardScaler(), RidgeClassifier())
    report = cross_validated_report(model, X, y, groups, cv=GroupKFold(3))
    assert not any(name.startswith("probability") for name in report.predictions)
    assert report.summary.loc["accuracy", "value"] > 0.5
    assert report.facts["cv"].startswith("GroupKFold(n_splits=3")


def test_report_on_scores_as_the_estimator_does(clips):
    model = make_pipeline(WavLoader(), network()).fit(
        clips.data[::2], clips.target[::2]
    )
    X, y = clips.data[1::2], clips.target[1::2]
    report = report_on(model, X, y, train=clips.data[::2])
    assert report.summary.loc["accuracy", "value"] == model.score(X, y)
    names = [f"probability_{label}" for label in report.classes]
    np.testing.assert_array_equal(report.predictions[names], model.predict_proba(X))
    assert report.predictions["file"].tolist() == X.tolist()
    assert report.kind == "held-out" and len(report.times) == 1
    assert len(report.history) == 2
    json.dumps(report.facts)


def test_leaked_clips_are_reported(clips, tmp_path):
    X, y = clips.data, clips.target
    model = make_pipeline(WavLoader(), linear()).fit(X, y)
    (told,) = report_on(model, X[:4], y[:4], train=X).warnings
    assert "4 of 4 test clips are leaked from training (exact copy: 4)" in told
    (told,) = report_on(model, X[:4], y[:4]).warnings
    assert "training clips of the model are not known" in told
    save_model(model, tmp_path / "model.joblib", training_clips=clips)
    model = load_model(tmp_path / "model.joblib")
    (told,) = report_on(model, X[:4], y[:4]).warnings
    assert "exact copy: 4" in told
    # Gone from their place, they are still known by their sound.
    model.training_clips_["file"] = "gone/" + model.training_clips_["file"]
    leaked, places = report_on(model, X[:4], y[:4]).warnings
    assert (
        "exact copy: 4" in leaked
        and "near copies of training clips were not looked for" in places
    )


def test_a_class_that_the_model_does_not_know_is_named(calls):
    model = linear().fit(calls.data, calls.target)
    with pytest.raises(ValueError, match=r"y_test has classes \['unicorn'\]"):
        report_on(model, calls.data[:2], ["cat", "unicorn"])


def test_text_and_table_for_notebooks():
    report = report_of(["Cat", "Cow", "Cow"], ["Cat", "Cow", "Cat"])
    report.warnings = ["a <script> of a name"]
    assert "accuracy          0.667  [0.208, 0.939]" in str(report)
    html = report._repr_html_()
    assert "&lt;a&gt;: held-out" in html and "<script>" not in html
    assert "0.667" in html
