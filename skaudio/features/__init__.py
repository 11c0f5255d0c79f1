"""From paths to waveforms to log-mel pictures, or to rows of numbers."""

from skaudio.features._log_mel import LogMelExtractor
from skaudio.features._mfcc_statistics import MFCCStatistics
from skaudio.features._wav_loader import WavLoader

__all__ = ["LogMelExtractor", "MFCCStatistics", "WavLoader"]
