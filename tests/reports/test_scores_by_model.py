"""What the terminal shows of many models: one row each, every kind of clips beside."""

from made_up_reports import report_of_hits

from skaudio.reports import scores_by_model


def test_one_row_per_model_with_all_its_clips():
    test = [[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0]]
    table = scores_by_model(
        [
            report_of_hits([[1, 1, 1, 1, 1, 0]], "cross-validation", "b"),
            report_of_hits([[1, 1, 1, 0, 0, 0]], "cross-validation", "a"),
            report_of_hits(test, "held-out", "b", leaked=[0]),
        ]
    )
    assert table.index.tolist() == ["b", "a"]
    assert table.columns.get_level_values(0).unique().tolist() == [
        "Cross-validation (6)",
        "Test, all clips (4)",
        "Test, without leaked clips (3)",
        "",
    ]
    accuracies = table.xs("accuracy", axis="columns", level=1)
    starts = [[text[:5] for text in row] for row in accuracies.to_numpy()]
    assert starts == [["0.833", "0.500", "0.333"], ["0.500", "", ""]]
    assert accuracies.iloc[0, 0].endswith("(0.44-0.97)")


def test_a_fit_that_takes_less_than_a_second_has_a_time():
    report = report_of_hits([[1, 1, 0]], "cross-validation", "a", fit_seconds=0.0721)
    assert scores_by_model([report]).loc["a", ("", "fit")] == "72 ms"
