import re

import numpy as np
import pandas as pd
import pytest
from html_pages import clips_of, written
from made_up_reports import guesses, report_of
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from skaudio._utils.findings import LEAVE_OUT, LISTEN, Finding
from skaudio.reports import report_on


def test_a_page_shows_scores_and_how_they_were_made(clip_folder, tmp_path):
    files, labels = clips_of(clip_folder)
    report = guesses(files, labels, "CNN", warnings=["copies across the folds"])
    page = written(report, tmp_path)
    accuracy = report.summary.loc["accuracy"]
    # In this order: verdict, warnings, scores, classes, matrix, clips, curves, facts.
    places = [
        page.text.index(text)
        for text in (
            f"Accuracy {accuracy['value']:.2f} (",
            "copies across the folds",
            f">{accuracy['low']:.2f}\N{EN DASH}{accuracy['high']:.2f}<",
            'id="classes"',
            'class="matrix"',
            'class="card"',
            'id="curves"',
            "skaudio evaluate somewhere",
            ">1234<",
            "python 3.99",
            "clf__lr",
        )
    ]
    assert places == sorted(places)
    assert f"{len(files)} clips of 3 classes" in page.text
    assert "654 k" in page.text and "12 s" in page.text


def test_scores_and_counts_are_those_of_the_report(clip_folder, tmp_path):
    files, labels = clips_of(clip_folder)
    reports = [guesses(files, labels, "A"), guesses(files, labels, "B", seed=1)]
    page = written(reports, tmp_path, n_hardest=0)
    (classes,) = re.findall(
        r'<table class="sortable classes">.*?</table>', page.text, re.S
    )
    values = [
        float(value) for value in re.findall(r'"number.*?" data-v="(.*?)"', classes)
    ]
    expected = [
        [reports[0].per_class.loc[label, "support"]]
        + [
            report.per_class.loc[label, score]
            for report in reports
            for score in ("precision", "recall", "f1")
        ]
        for label in sorted(set(labels))
    ]
    assert values == pytest.approx(np.ravel(expected))
    tables = re.findall(r'<table class="matrix".*?</table>', page.text, re.S)
    for report, table in zip(reports, tables, strict=True):
        cells = re.findall(r"<td(?: class=\"(?:hit|miss)\"| ?).*?</td>", table)
        counts = [int((re.findall(r">(\d+)<", cell) or [0])[0]) for cell in cells]
        assert counts[1:] == report.confusion.to_numpy().ravel().tolist()


def test_a_bare_report_makes_a_page(tmp_path):
    # No files, no probabilities, no epochs, no facts; labels that are numbers.
    rows = [(None, n % 3, n % 2, None) for n in range(12)]
    report = report_of(rows, [0, 1, 2], facts={}, kind="held-out")
    page = written(report, tmp_path)
    assert page.cards and all(name.startswith("row ") for name in page.cards)
    assert not page.all("audio") and not page.all("p", "problem")
    assert 'id="curves"' not in page.text
    assert "0 of 12 clips embedded" in page.text
    assert page.data["labels"] == ["0", "1", "2"]


def test_models_on_the_same_clips_are_compared_pair_by_pair(tmp_path):
    files = [f"{number}.wav" for number in range(60)]
    labels = ["cat", "cow"] * 30
    good, bad = guesses(files, labels, "good", 9), guesses(files, labels, "bad", -9)
    assert "good is better" in written([good, bad], tmp_path).text
    other = guesses(files[:40], labels[:40], "other")
    page = written([good, other], tmp_path)
    assert "is better" not in page.text and "pair by pair" not in page.text
    assert "60 clips of 2 classes" in page.text


def test_calibration_error_is_the_gap_between_confidence_and_accuracy(tmp_path):
    rows = [
        (f"{n}.wav", "cat" if n < 6 else "cow", "cat", {"cat": 0.85, "cow": 0.15})
        for n in range(10)
    ]
    page = written(report_of(rows, ["cat", "cow"]), tmp_path)
    assert 'data-v="0.25">0.25' in re.sub(r"0\.2[45]\d{5,}|0\.25", "0.25", page.text)


def test_names_and_commands(tmp_path):
    rows = [("a.wav", "cat", "cow", None), ("b.wav", "cow", "cow", None)]
    report = report_of(rows, ["cat", "cow"], "the model")
    page = written(report, tmp_path, command="made by hand")
    assert page.all("h1")[0][1] == page.all("title")[0][1] == "the model"
    assert "made by hand" in page.text and "evaluate somewhere" not in page.text
    assert written(report, tmp_path, title="Mine").all("title")[0][1] == "Mine"
    with pytest.raises(ValueError, match="more than one report"):
        written([report, report], tmp_path)
    with pytest.raises(ValueError, match="expected at least one report"):
        written([], tmp_path)


def test_a_model_of_two_reports_is_one_row(tmp_path):
    files = [f"{number}.wav" for number in range(60)]
    labels = ["cat", "cow"] * 30
    folds, test = (
        guesses(files, labels, "cnn1d", 9, kind=kind)
        for kind in ("cross-validation", "held-out")
    )
    other = guesses(files, labels, "mfcc_svm", -9)
    page = written([folds, test, other], tmp_path, n_hardest=0)
    names = ["cnn1d, cross-validation", "mfcc_svm, cross-validation", "cnn1d, test"]
    assert sorted(page.data["models"]) == sorted(names)
    assert page.all("h1")[0][1] == "cnn1d and mfcc_svm"
    lead = " ".join(page.all("p", "lead")[0][1].split())
    assert lead.startswith("60 clips of 2 classes, 2 models, scored by cross-valid")
    assert "and on 60 test clips." in lead
    # Only reports of one kind are compared.
    assert page.text.count(" is better") == 1
    (verdict,) = (text for _, text in page.all("p", "verdict"))
    assert verdict.startswith("cnn1d is best by cross-validation, 1.00 (")
    assert "; accuracy 1.00 (" in verdict and "on the 60 test clips." in verdict
    page = written([folds, test], tmp_path, n_hardest=0)
    assert page.data["models"] == [names[0], names[2]]
    assert page.all("h1")[0][1] == "cnn1d" and "pair by pair" not in page.text


