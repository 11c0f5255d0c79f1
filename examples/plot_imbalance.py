"""
Oversample a rare class without leakage
=======================================

One class has forty clips, another eight. Oversampling repeats the clips of the rare
class. Done before the split it puts the same clip on both sides; as a step of the
pipeline it acts on the training part of each fold only.
"""

# %%
# Uneven calls, as files
# ----------------------

import tempfile
from collections import Counter

from skaudio.datasets import make_animal_sounds

calls = make_animal_sounds(
    40,
    n_classes=4,
    class_weights={"cat": 1.0, "cow": 0.75, "dog": 0.3, "frog": 0.2},
    snr_db=(0, 15),
    output_dir=tempfile.mkdtemp(),
    random_state=0,
)
print(Counter(calls.target.tolist()))

# %%
# A model without class weights, and its predictions of the rare classes.

import numpy as np
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import Pipeline
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from skaudio import MFCCStatistics, WavLoader

steps = [
    ("load", WavLoader()),
    ("statistics", MFCCStatistics()),
    ("scale", StandardScaler()),
    ("clf", KNeighborsClassifier(5)),
]
paths = calls.data[:, None]  # samplers take a column
grouped = StratifiedGroupKFold(4, shuffle=True, random_state=0)

plain = cross_val_predict(
    Pipeline(steps), paths, calls.target, groups=calls.groups, cv=grouped
)

# %%
# Oversampled within each fold: the sampler is a step, and acts in ``fit`` only.

evened = Pipeline([("even", RandomOverSampler(random_state=0)), *steps])
inside = cross_val_predict(evened, paths, calls.target, groups=calls.groups, cv=grouped)

# %%
# The mistake: oversampled first, split afterwards. A clip and its repeats fall on both
# sides.

more_paths, more_target = RandomOverSampler(random_state=0).fit_resample(
    paths, calls.target
)
before = cross_val_predict(
    Pipeline(steps),
    more_paths,
    more_target,
    cv=StratifiedKFold(4, shuffle=True, random_state=0),
)

# %%
# The recall of each class
# ------------------------

import matplotlib.pyplot as plt

ways = {
    "no remedy": (calls.target, plain),
    "oversampled inside the folds": (calls.target, inside),
    "oversampled before the split: a leak": (more_target, before),
}
for name, (true, predicted) in ways.items():
    print(f"{name:38} {balanced_accuracy_score(true, predicted):.2f}")

labels = [
    f"{label}\n{count} clips" for label, count in sorted(Counter(calls.target).items())
]
places = np.arange(len(labels))
figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
for number, (name, (true, predicted)) in enumerate(ways.items()):
    recalls = recall_score(true, predicted, average=None)
    colour = ["#999999", "#0072B2", "#D55E00"][number]
    ax.bar(places + 0.27 * (number - 1), recalls, 0.25, label=name, color=colour)
ax.set_xticks(places, labels)
ax.set(ylim=(0, 1), ylabel="recall")
ax.legend(
    loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize=8
)

# %%
# The leak inflates the score most where clips are fewest. The classifiers of skaudio
# need no oversampling: ``class_weight="balanced"`` weighs the rare classes in the loss.
