"""Where clips come from: folders and the synthesiser; what belongs together."""

from skaudio.datasets._folder import list_audio_files, load_audio_folder
from skaudio.datasets._groups import group_clips
from skaudio.datasets._inspect import inspect_clips
from skaudio.datasets._make_animal_sounds import make_animal_sounds

__all__ = [
    "group_clips",
    "inspect_clips",
    "list_audio_files",
    "load_audio_folder",
    "make_animal_sounds",
]
