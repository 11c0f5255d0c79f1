"""Reports as one page that needs nothing from outside."""

import os
import tempfile
from pathlib import Path

from skaudio._persistence import _mode_of
from skaudio.reports._page import page_of
from skaudio.reports._page_facts import size_in_words
from skaudio.reports._report import by_name


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
    reports = list(by_name(reports).values())
    path = Path(path)
    if path.is_dir() or not path.parent.is_dir():
        reason = "is a folder" if path.is_dir() else "its folder does not exist"
        raise OSError(f"{path}: the page cannot be written there, {reason}")
    page = page_of(reports, title, command, n_hardest)
    template = _environment().get_template("report.html.jinja")
    # Twice, as a page that states its own size must be weighed first.
    n_bytes = len(_encoded(template.render(page, size="0.0 MB")))
    html = template.render(page, size=size_in_words(n_bytes))
    _write_whole(path, _encoded(html))
    return path


def _environment():
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("skaudio.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _encoded(html):
    # File names may hold bytes that are no text; a page cannot, and shows "?".
    return html.encode("utf-8", errors="replace")


def _write_whole(path, content):
    """Write beside the path first, so that a page is whole or the older one stays."""
    unfinished = None
    try:
        handle, unfinished = tempfile.mkstemp(prefix=".report.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(unfinished, _mode_of(path))
        os.replace(unfinished, path)
    except OSError as error:
        reason = error.strerror or str(error)
        kept = "; the older page there is untouched" if path.exists() else ""
        raise OSError(f"{path}: the page cannot be written ({reason}){kept}") from error
    finally:
        if unfinished is not None and os.path.exists(unfinished):
            os.unlink(unfinished)
