"""
Pretrain an encoder on unlabelled recordings
============================================

Three clips of each animal have a label; hundreds of clips have none. What they are
worth is measured here on calls of other animals: as the start of a net
(self-supervision), and as clips that a classifier labels itself (FixMatch).
"""

# %%
# Labelled, unlabelled, and other animals
# ---------------------------------------
# The noise is loud, and each class has twenty-four individuals.

import numpy as np

from skaudio import LogMelExtractor
from skaudio.datasets import make_animal_sounds

calls = make_animal_sounds(
    72, n_classes=4, n_individuals=24, snr_db=(0, 10), random_state=0
)
X = LogMelExtractor(n_mels=32, n_frames=96).transform(calls.data)
y, animals = calls.target, calls.groups

rng = np.random.default_rng(0)
tested = np.isin(animals, rng.permutation(np.unique(animals))[::3])
labelled = np.concatenate(
    [rng.choice(np.flatnonzero((y == label) & ~tested), 3) for label in np.unique(y)]
)
known = np.full(len(y), None, dtype=object)  # None: no label
known[labelled] = y[labelled]
counts = len(labelled), (~tested).sum(), tested.sum()
print("{} labels, {} clips to train on, {} to test".format(*counts))

# %%
# An encoder trains on all clips but those of the test
# ----------------------------------------------------
# Windows of long recordings would come from
# :func:`~skaudio.io.clip_windows`, and go to
# :func:`~skaudio.self_supervised.fit_on_recordings` chunk by chunk.

from skaudio import SimCLREncoder

encoder = SimCLREncoder("alexnet_mel", max_epochs=30, random_state=0)
encoder.fit(X[~tested])

# %%
# Four classifiers with the same twelve labels
# --------------------------------------------

from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import AlexNetMelClassifier, FixMatchClassifier, SpecAugmenter

net = AlexNetMelClassifier(
    max_epochs=40, early_stopping=False, augment=SpecAugmenter(), random_state=0
)
scratch = net.fit(X[labelled], y[labelled]).score(X[tested], y[tested])

net.set_params(encoder=FrozenEstimator(encoder))
started = net.fit(X[labelled], y[labelled]).score(X[tested], y[tested])

net.set_params(encoder=None)
semi = FixMatchClassifier(net, confidence=0.9, unlabelled_ratio=7)
fixmatch = semi.fit(X[~tested], known[~tested]).score(X[tested], y[tested])

probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
features = encoder.transform(X)
linear = probe.fit(features[labelled], y[labelled]).score(features[tested], y[tested])

# %%
# On the calls of other animals
# -----------------------------

import matplotlib.pyplot as plt

scores = {
    "from scratch": scratch,
    "FixMatch": fixmatch,
    "started from the encoder": started,
    "encoder and logistic regression": linear,
}
figure, ax = plt.subplots(figsize=(7, 2.4), layout="constrained")
bars = ax.barh(list(scores), list(scores.values()), color="#0072B2", height=0.6)
ax.bar_label(bars, fmt="%.2f", padding=3)
ax.axvline(0.25, color="#999999", linestyle=":")
ax.set(xlim=(0, 1), xlabel="accuracy (dotted: guessing)")
ax.invert_yaxis()

# %%
# Synthetic calls are easier than real ones, and one draw of twelve labels is one draw:
# ``benchmarks/self_supervised.py`` asks the same of the study's clips, fold by fold.
