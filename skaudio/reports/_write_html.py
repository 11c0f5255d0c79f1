"""Reports as one page that needs nothing from outside."""

from dataclasses import replace
from pathlib import Path

from skaudio._utils.atomic import write_text
from skaudio._utils.names import by_report_name
from skaudio.reports._compare import compare
from skaudio.reports.html import page_of, render


def write_html(reports, path, *, title=None, command=None, n_hardest=12):
    """Write reports as one HTML file, with pictures and sounds of the hardest clips.

    The page asks nothing of a server, sorts its tables, and opens the cells of its
    confusion matrices. It holds the names of clips from the folder that they have in
    common, and the sounds of the hardest ones: think of that before you publish it.

    Parameters
    ----------
    reports : Report or list of Report
        Several are compared; their names tell them apart.
    path : str or path-like
        Such as ``report.html``. Missing folders are not made.
    title : str or None, default=None
        None names the models.
    command : str or None, default=None
        What made the reports; None takes ``facts["command"]`` of each.
    n_hardest : int, default=12
        Clips to embed: of each model in turn the mistake that it was surest of. A clip
        takes 20 to 60 kB.

    Returns
    -------
    path : pathlib.Path

    See Also
    --------
    Report.to_html : One report.

    Raises
    ------
    OSError
        Where the file cannot be written; an older page there is then untouched.

    Notes
    -----
    A sound file that is gone or cannot be read does not stop the page; its card tells
    why. Sounds are mono, 16 kHz, of longer clips the loudest 6 s. The page's size
    hardly grows with the set: a cell lists 100 clips at most and counts the rest.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from skaudio.reports import report_on, write_html
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.arange(40.0)[:, None], np.repeat(["cat", "cow"], 20)
    >>> models = LogisticRegression().fit(X, y), DummyClassifier().fit(X, y)
    >>> reports = [report_on(model, X, y) for model in models]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_html(reports, os.path.join(folder, "report.html"))
    ...     "LogisticRegression is better" in path.read_text("utf-8")
    True
    """
    named = by_report_name(reports)
    page = page_of(named, _differences(named), title, command, n_hardest)
    write_text(path, render(page), "the page")
    return Path(path)


def _differences(reports):
    """Test the models pair by pair, where they were scored on the same clips."""
    pairs = []
    for kind in dict.fromkeys(report.kind for report in reports.values()):
        same = [
            replace(report, name=name)
            for name, report in reports.items()
            if report.kind == kind
        ]
        try:
            table = compare(same)
        except ValueError:  # a single one, or on other clips
            continue
        pairs += table.to_dict("records")
    return pairs
