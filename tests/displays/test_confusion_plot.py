import sys

import numpy as np
import pytest
from matplotlib import pyplot

from skaudio.displays import LogMelDisplay


def test_confusion_is_drawn_as_counted(net_report):
    counts = net_report.confusion.to_numpy()
    display = net_report.plot_confusion()
    np.testing.assert_array_equal(display.im_.get_array(), counts)
    texts = [text.get_text() for text in display.text_.ravel()]
    assert texts == [str(n) if n else "" for n in counts.ravel()]
    shares = net_report.plot_confusion(normalize=True).im_.get_array()
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    _, ax = pyplot.subplots()
    display = net_report.plot_confusion(ax, include_values=False, cmap="Greens")
    assert display.ax_ is ax


def test_without_matplotlib_reports_work_and_plots_name_the_extra(
    monkeypatch, net_report
):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert "accuracy" in str(net_report)
    for plot in (net_report.plot_confusion, LogMelDisplay(np.ones((1, 8, 9))).plot):
        with pytest.raises(ImportError, match=r"pip install 'skaudio\[plots\]'"):
            plot()
