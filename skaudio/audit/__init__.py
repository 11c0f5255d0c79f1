"""Audits of data sets: copies, related clips, leakage, damaged files."""

from skaudio.audit._audit_dataset import audit_dataset
from skaudio.audit._audit_report import AuditReport
from skaudio.audit._find_leaks import drop_leaks, find_leaks
from skaudio.audit._group_clips import group_clips
from skaudio.audit._inspect_clips import inspect_clips
from skaudio.audit._metadata import metadata_classifier
from skaudio.audit._near_copies import near_copies
from skaudio.audit._own_groups import groups_from_names, groups_from_table

__all__ = [
    "AuditReport",
    "audit_dataset",
    "drop_leaks",
    "find_leaks",
    "group_clips",
    "groups_from_names",
    "groups_from_table",
    "inspect_clips",
    "metadata_classifier",
    "near_copies",
]
