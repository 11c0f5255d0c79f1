"""Where clips come from, what belongs together, and what is wrong with them."""

from skaudio.datasets._audit import audit_dataset
from skaudio.datasets._audit_report import AuditReport
from skaudio.datasets._clip_windows import clip_windows
from skaudio.datasets._fetch import get_data_home
from skaudio.datasets._folder import list_audio_files, load_audio_folder
from skaudio.datasets._groups import group_clips
from skaudio.datasets._inspect import inspect_clips
from skaudio.datasets._make_animal_sounds import make_animal_sounds
from skaudio.datasets._near_copies import near_copies
from skaudio.datasets._public_sets import (
    fetch_animals_sounds,
    fetch_esc10,
    fetch_esc50,
    fetch_sasmaz_tek,
)

__all__ = [
    "AuditReport",
    "audit_dataset",
    "clip_windows",
    "fetch_animals_sounds",
    "fetch_esc10",
    "fetch_esc50",
    "fetch_sasmaz_tek",
    "get_data_home",
    "group_clips",
    "inspect_clips",
    "list_audio_files",
    "load_audio_folder",
    "make_animal_sounds",
    "near_copies",
]
