"""From paths to waveforms, log-mel spectrograms and MFCC statistics."""

from skaudio.features._inspect_loading import (
    drop_unreadable,
    inspect_loading,
    set_channel,
)
from skaudio.features._log_mel import LogMelExtractor
from skaudio.features._mfcc_statistics import MFCCStatistics
from skaudio.features._wav_loader import WavLoader

__all__ = [
    "LogMelExtractor",
    "MFCCStatistics",
    "WavLoader",
    "drop_unreadable",
    "inspect_loading",
    "set_channel",
]
