"""Events in scenes of held-out clips, each of them known to be right or wrong.

A model is trained on a grouped half of the clips; the scenes are made of the other
half, in wind of other sources than those in training. Recordings differ in the level of
their wind, in how many calls there are and in how faint these are.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from detection import split_wind
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils import Bunch

from skaudio.datasets import load_audio_folder, make_soundscape
from skaudio.io import list_audio_files
from skaudio.pipelines import embedding_pipeline, window_pipeline
from skaudio.recordings import find_events, score_recordings

_OVERLAP = 0.1  # seconds of a call in a window that somebody would recognise


def scene_events(training, wind, file, n_recordings, minutes=2):
    """Detect events in scenes, or read what an earlier run found.

    Parameters
    ----------
    training, wind : path
    file : path
        The table of events.
    n_recordings, minutes : int
        Scenes, and the length of each.

    Returns
    -------
    events : DataFrame
        As of `find_events` at 0.1, with ``right``.
    """
    if Path(file).is_file():
        return pd.read_csv(file)
    clips = load_audio_folder(training, n_jobs=-1)
    ours, theirs = split_wind(list_audio_files([wind]), 0)
    halves = StratifiedGroupKFold(2, shuffle=True, random_state=0)
    halves = halves.split(clips.data, clips.target, clips.groups)
    train, test = next(iter(halves))
    model = window_pipeline(
        embedding_pipeline("efficientat", n_jobs=1), ours, random_state=0
    )
    model.fit(clips.data[train], clips.target[train])
    held_out = Bunch(data=clips.data[test], target=clips.target[test])
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        truth = []
        for k in range(n_recordings):
            faintest = rng.uniform(-5, 10)
            scene = make_soundscape(
                *(held_out, theirs, 60 * minutes),
                rate_per_minute=rng.uniform(3, 14),
                snr_db=(faintest, faintest + 10),
                sample_rate=32000,
                noise_level=rng.uniform(-50, -20),
                output=f"{folder}/{k}.flac",
                overlap=True,
                random_state=k,
            )
            truth.append(scene.truth)
        scores = score_recordings(model, folder)
        events = find_events(scores, 0.1, smoothing=3)
    by = dict(list(pd.concat(truth).groupby(["audio_file", "annotation"])))
    events["right"] = [
        _is_there(by.get((row.audio_file, row.annotation)), row)
        for row in events.itertuples()
    ]
    events["audio_file"] = [Path(file).name for file in events["audio_file"]]
    events.to_csv(file, index=False)
    return events


def _is_there(calls, event):
    """Return whether a call of the class is in the window of the highest score."""
    if calls is None:
        return False
    first = np.maximum(calls["start_time"], event.peak_start_time)
    last = np.minimum(calls["end_time"], event.peak_end_time)
    seconds = calls["end_time"] - calls["start_time"]
    return bool((last - first >= np.minimum(_OVERLAP, seconds / 2)).any())
