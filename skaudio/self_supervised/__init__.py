"""Encoders that are fitted without labels."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_base": ["SelfSupervisedEncoder"],
        "_byola": ["BYOLAEncoder"],
        "_cola": ["COLAEncoder"],
        "_recordings": ["fit_on_recordings"],
        "_simclr": ["SimCLREncoder"],
    },
)
