"""`skaudio audit`."""

from skaudio.cli._console import note, say
from skaudio.cli._inputs import check_output


def run(*, folder, test, html, jobs):
    """Audit, print, write."""
    from skaudio.audit import audit_dataset

    check_output(html, "a page")
    report = audit_dataset(folder, test=test, n_jobs=jobs)
    say(report)
    if html is not None:
        report.to_html(html)
        note(f"wrote {html}")
