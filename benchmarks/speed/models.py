"""Saved models and sound files to measure with."""

import tempfile
from pathlib import Path


def model_file(pipeline, folder, n_clips=26):
    """Fit a pipeline on some clips of the folder and save it."""
    from skaudio import save_model

    files = sorted(map(str, folder.glob("*/*")))
    files = files[:: max(1, len(files) // n_clips)]
    path = Path(tempfile.mkdtemp(), "model.skaudio")
    save_model(pipeline.fit(files, [Path(file).parts[-2] for file in files]), path)
    return path


def short_files(number):
    """Write short sound files; give their folder."""
    import numpy as np
    import soundfile

    folder = Path(tempfile.mkdtemp())
    rng = np.random.default_rng(0)
    for place in range(number):
        sound = rng.uniform(-0.5, 0.5, 4000)
        soundfile.write(folder / f"{place:05d}.wav", sound, 8000)
    return folder
