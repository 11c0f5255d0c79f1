"""Where clips come from: folders, tables, public data sets, a synthesiser."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_fetch": ["get_data_home"],
        "_folder": ["load_audio_folder"],
        "_make_animal_sounds": ["make_animal_sounds"],
        "_make_soundscape": ["make_soundscape"],
        "_public_sets": [
            "fetch_animals_sounds",
            "fetch_esc10",
            "fetch_esc50",
            "fetch_sasmaz_tek",
        ],
        "_table": ["load_audio_table"],
        "_wind": ["make_wind"],
    },
)
