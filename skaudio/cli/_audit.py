"""`skaudio audit`."""

import numpy as np

from skaudio.cli._console import note, say


def run(folder, test, html, jobs):
    """List, audit, print, write."""
    from skaudio.datasets import audit_dataset, load_audio_folder

    if html is not None and not html.parent.is_dir():
        raise FileNotFoundError(f"{html.parent}: no such folder to write a page in")
    parts = {"train": load_audio_folder(folder, groups=None)}
    if test is not None:
        parts["test"] = load_audio_folder(test, groups=None)
    report = audit_dataset(
        np.concatenate([part.data for part in parts.values()]),
        np.concatenate([part.target for part in parts.values()]),
        [name for name, part in parts.items() for _ in part.data],
        n_jobs=jobs,
    )
    say(report)
    if html is not None:
        report.to_html(html)
        note(f"wrote {html}")
