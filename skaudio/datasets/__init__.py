"""Where clips come from: folders, tables, public data sets, a synthesiser."""

from skaudio.datasets._fetch import get_data_home
from skaudio.datasets._folder import load_audio_folder
from skaudio.datasets._make_animal_sounds import make_animal_sounds
from skaudio.datasets._make_soundscape import make_soundscape
from skaudio.datasets._public_sets import (
    fetch_animals_sounds,
    fetch_esc10,
    fetch_esc50,
    fetch_sasmaz_tek,
)
from skaudio.datasets._table import load_audio_table
from skaudio.datasets._wind import make_wind

__all__ = [
    "fetch_animals_sounds",
    "fetch_esc10",
    "fetch_esc50",
    "fetch_sasmaz_tek",
    "get_data_home",
    "load_audio_folder",
    "load_audio_table",
    "make_animal_sounds",
    "make_soundscape",
    "make_wind",
]
