"""From paths to waveforms, log-mel spectrograms and MFCC statistics."""

import lazy_loader

# A file is imported when a name of it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_inspect_loading": ["drop_unreadable", "inspect_loading", "set_channel"],
        "_log_mel": ["LogMelExtractor"],
        "_mfcc_statistics": ["MFCCStatistics"],
        "_wav_loader": ["WavLoader"],
    },
)
