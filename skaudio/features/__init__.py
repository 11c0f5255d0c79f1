"""From paths to waveforms to log-mel pictures."""

from skaudio.features._log_mel import LogMelExtractor
from skaudio.features._wav_loader import WavLoader

__all__ = ["LogMelExtractor", "WavLoader"]
