"""Reports as one self-contained HTML page."""

from pathlib import Path

from skaudio._utils.atomic import write_text
from skaudio._utils.names import by_report_name
from skaudio.reports.html import page_of, render


def write_html(reports, path, *, title=None, command=None, n_hardest=12):
    """Write reports as one HTML file, with spectrogram and sound of the hardest clips.

    The page loads nothing from outside. Its tables can be sorted, and a cell of a
    confusion matrix opens the list of its clips. The page contains the names of clips,
    relative to their common folder, and the sounds of the hardest clips: consider this
    before you publish it.

    Parameters
    ----------
    reports : Report or list of Report
        Several are compared. A cross-validation and a held-out report of one name are
        one row.
    path : str or path-like
        Such as ``report.html``. Its folder must exist.
    title : str or None, default=None
        None takes the names of the models.
    command : str or None, default=None
        The command that made the reports; None takes ``facts["command"]`` of each.
    n_hardest : int, default=12
        Number of clips to embed: from each model in turn, the most confident wrong
        prediction. A clip takes 20 to 60 kB.

    Returns
    -------
    path : pathlib.Path

    See Also
    --------
    Report.to_html : One report.

    Raises
    ------
    ValueError
        Where two reports share name and kind, or there is none.
    OSError
        Where the file cannot be written. An older page there stays as it was.

    Notes
    -----
    Where a sound file is missing or cannot be read, its card gives the reason. Sounds
    are mono at 16 kHz; of longer clips the loudest 6 s are embedded. The size of the
    page hardly grows with the number of clips: a cell lists 100 clips at most and
    counts the rest.

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
    reports = list(by_report_name(reports).values())
    page = page_of(reports, title, command, n_hardest)
    write_text(path, render(page), "the page", "html")
    return Path(path)
