"""Audits of data sets: copies, related clips, leakage, damaged files."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_audit_dataset": ["audit_dataset"],
        "_audit_report": ["AuditReport"],
        "_find_leaks": ["drop_leaks", "find_leaks"],
        "_group_clips": ["group_clips"],
        "_inspect_clips": ["inspect_clips"],
        "_metadata": ["metadata_classifier"],
        "_near_copies": ["near_copies"],
        "_own_groups": ["groups_from_names", "groups_from_table"],
    },
)
