"""
Detect calls in recordings
==========================

From recordings to a table of events: which animal called when. A network learns from
annotated recordings of four sites and is applied to a fifth. ``make_soundscape`` makes
them, so that the truth is known to the sample.
"""

# %%
# Five sites
# ----------
# At each site other animals of the same three species call in other wind, 10 times a
# minute, at signal-to-noise ratios of -10 to 15 dB.

import tempfile
from pathlib import Path

import pandas as pd

from skaudio.datasets import make_animal_sounds, make_soundscape

folder = Path(tempfile.mkdtemp())
truth = {}
for site in range(5):
    path = folder / ("train" if site < 4 else "test") / f"site_{site}.flac"
    path.parent.mkdir(exist_ok=True)
    calls = make_animal_sounds(12, n_classes=3, snr_db=30, random_state=site)
    scene = make_soundscape(
        calls, calls.noise, 180, snr_db=(-10, 15), output=path, random_state=site
    )
    truth[path] = scene.truth

new_site, annotations = truth.popitem()
annotations.drop(columns=["audio_file", "annotation_file", "low_f", "high_f"]).head()

# %%
# Windows to train on
# -------------------
# Windows of 2 s with a column per species. Those far from every annotation are
# background: rows of zeros, from which the network learns when to say nothing.

from skaudio.recordings import annotations_to_windows

windows = annotations_to_windows(
    pd.concat(truth.values()), folder / "train", clip_duration=2.0, clip_overlap=1.0
)
print(windows.target.sum(), windows.n_background, "windows of background")

# %%
# Train, and score the new recording
# ----------------------------------
# The recording is decoded once, in blocks: its length does not matter.

from sklearn.pipeline import make_pipeline

from skaudio import LogMelExtractor, StatisticsMelClassifier, WavLoader
from skaudio.recordings import find_events, score_recordings

model = make_pipeline(
    WavLoader(),
    LogMelExtractor(n_mels=48, n_frames=63),
    StatisticsMelClassifier(
        lr=0.003, early_stopping=False, max_epochs=20, random_state=0
    ),
)
model.fit(windows.data, windows.target)
scores = score_recordings(model, new_site.parent, clip_duration=2.0, clip_overlap=1.0)
scores.head()

# %%
# Events
# ------
# Each window stands for its middle, so that two calls near each other stay two events.

durations = {str(new_site): 180}
events = find_events(scores, threshold=0.5, recordings_duration=durations)
events[["annotation", "start_time", "end_time", "score"]].head()

# %%
# Half a minute of it: the spectrogram, the scores, the events, and below them in grey
# the true calls.

from skaudio.displays import EventsDisplay

EventsDisplay.from_scores(scores, truth=annotations, sound=True, span=(0, 30))

# %%
# How good are they?
# ------------------
# Events and annotations are matched one to one. With several recordings there are 95 %
# intervals too; of no false positive at all there is always an upper limit.

from skaudio.metrics import event_scores

table = event_scores(events, annotations, recordings_duration=durations)
table[["n_truth", "n_events", "precision", "recall", "f1"]].round(2)

# %%
# A threshold trades false positives for missed calls.

rows = {}
for threshold in (0.1, 0.3, 0.5, 0.7, 0.9):
    found = find_events(scores, threshold, recordings_duration=durations)
    rows[threshold] = event_scores(
        found, annotations, recordings_duration=durations
    ).loc["micro", ["precision", "recall", "f1", "false_positives_per_hour"]]
pd.DataFrame(rows).T.round(2)

# %%
# Would I find this animal?
# -------------------------
# The truth has the signal-to-noise ratio of each call, and ``match_events`` says which
# calls were found: here those of less than 0 dB, and the others.

from skaudio.metrics import match_events

matches = match_events(events, annotations)
is_found = annotations.index.isin(matches)
annotations.assign(is_found=is_found).groupby(annotations["snr_db"] >= 0)[
    "is_found"
].agg(["mean", "size"])
