"""The page of a report: what it shows, and how it is drawn."""

from skaudio.reports.html._page import page_of
from skaudio.reports.html._render import render

__all__ = ["page_of", "render"]
