import pytest
from html_pages import written
from made_up_reports import guesses, report_of


def test_hardest_clips_are_the_most_confident_wrong_predictions(tmp_path):
    def rows(*given):
        return [
            (
                f"{name}.wav",
                "cat",
                "cat" if cat > 0.5 else "cow",
                {"cat": cat, "cow": 1 - cat},
            )
            for name, cat in given
        ]

    labels = ["cat", "cow"]
    one = report_of(
        rows(("a", 0.4), ("b", 0.45), ("c", 0.55), ("d", 0.8)), labels, "one"
    )
    two = report_of(
        rows(("a", 0.4), ("b", 0.9), ("c", 0.05), ("d", 0.8)), labels, "two"
    )
    assert written(one, tmp_path).cards == ["a.wav", "b.wav"]
    # Both models miss "a", with a small margin; one misses "c", one "b"; none "d".
    assert written([one, two], tmp_path).cards == ["a.wav", "c.wav", "b.wav"]
    assert written([one, two], tmp_path, n_hardest=2).cards == ["a.wav", "c.wav"]
    none = written([one, two], tmp_path, n_hardest=0)
    assert none.cards == [] and "0 of 4 clips embedded" in none.text
    assert "Hardest clips" not in none.text


def test_without_probabilities_the_classes_take_turns(tmp_path):
    rows = [(f"{label}{n}.wav", label, "owl", None) for label in "abc" for n in (1, 2)]
    page = written(report_of(rows, ["a", "b", "c", "owl"]), tmp_path, n_hardest=4)
    assert page.cards == ["a1.wav", "b1.wav", "c1.wav", "a2.wav"]
    # Nor does the page claim any confidence.
    assert "most confident" not in page.text.lower() and "Hardest" not in page.text


def test_cells_list_their_clips_and_count_the_rest(tmp_path):
    files = [f"{number}.wav" for number in range(300)]
    labels = ["cat"] * 150 + ["cow"] * 150
    report = guesses(files, labels, skill=0.8, n_repeats=2)
    page = written(report, tmp_path, n_hardest=0)
    table = report.predictions
    (cells,) = page.data["cells"]
    assert len(cells) == 4
    for place, (n_clips, rows) in cells.items():
        true, predicted = (page.data["labels"][int(part)] for part in place.split(","))
        behind = table[(table["true"] == true) & (table["predicted"] == predicted)]
        assert n_clips == behind["file"].nunique()
        assert len(rows) == min(n_clips, 100)
        # The most confident wrong predictions first, the least confident correct ones.
        listed = [confidence for _, _, confidence, _ in rows]
        assert listed == sorted(listed, reverse=true != predicted)
        times = behind["file"].value_counts()
        for clip, n_times, confidence, true_probability in rows:
            name = page.data["clips"][clip]
            mine = behind[behind["file"] == name]
            assert times[name] == n_times
            assert mine[f"probability_{predicted}"].mean() == pytest.approx(
                confidence, abs=0.006
            )
            assert mine[f"probability_{true}"].mean() == pytest.approx(
                true_probability, abs=0.006
            )