def test_the_verdict_names_ties_and_leaves_leaked_clips_out(tmp_path):
    files, labels = [f"{number}.wav" for number in range(60)], ["cat", "cow"] * 30
    reports = []
    for seed, (name, skill) in enumerate((("a", 9), ("b", 9), ("bad", -9))):
        reports.append(guesses(files, labels, name, skill, seed))
        test = guesses(files[:30], labels[:30], name, skill, seed, kind="held-out")
        test.predictions["leaked"] = test.predictions["row"] < 4
        test.leaks = pd.DataFrame({"test_file": files[:4]})
        reports.append(test)
    page = written(reports, tmp_path, n_hardest=0)
    (verdict,) = (text for _, text in page.all("p", "verdict"))
    score = r"1\.00 \(0\.9\d\N{EN DASH}1\.00\)"
    assert re.fullmatch(
        f"a scores highest by cross-validation, {score}, a tie with b; on the 26 clean "
        "test clips a and b are a tie\\.",
        verdict,
    )


def test_two_folds_give_no_interval(tmp_path):
    files, labels = [f"{number}.wav" for number in range(60)], ["cat", "cow"] * 30
    reports = [
        guesses(files, labels, name, skill) for name, skill in (("a", 3), ("b", 1))
    ]
    for report in reports:
        report.predictions["fold"] %= 2
    (pairs,) = re.findall(
        r'<table class="sortable pairs">.*?</table>',
        written(reports, tmp_path).text,
        re.S,
    )
    assert " to " not in pairs and "nan" not in pairs
    page = written(reports, tmp_path)
    assert "Two folds give no interval." in page.text
    # What the times do not include stands below them.
    assert "computed once per clip before the first fit" in page.text


def test_the_verdict_and_the_table_of_pairs_agree(tmp_path):
    files, labels = [f"{number}.wav" for number in range(60)], ["cat", "cow"] * 30
    best, other = (
        guesses(files, labels, name, skill) for name, skill in (("a", 9), ("b", 0))
    )
    # In most folds b is far worse, in one it is as good: of 5 folds that is a tie.
    right = other.predictions["fold"] == 0
    own = other.predictions["true"]
    wrong = own.map({"cat": "cow", "cow": "cat"})
    half = other.predictions["row"] % 10 < 5
    other.predictions["predicted"] = own.where(right | half, wrong)
    page = written([best, other], tmp_path, n_hardest=0)
    high, low = (
        other.summary.loc["accuracy", "high"],
        best.summary.loc["accuracy", "low"],
    )
    assert high < low  # intervals apart, which decides nothing
    (verdict,) = (text for _, text in page.all("p", "verdict"))
    (pairs,) = page.all("table", "pairs")
    assert pairs[1].rstrip().endswith("tie") and verdict.endswith("a tie with b.")
    assert verdict.startswith("a scores highest by cross-validation, 1.00 (")
    assert "A tie, here and in the sentence on top: p, corrected" in page.text


def test_warnings_are_grouped_by_what_to_do(tmp_path):
    rows = [("a.wav", "cat", "cow", None), ("b.wav", "cow", "cow", None)]
    names = [f"clip {n}.wav" for n in range(40)]
    report = report_of(rows, ["cat", "cow"])
    report.warnings = [
        Finding(f"40 clips odd: {names[0]} and 39 more", LISTEN, names, "40 clips odd"),
        Finding("6 test clips have a copy", LEAVE_OUT),
        "something else",
        Finding("2 clips clipped: a, b", LISTEN, ["a", "b"], "2 clips clipped"),
    ]
    page = written(report, tmp_path)
    ((_, warnings),) = page.all("section", "warnings")
    places = [
        warnings.index(text)
        for text in (
            *(LEAVE_OUT, "6 test clips", LISTEN, "40 clips odd", "clip 39.wav"),
            *("2 clips clipped: a, b", "Take note", "something else"),
        )
    ]
    assert places == sorted(places)
    # Long lists are folded, short ones are not.
    folded = [text for _, text in page.all("details") if "clip 39.wav" in text]
    assert len(folded) == 1 and "2 clips clipped" not in folded[0]


def test_models_of_several_labels_have_no_matrix(tmp_path):
    rng = np.random.default_rng(0)
    y = pd.DataFrame(rng.random((60, 3)) < 0.4, columns=["cat", "cow", "owl"])
    X = y.to_numpy(float) + rng.normal(0, 0.4, y.shape)
    model = OneVsRestClassifier(LogisticRegression()).fit(X, y.astype(int))
    report = report_on(model, X, y.astype(int), name="heads")
    page = written(report, tmp_path)
    assert not page.all("table", "matrix") and "Confusion" not in page.text
    verdict = page.all("p", "verdict")[0][1]
    value = report.summary.loc["macro_average_precision", "value"]
    assert verdict.startswith(f"Macro average precision {value:.2f} (")
    (classes,) = re.findall(
        r'<table class="sortable classes">.*?</table>', page.text, re.S
    )
    values = re.findall(r'"number.*?" data-v="(.*?)"', classes)
    names = ["support", "precision", "recall", "f1", "average_precision"]
    expected = report.per_class[names].to_numpy().ravel()
    assert [float(value) for value in values] == pytest.approx(expected)
    assert any(", " in text for _, text in page.all("h3"))
