import json

import pytest
from made_up_reports import report_of_hits, report_of_labels

HITS = [[True, False, True, True]]
CLASSES = ["Bear", "Cat", "Cow", "<Dog>"]


def as_json(report):
    """Write and read the dict of a report; strict JSON, without NaN."""
    return json.loads(json.dumps(report.to_dict(), allow_nan=False))


def test_to_dict_is_ready_for_json():
    report = report_of_hits(HITS, leaked=[0], near=False)
    scores = as_json(report)
    assert scores == report.to_dict()
    assert scores["name"] == "model" and scores["kind"] == "held-out"
    assert scores["n_clips"] == 4 and scores["accuracy"] == 0.75
    for name, row in report.summary.iterrows():
        assert scores[name] == row["value"]
        assert scores[f"{name}_interval"] == [row["low"], row["high"]]
    assert scores["per_class"]["cat"] == {
        "precision": 1.0,
        "recall": 0.75,
        "f1": pytest.approx(6 / 7),
        "support": 4,
    }
    (leak,) = scores["leaks"]
    assert leak == {
        "test_file": "0.wav",
        "relation": "exact copy",
        "train_file": "train.wav",
        "n_related": 1,
    }
    assert scores["near_copies_checked"] is False
    assert scores["warnings"] == report.warnings and len(report.warnings) == 2
    unleaked = scores["unleaked"]
    assert unleaked["n_clips"] == 3 and unleaked["unleaked"] is None
    assert unleaked["accuracy"] == scores["accuracy_unleaked"] == pytest.approx(2 / 3)


def test_to_dict_without_known_or_without_any_leaks():
    unknown = as_json(report_of_hits(HITS))
    assert unknown["accuracy"] == 0.75
    for name in ("leaks", "near_copies_checked", "unleaked"):
        assert unknown[name] is None
    none = as_json(report_of_hits(HITS, leaked=[]))
    assert none["leaks"] == [] and none["near_copies_checked"] is True
    assert none["unleaked"]["accuracy"] == none["accuracy"]
    everything = as_json(report_of_hits(HITS, leaked=range(4)))
    assert len(everything["leaks"]) == 4 and everything["unleaked"] is None


def test_to_dict_of_labels_that_are_numbers():
    scores = as_json(report_of_labels([0, 1, 1], [0, 1, 0], [0, 1]))
    assert list(scores["per_class"]) == ["0", "1"]


def test_text_and_table_for_notebooks():
    report = report_of_labels(
        ["Cat", "Cow", "Cow"], ["Cat", "Cow", "Cat"], CLASSES, name="<a>"
    )
    report.warnings = ["a <script> of a name"]
    assert "accuracy          0.667  [0.208, 0.939]" in str(report)
    assert "of accuracies Wilson's, of the others by bootstrap over groups" in str(
        report
    )
    html = report._repr_html_()
    assert "&lt;a&gt;: held-out" in html and "<script>" not in html
    assert "0.667" in html


def test_warnings_come_before_the_scores_that_they_question():
    report = report_of_hits(HITS, leaked=[0])
    for text in (str(report), report._repr_html_()):
        assert text.index("leaked from training") < text.lower().index("macro")
