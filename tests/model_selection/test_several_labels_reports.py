"""Reports of models that take several labels per clip."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skaudio import CNN1DClassifier, LogMelExtractor, WavLoader, save_model
from skaudio.export import read_model_card
from skaudio.model_selection import ablate, cross_validated_report, held_out_report
from skaudio.recordings import predict_files
from skaudio.reports import MultilabelReport, compare, report_on

N, NAMES = 120, ["cat", "cow", "owl"]


@pytest.fixture(scope="module")
def rows():
    """Features, labels and groups; "owl" is in few groups, some clips hold nothing."""
    rng = np.random.default_rng(0)
    y = (rng.random((N, 3)) < [0.5, 0.3, 0]).astype(int)
    y[:12, 2] = 1
    X = y + rng.normal(0, 0.6, y.shape)
    return X, pd.DataFrame(y, columns=NAMES), np.arange(N) // 2


def heads():
    return {
        "one each": OneVsRestClassifier(LogisticRegression()),
        "decisions": OneVsRestClassifier(LinearSVC()),
        "lists": MultiOutputClassifier(LogisticRegression()),
        "forest": RandomForestClassifier(20),
    }


def test_each_kind_of_classifier_is_scored_as_scikit_learn_does(rows):
    X, y, groups = rows
    table, reports = ablate(
        heads(), X, y, groups, cv=3, random_state=0, test=(X, y), return_reports=True
    )
    assert table.index.tolist() == ["majority", *heads()]
    assert not table["below_baseline"].any()
    for report in reports:
        assert isinstance(report, MultilabelReport) and report.classes == NAMES
        what = "decision" if report.name == "decisions" else "probability"
        true, predicted, scores = (
            report.predictions[[f"{prefix}_{name}" for name in NAMES]].to_numpy()
            for prefix in ("true", "predicted", what)
        )
        assert (true == y.to_numpy()).all()
        for average in ("macro", "micro"):
            expected = average_precision_score(true, scores, average=average)
            f1 = f1_score(true, predicted, average=average, zero_division=0)
            prefix = "" if report.kind == "cross-validation" else "test_"
            row = table.loc[report.name]
            assert row[f"{prefix}{average}_average_precision"] == pytest.approx(
                expected
            )
            assert row[f"{prefix}{average}_f1"] == pytest.approx(f1)
        assert (report.per_class["support"] == y.sum()).all()
    # The same probabilities, as an array and as lists per class.
    one, _, lists = reports[1:4]
    pd.testing.assert_frame_equal(one.summary, lists.summary)


def test_folds_keep_groups_together_and_spread_the_rarest_class(rows):
    X, y, groups = rows
    report = cross_validated_report(heads()["one each"], X, y, groups, random_state=1)
    table = report.predictions
    assert table.groupby("group")["fold"].nunique().eq(1).all()
    # Six groups hold owls: each of five folds has one of them.
    assert table[table["true_owl"] == 1]["fold"].nunique() == 5
    counts = table.groupby("fold")["true_cat"].mean()
    assert counts.between(0.3, 0.7).all()
    with pytest.raises(ValueError, match=r"cv=50: .* groups of clips; .* has the most"):
        cross_validated_report(heads()["one each"], X, y, groups, cv=50)


def test_models_are_compared_by_average_precision(rows):
    X, y, groups = rows
    models = {"good": heads()["one each"]}
    for options in ({"cv": 5}, {"cv": None, "test": (X, y, groups)}):
        _, reports = ablate(
            models, X, y, groups, random_state=0, return_reports=True, **options
        )
        (row,) = compare(reports).to_dict("records")
        assert (row["model"], row["other"]) == ("majority", "good")
        assert row["verdict"] == "good is better"
        assert -1 <= row["low"] < row["difference"] < row["high"] <= 1
    one_label = report_on(LogisticRegression().fit(X, y["cat"]), X, y["cat"])
    with pytest.raises(ValueError, match="expected labels of one kind"):
        compare([reports[0], one_label])


def test_a_class_without_clips_is_stated_and_left_out(rows):
    X, y, _ = rows
    model = heads()["one each"].fit(X, y)
    report = report_on(model, X[12:], y[12:])
    (warning,) = report.warnings
    assert warning.startswith("no scored clip has the class owl: its scores are not")
    assert warning in str(report)
    ap = report.per_class["average_precision"]
    assert np.isnan(ap["owl"])
    macro = report.summary.loc["macro_average_precision", "value"]
    assert macro == pytest.approx(ap[["cat", "cow"]].mean())
    scores = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert scores["per_class"]["owl"]["average_precision"] is None


def test_columns_of_test_labels_are_matched_by_name(rows):
    X, y, groups = rows
    model = heads()["one each"]
    plain = held_out_report(model, X, y, X, y, groups, groups)
    mixed = held_out_report(model, X, y, X, y[["owl", "cat", "cow"]], groups, groups)
    pd.testing.assert_frame_equal(plain.summary, mixed.summary)
    array = held_out_report(model, X, y, X, y.to_numpy(), groups, groups)
    assert array.classes == NAMES and array.summary.equals(plain.summary)
    with pytest.raises(ValueError, match=r"y_test has the columns \['cat', 'cow', 'd"):
        held_out_report(model, X, y, X, y.rename(columns={"owl": "dog"}))
    with pytest.raises(ValueError, match=r"y_test of shape \(120, 2\): expected an in"):
        held_out_report(model, X, y, X, y[["cat", "cow"]])
    with pytest.raises(
        ValueError, match=r"y_test of shape \(120,\): expected an indic"
    ):
        held_out_report(model, X, y, X, y["cat"])


def test_without_decisions_there_is_no_average_precision(rows):
    X, y, groups = rows

    class Mute(OneVsRestClassifier):
        predict_proba = decision_function = property()

    report = cross_validated_report(
        Mute(LogisticRegression()), X, y, groups, random_state=0
    )
    assert "neither probabilities nor decisions" in report.warnings[0]
    values = report.summary["value"]
    assert values[["macro_average_precision", "micro_average_precision"]].isna().all()
    assert values[["macro_f1", "micro_f1"]].notna().all()


def test_a_network_is_reported_saved_and_predicts(clip_folder, tmp_path):
    files = sorted(map(str, clip_folder.rglob("*.wav")))[:12]
    y = pd.DataFrame(np.tile(np.eye(3, dtype=int), (4, 1)), columns=NAMES)
    y.loc[0] = 1
    net = CNN1DClassifier(max_epochs=2, early_stopping=False)
    model = make_pipeline(WavLoader(), LogMelExtractor(n_mels=8, n_frames=40), net)
    report = cross_validated_report(model, files, y, cv=2, random_state=0)
    assert report.history["fold"].nunique() == 2
    model.fit(files, y)
    save_model(model, tmp_path / "net.skaudio", reports=[report])
    card = read_model_card(tmp_path / "net.skaudio")
    assert "| macro average precision |" in card
    assert "| class | average precision | precision | recall | F1 | support |" in card
    predictions, problems = predict_files(model, files)
    assert not problems["fatal"].any()
    for _, row in predictions.iterrows():
        names = [name for name in NAMES if row[name] > 0.5]
        assert row["prediction"] == (", ".join(names) or "none")
