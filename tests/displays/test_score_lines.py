import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from sklearn.linear_model import LogisticRegression

from skaudio import MFCCStatistics, PrototypicalClassifier
from skaudio.displays import FewShotCurveDisplay, NoiseRobustnessDisplay


def test_noise_lines_are_the_tables():
    table = pd.DataFrame(
        {
            "snr_db": [np.inf, 20.0, 0.0],
            "accuracy": [0.9, 0.7, 0.2],
            "accuracy_low": [0.8, 0.6, 0.1],
            "accuracy_high": [0.95, 0.8, 0.3],
        }
    )
    other = table.assign(accuracy=[0.5, 0.4, 0.3])
    display = NoiseRobustnessDisplay({"a": table, "b": other}).plot()
    for name, expected in {"a": table, "b": other}.items():
        line = display.lines_[name]
        np.testing.assert_array_equal(line.get_ydata(), expected["accuracy"])
    # The lowest SNR is on the right, clean clips on the far left.
    ticks = display.ax_.get_xticks()
    at = [display.ax_.transData.transform((tick, 0))[0] for tick in ticks]
    assert at == sorted(at)
    names = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert names == ["clean", "20", "0"]
    with pytest.raises(
        ValueError, match="score='macro_f1': expected one of 'accuracy'"
    ):
        display.plot(score="macro_f1")


def test_few_shot_curves_of_models_side_by_side(calls):
    X = MFCCStatistics(n_mels=32).transform(calls.data)
    models = {"guess": LogisticRegression(C=1e-6), "own": PrototypicalClassifier()}
    options = dict(n_shots=(1, 4), n_repeats=3, score="macro_f1")
    display = FewShotCurveDisplay.from_estimator(
        models, X, calls.target, calls.groups, **options
    )
    assert [*display.lines_] == [*models]
    for name, line in display.lines_.items():
        np.testing.assert_array_equal(
            line.get_ydata(), display.tables[name]["macro_f1"]
        )
        # Shifted a little, so that all can be seen.
        places = line.get_xdata(orig=False)
        np.testing.assert_allclose(places, [1, 4], rtol=0.03)
    assert display.ax_.get_legend().get_title().get_text().endswith("of 3 draws")
    assert display.ax_.get_ylabel() == "Macro F1"
    with pytest.raises(ValueError, match="score='loss'"):
        display.plot(score="loss")
    ax = pyplot.figure().subplots()
    assert display.plot(ax).figure_ is ax.figure
