"""
See how random folds inflate an accuracy
========================================

Collections of clips hold copies, and several clips of one animal. Random folds put
them on both sides of the split, and the model is scored on what it was trained on. Here
the copies are made, so that what they add to the score can be measured.
"""

# %%
# A folder with copies
# --------------------
# To ninety-six clips come forty-eight copies: half as loud, cut, saved as Ogg Vorbis,
# under names of their own.

import tempfile
from pathlib import Path

import numpy as np
import soundfile

from skaudio.datasets import load_audio_folder, make_animal_sounds

folder = Path(tempfile.mkdtemp())
made = make_animal_sounds(
    24, n_classes=4, n_individuals=6, snr_db=(0, 15), output_dir=folder, random_state=0
)
for number, path in enumerate(made.data[::2]):
    waveform, sample_rate = soundfile.read(path)
    copy = Path(path).with_name(f"found_on_the_web_{number}.ogg")
    soundfile.write(copy, 0.5 * waveform[sample_rate // 10 :], sample_rate)

# %%
# ``load_audio_folder`` compares the clips, and gives related clips the same group.

clips = load_audio_folder(folder / "Training")
print(len(clips.data), "clips in", len(set(clips.groups)), "groups")

# %%
# That finds copies. That several clips are of one animal, the sound does not show; here
# the names do: ``cat_003_001.wav`` is of cat 3, and so are its copies.

names = [Path(path).stem.rsplit("_", 1)[0] for path in clips.data]
original = {
    group: name
    for group, name in zip(clips.groups, names, strict=True)
    if not name.startswith("found")
}
animals = np.unique(
    [original.get(g, f"? {g}") for g in clips.groups], return_inverse=True
)
animals = animals[1]
print(len(set(animals)), "animals")

# %%
# Three ways to split
# -------------------
# The model is one throughout: a support vector machine on statistics of log-mels.

from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skaudio import MFCCStatistics, WavLoader

features = make_pipeline(WavLoader(), MFCCStatistics()).fit_transform(clips.data)
model = make_pipeline(StandardScaler(), SVC(C=10))


def accuracies(splitter, groups=None):
    """Accuracy of five shuffles of the folds."""
    return [
        cross_val_score(
            model,
            features,
            clips.target,
            groups=groups,
            cv=splitter(5, shuffle=True, random_state=seed),
        ).mean()
        for seed in range(5)
    ]


results = {
    "random folds": accuracies(StratifiedKFold),
    "copies kept together": accuracies(StratifiedGroupKFold, clips.groups),
    "animals kept together": accuracies(StratifiedGroupKFold, animals),
}
for name, values in results.items():
    print(f"{name:22} {np.median(values):.2f}")

# %%
# Only the last estimates the accuracy for an animal that was not recorded before.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6.5, 3), layout="constrained")
medians = [np.median(values) for values in results.values()]
colours = ["#D55E00", "#E69F00", "#56B4E9"]
bars = ax.barh(list(results), medians, color=colours, height=0.6)
ax.bar_label(bars, fmt="%.2f", label_type="center", color="black", weight="bold")
for place, values in enumerate(results.values()):
    ax.plot(values, [place] * len(values), "|", color="black", markersize=10)
ax.axvline(0.25, color="grey", linestyle=":")
ax.text(0.26, 0.5, "guessing", color="grey", va="center", fontsize=8)
ax.set(xlim=(0, 1), xlabel="accuracy (bars: median, strokes: five shuffles)")
ax.invert_yaxis()
