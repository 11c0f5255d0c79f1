"""The HTML pages: their content, their templates and what pages share."""

from skaudio.reports.html._clip_cards import (
    LONGEST,
    SAMPLE_RATE,
    ClipMedia,
    clip_media,
    data_uri,
    encode_sound,
)
from skaudio.reports.html._clips import name_clips
from skaudio.reports.html._page import page_of
from skaudio.reports.html._render import render
from skaudio.reports.html._spectrogram_png import spectrogram_png

__all__ = [
    "LONGEST",
    "SAMPLE_RATE",
    "ClipMedia",
    "clip_media",
    "data_uri",
    "encode_sound",
    "name_clips",
    "page_of",
    "render",
    "spectrogram_png",
]
