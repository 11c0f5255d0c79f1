"""
Read learning curves and reliability diagrams
=============================================

Learning curves show when a network has learnt enough, a reliability diagram whether its
probabilities are calibrated. Both are drawn from one report.
"""

# %%
# Two trainings of one network
# ----------------------------
# One trains for long at a constant rate. The other stops early, and has its labels
# smoothed, so that its targets are below 1.

from sklearn.pipeline import make_pipeline

from skaudio import CNN1DClassifier, LogMelExtractor
from skaudio.datasets import make_animal_sounds
from skaudio.model_selection import cross_validated_report

calls = make_animal_sounds(24, n_classes=5, snr_db=(-10, 5), random_state=0)


def report(name, **options):
    """Cross-validate the network with some options."""
    model = make_pipeline(
        LogMelExtractor(n_mels=32, n_frames=96),
        CNN1DClassifier(lr=0.002, validation_fraction=0.2, **options),
    )
    return cross_validated_report(
        model, calls.data, calls.target, calls.groups, cv=3, random_state=0, name=name
    )


long = report("trained for long", early_stopping=False, max_epochs=30)
careful = report("stopped early", patience=5, label_smoothing=0.1, max_epochs=30)
print(long, careful, sep="\n\n")

# %%
# Learning curves
# ---------------
# A line is the median over the folds, a band reaches from the lowest to the highest.
# Where the loss in training still falls while that of the inner validation does not,
# the network has begun to overfit.

import matplotlib.pyplot as plt

from skaudio.displays import LearningCurvesDisplay

figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
LearningCurvesDisplay.from_report(careful, ax=axes[0])
LearningCurvesDisplay.from_report(careful, score="accuracy", ax=axes[1])

# %%
# The inner validation rows choose the epoch, so that their accuracy is no score. The
# report has the score, on clips that were used neither to train nor to choose.

# %%
# Reliability
# -----------
# Predictions are binned by their confidence. On the diagonal the accuracy equals the
# confidence; below, the network is overconfident. ECE, the expected calibration error,
# is the mean distance.

from skaudio.displays import ReliabilityDisplay

figure, axes = plt.subplots(1, 2, figsize=(9, 4.8), layout="constrained")
for ax, one in zip(axes, (long, careful), strict=True):
    ReliabilityDisplay.from_report(one, n_bins=5, ax=ax)

# sphinx_gallery_thumbnail_number = 2
