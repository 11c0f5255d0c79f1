"""The HTML page of reports: its content and its template."""

from skaudio.reports.html._page import page_of
from skaudio.reports.html._render import render

__all__ = ["page_of", "render"]
