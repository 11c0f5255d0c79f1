"""Log-mels, also against librosa."""

import statistics

from harness import compare, processor


@compare()
def log_mels(folder):
    """Log-mels of 300 clips of 3 s, with the threads that torch takes."""
    import numpy as np

    from skaudio import LogMelExtractor

    sounds = np.random.default_rng(0).standard_normal((300, 48000)).astype("float32")
    return lambda: LogMelExtractor().transform(sounds)


def waveforms(folder):
    """Load the clips at 16 kHz."""
    from skaudio import WavLoader
    from skaudio.io import list_audio_files

    return WavLoader().transform(list_audio_files([folder]))


def librosa_log_mels(folder):
    """Log-mels as a user of librosa writes them."""
    import librosa
    import numpy as np

    clips = waveforms(folder)
    options = dict(sr=16000, n_fft=1024, hop_length=512, n_mels=128)

    def work():
        for clip in clips:
            mel = librosa.feature.melspectrogram(y=clip, **options)
            librosa.power_to_db(mel, ref=np.max)

    return work


def log_mel_work(folder):
    """Log-mels of skaudio; filters and imports are paid before."""
    from skaudio import LogMelExtractor

    clips = waveforms(folder)
    extractor = LogMelExtractor()
    extractor.transform(clips[:3])
    return lambda: extractor.transform(clips)


@compare(threads=1)
def log_mel(folder):
    """Log-mels."""
    return log_mel_work(folder)


@compare(threads=1, peer=librosa_log_mels)
def log_mel_librosa(folder):
    """Log-mels, against librosa."""
    return log_mel_work(folder)


@compare(threads=1)
def log_mel_placing(folder):
    """Log-mels, normalised and in place: time by that of the decibels alone."""
    from skaudio.features._mel_decibels import mel_decibels

    transform, clips = log_mel_work(folder), waveforms(folder)

    def decibels():
        for _ in mel_decibels(clips, 16000, 1024, 512, 128, 0.0, None, False):
            pass

    decibels()
    return lambda: statistics.median(
        processor(transform) / processor(decibels) for _ in range(9)
    )
