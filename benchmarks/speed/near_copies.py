"""The search for near copies."""

import time

from harness import compare


def near_copies_of(number):
    """Make a callable that gives the milliseconds per clip."""
    import numpy as np

    from skaudio.audit._near_copies import near_copies_of_waveforms
    from skaudio.datasets import make_animal_sounds

    sounds = make_animal_sounds(
        -(-number // 10),
        n_classes=10,
        n_individuals=100,
        n_noise=0,
        sample_rate=8000,
        random_state=0,
    ).data
    sounds = sounds[np.random.RandomState(0).permutation(len(sounds))[:number]]

    def work():
        start = time.process_time()
        near_copies_of_waveforms(list(sounds), 8000)
        return (time.process_time() - start) / number * 1e3

    return work


@compare(threads=1)
def near_copies_of_300(folder):
    """Near copies among 300 calls, none a copy, ms per file."""
    return near_copies_of(300)


@compare(threads=1)
def near_copies_of_1200(folder):
    """Near copies among 1,200 calls, none a copy, ms per file."""
    return near_copies_of(1200)


@compare(threads=1)
def near_copies_of_the_folder(folder):
    """Near copies among the clips of the folder, decoded too."""
    from skaudio.audit import near_copies

    files = sorted(map(str, folder.glob("*/*")))
    return lambda: near_copies(files)
