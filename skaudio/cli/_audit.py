"""`skaudio audit`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio.cli._console import note, say
from skaudio.cli._inputs import check_output, own_groups
from skaudio.cli._options import ClipFolder, GroupPattern, Groups, Jobs


def audit(
    folder: ClipFolder,
    test: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Test clips, checked for leakage."),
    ] = None,
    groups: Groups = None,
    group_pattern: GroupPattern = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all tables as a page.")
    ] = None,
    jobs: Jobs = -1,
):
    """Report what makes scores on these clips misleading.

    Copies, near copies and clips of one source recording, within the clips and
    between them and the test clips; one clip under two labels; unreadable, silent,
    clipped or odd clips; and how well the metadata baseline scores.

    Example: skaudio audit clips/Training --test clips/Test --html audit.html
    """
    from skaudio.audit import audit_dataset
    from skaudio.reports import write_audit_html

    check_output(html, "the page", "html", [folder, test])
    own = own_groups(groups, group_pattern)
    report = audit_dataset(folder, test=test, groups=own, n_jobs=jobs, verbose=1)
    try:
        if html is not None:
            write_audit_html(report, html)
            note(f"wrote {html}")
    finally:
        say(report)
