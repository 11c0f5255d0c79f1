"""The HTML pages: their content, their templates and what pages share."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_clip_cards": [
            "LONGEST",
            "SAMPLE_RATE",
            "ClipMedia",
            "clip_media",
            "data_uri",
            "encode_sound",
        ],
        "_clips": ["name_clips"],
        "_page": ["page_of"],
        "_render": ["render"],
        "_spectrogram_png": ["spectrogram_png"],
    },
)
