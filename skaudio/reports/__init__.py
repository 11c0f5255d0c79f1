"""Reports: the scores of a model, comparisons of models, and the HTML page."""

from skaudio.reports._compare import compare
from skaudio.reports._report import Report
from skaudio.reports._report_on import report_on
from skaudio.reports._report_table import report_table
from skaudio.reports._write_html import write_html

__all__ = ["Report", "compare", "report_on", "report_table", "write_html"]
