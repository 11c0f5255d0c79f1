import numpy as np
import pytest
from made_up_reports import report_of_hits

from skaudio.metrics import SCORES
from skaudio.reports import report_table


@pytest.fixture
def reports():
    """Two models: one with folds and held-out clips, one with folds only."""
    test = [[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0]]
    return [
        report_of_hits([[1, 1, 1, 1, 1, 0]], "cross-validation", "b", fit_seconds=2.0),
        report_of_hits([[1, 1, 1, 0, 0, 0]], "cross-validation", "a", fit_seconds=3.0),
        report_of_hits(test, "held-out", "b", fit_seconds=4.0, leaked=[0]),
    ]


def test_one_row_per_model_in_the_order_of_the_reports(reports):
    table = report_table(reports)
    assert table.index.tolist() == ["b", "a"] and table.index.name == "pipeline"
    for report in reports[:2]:
        for score in SCORES:
            value, low, high = report.summary.loc[score]
            columns = [score, f"{score}_low", f"{score}_high"]
            assert table.loc[report.name, columns].tolist() == [value, low, high]
    assert table["n_parameters"].tolist() == [10, 10]


def test_test_columns_are_medians_over_seeds(reports):
    table = report_table(reports)
    row = table.loc["b"]
    assert row["test_accuracy"] == 0.5
    assert row["test_accuracy_min"] == 0.25 and row["test_accuracy_max"] == 0.75
    # Without the leaked clip 2, 0 and 1 of 3 clips are correct.
    assert row["test_accuracy_unleaked"] == pytest.approx(1 / 3)
    for score in SCORES:
        assert row[f"test_{score}"] == np.median(reports[2].per_repeat[score])
    test_columns = [name for name in table if name.startswith("test_")]
    assert len(test_columns) == len(SCORES) + 3
    assert table.loc["a", test_columns].isna().all()


def test_seconds_are_the_median_over_all_fits(reports):
    # One fit of 2 s and three of 4 s.
    assert report_table(reports)["fit_seconds"].tolist() == [4.0, 3.0]


def test_attrs_count_clips_groups_and_leaks(reports):
    assert report_table(reports).attrs == {
        "n_clips": 6,
        "n_groups": 3,
        "n_test": 4,
        "n_leaked": 1,
    }
    assert report_table(reports[:2]).attrs == {
        "n_clips": 6,
        "n_groups": 3,
        "n_test": None,
        "n_leaked": None,
    }
    unknown = report_of_hits([[1, 0]], "held-out", "c")
    table = report_table([unknown])
    assert table.attrs["n_test"] == 2 and table.attrs["n_leaked"] is None
    assert "accuracy" not in table and "test_accuracy_unleaked" not in table


def test_two_reports_of_one_kind_are_refused(reports):
    with pytest.raises(ValueError, match="'a' has more than one report of one kind"):
        report_table([*reports, reports[1]])
