"""The HTML pages: their content, their templates and what pages share."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_audit_page": ["audit_page_of"],
        "_clip_cards": [
            "ClipMedia",
            "LONGEST",
            "SAMPLE_RATE",
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
