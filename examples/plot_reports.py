"""
Compare two models in one report
================================

A network beside a support vector machine on plain statistics: which is better, by how
much more than chance, and at which animals? ``cross_validated_report`` keeps all of a
cross-validation, and the displays draw reports beside each other.
"""

# %%
# The calls
# ---------
# Uneven, as they come from the field: fifty clips of the frog, twelve of the cow.

from skaudio.datasets import make_animal_sounds

calls = make_animal_sounds(
    50,
    n_classes=5,
    class_weights={"frog": 1.0, "dog": 0.8, "cat": 0.5, "rooster": 0.4, "cow": 0.24},
    snr_db=(-5, 10),
    random_state=0,
)

# %%
# One call, one report
# --------------------
# Both are scored on the same folds, on animals that are not in their training.

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skaudio import CNN1DClassifier, LogMelExtractor, MFCCStatistics
from skaudio.model_selection import cross_validated_report

models = {
    "network": make_pipeline(
        LogMelExtractor(n_mels=48, n_frames=96),
        CNN1DClassifier(
            optimizer="adamw",
            lr_schedule="one_cycle",
            early_stopping=False,
            max_epochs=20,
        ),
    ),
    "statistics": make_pipeline(MFCCStatistics(), StandardScaler(), SVC(C=10)),
}
reports = [
    cross_validated_report(
        model, calls.data, calls.target, calls.groups, cv=4, random_state=0, name=name
    )
    for name, model in models.items()
]
print(*reports, sep="\n\n")

# %%
# Overall
# -------
# Strokes are 95 % intervals. In weighted F1 a class counts by its clips, in macro F1
# all classes count the same: a model that neglects the rare ones scores lower in macro
# F1.

from skaudio.displays import ModelScoresDisplay

ModelScoresDisplay.from_reports(reports)
ModelScoresDisplay.from_reports(reports, score=["weighted_f1", "macro_f1"])

# %%
# Is the difference more than chance? Do not rank models that tie.

from skaudio.reports import compare

compare(reports).round(3)

# %%
# Class by class
# --------------
# Precision: of the clips predicted as a cow, how many were one. Recall: of the cows,
# how many were found.

import matplotlib.pyplot as plt

from skaudio.displays import ClassScoresDisplay

figure, axes = plt.subplots(3, figsize=(7, 7.2), sharex=True, layout="constrained")
for ax, score in zip(axes, ("precision", "recall", "f1"), strict=True):
    ClassScoresDisplay.from_reports(reports, score=score, ax=ax)
    if ax is not axes[0]:
        ax.get_legend().remove()
    ax.label_outer()

# %%
# And what is mistaken for what, as shares of each true class.

figure, axes = plt.subplots(1, 2, figsize=(8.6, 4.4), layout="constrained")
for ax, report in zip(axes, reports, strict=True):
    report.plot_confusion(ax, normalize=True)
    ax.set_title(report.name)

# %%
# All of it as a page
# -------------------
# One file, to be sent and opened anywhere: tables that sort, cells that open, and where
# the clips are files the hardest of them, to look at and to listen to.

import tempfile
from pathlib import Path

from skaudio.reports import write_html

page = write_html(reports, Path(tempfile.mkdtemp()) / "report.html")
print(page.name, f"{page.stat().st_size / 1000:.0f} kB")

# sphinx_gallery_thumbnail_number = 3
