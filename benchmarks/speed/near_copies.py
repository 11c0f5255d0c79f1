"""The search for near copies, and the audit."""

import time

from harness import compare


def near_copies_of(number, folder):
    """Make a callable that gives the milliseconds per clip.

    The clips are those of the folder at 8 speeds, forward and backward: hashes as of
    real sounds, which synthetic ones share far less by chance.
    """
    import numpy as np

    from skaudio.audit._near_copies import near_copies_of_waveforms
    from skaudio.io import read_audio

    sounds = [read_audio(file) for file in sorted(map(str, folder.glob("*/*")))]
    clips = [
        (sound[::step], round(rate * speed))
        for speed in (1, *np.geomspace(0.7, 1.5, 7))
        for step in (1, -1)
        for sound, rate in sounds
    ]
    if len(clips) < number:
        raise ValueError(f"{folder} gives {len(clips)} clips, expected {number}.")
    picked = np.random.RandomState(0).permutation(len(clips))[:number]
    waveforms, rates = zip(*(clips[place] for place in picked), strict=True)

    def work():
        start = time.process_time()
        near_copies_of_waveforms(waveforms, rates)
        return (time.process_time() - start) / number * 1e3

    return work


@compare(threads=1)
def near_copies_of_600(folder):
    """Near copies among 600 clips without decoding, ms per clip."""
    return near_copies_of(600, folder)


@compare(threads=1)
def near_copies_of_2400(folder):
    """Near copies among 2,400 clips without decoding, ms per clip."""
    return near_copies_of(2400, folder)


@compare(threads=1)
def near_copies_of_9400(folder):
    """Near copies among 9,400 clips without decoding, ms per clip."""
    return near_copies_of(9400, folder)


@compare(threads=1)
def audit_of_the_folder(folder):
    """`audit_dataset` of the folder without the metadata baseline, ms per file."""
    from skaudio.audit import audit_dataset

    n_files = len(list(folder.glob("*/*")))

    def work():
        start = time.process_time()
        audit_dataset(folder, cv=1)
        return (time.process_time() - start) / n_files * 1e3

    return work
