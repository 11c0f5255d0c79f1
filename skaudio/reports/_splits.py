"""The reports of a page, by split and by model."""

from typing import NamedTuple

from skaudio.reports._compare import compare

KINDS = {"cross-validation": "Cross-validation", "held-out": "Test"}


class Split(NamedTuple):
    """The scores of all models on the same kind of clips."""

    title: str
    kind: str
    is_clean: bool  # whether leaked test clips are left out
    reports: list  # one per model, None where it was not scored
    n_clips: int
    pairs: list  # rows of `compare`

    @property
    def known(self):
        """The reports, without None."""
        return [report for report in self.reports if report is not None]


def model_names(reports):
    """List the models, each once, in order."""
    return list(dict.fromkeys(str(report.name) for report in reports))


def splits_of(reports):
    """Put reports into cross-validation, test, and test without leaked clips.

    Parameters
    ----------
    reports : list of Report
        Of unique name and kind.

    Returns
    -------
    splits : list of Split
        Those that are there, in this order.
    """
    models, splits = model_names(reports), []
    for kind, title in KINDS.items():
        own = {str(one.name): one for one in reports if one.kind == kind}
        if not own:
            continue
        clean = {
            name: report.without_leaks()
            for name, report in own.items()
            if report.leaks is not None and len(report.leaks)
        }
        clean = {name: report for name, report in clean.items() if report is not None}
        name = f"{title}, all clips" if clean else title
        splits.append(_split(name, kind, False, own, models, compared=not clean))
        if clean:
            name = f"{title}, without leaked clips"
            splits.append(_split(name, kind, True, clean, models))
    return splits


def _split(title, kind, is_clean, own, models, compared=True):
    reports = [own.get(name) for name in models]
    n_clips = max(report.facts.get("n_clips", 0) for report in own.values())
    if not n_clips:
        n_clips = len(next(iter(own.values())).predictions)
    pairs = _pairs([*own.values()]) if compared else []
    return Split(title, kind, is_clean, reports, n_clips, pairs)


def _pairs(reports):
    """Compare the models pair by pair, where they were scored on the same clips."""
    try:
        return compare(reports).to_dict("records")
    except ValueError:  # a single report, or different clips
        return []
