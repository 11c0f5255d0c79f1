"""An audit as one self-contained HTML page."""

from pathlib import Path

from skaudio._utils.atomic import write_text
from skaudio.reports.html import audit_page_of, render


def write_audit_html(audit, path, *, n_pairs=8):
    """Write an audit as one HTML file, with pairs of related clips to listen to.

    The page loads nothing from outside. It begins with a verdict and what to do about
    each finding; its tables can be sorted, and a button copies the list of the files to
    leave out. It contains the names of the clips, relative to their common folder, and
    the sounds of some: consider this before you publish it.

    Parameters
    ----------
    audit : AuditReport
        As from `audit_dataset`.
    path : str or path-like
        Such as ``audit.html``. Its folder must exist.
    n_pairs : int, default=8
        Number of pairs of related clips to embed: leaked test clips beside their
        training clips first, then clips under two labels, then near copies.

    Returns
    -------
    path : pathlib.Path

    Raises
    ------
    OSError
        Where the file cannot be written. An older page there stays as it was.

    See Also
    --------
    write_html : The page of a report.

    Examples
    --------
    >>> import os, tempfile
    >>> from skaudio.audit import audit_dataset
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.reports import write_audit_html
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = make_animal_sounds(
    ...         4, n_classes=2, output_dir=folder, random_state=0
    ...     )
    ...     audit = audit_dataset(clips.data, test=clips.data[::4], cv=2)
    ...     path = write_audit_html(audit, os.path.join(folder, "audit.html"))
    ...     "2 of 2 test clips are duplicates" in path.read_text("utf-8")
    True
    """
    page = render(
        audit_page_of(audit, n_pairs), "audit.html.jinja", scripts=("audit.js",)
    )
    write_text(path, page, "the page", "html")
    return Path(path)
