"""Reports: the scores of a model, comparisons of models, and the HTML page."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_compare": ["compare"],
        "_multilabel_report": ["MultilabelReport"],
        "_report": ["Report"],
        "_report_on": ["report_on"],
        "_report_table": ["report_table"],
        "_scores_by_model": ["scores_by_model"],
        "_write_audit": ["write_audit_html"],
        "_write_html": ["write_html"],
    },
)
