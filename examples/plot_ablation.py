"""
Compare the parts of a model, with baselines
============================================

Is the network worth its weight, and which of its options? ``ablate`` compares pipelines
on the same folds, and begins with the baselines.
"""

# %%
# Variants of one model
# ---------------------
# Any dict of estimators will do. Here each variant switches something on.

from sklearn.pipeline import make_pipeline

from skaudio import EnhancedCNN1DClassifier, LogMelExtractor, SpecAugmenter, WavLoader
from skaudio.augment import Mixup

recipe = dict(
    optimizer="adamw", lr_schedule="one_cycle", early_stopping=False, max_epochs=15
)


def network(**options):
    """Small enough for a gallery; ``audio_pipeline`` of skaudio has the full size."""
    return make_pipeline(
        WavLoader(),
        LogMelExtractor(n_mels=48, n_frames=96),
        EnhancedCNN1DClassifier(**recipe, **options),
    )


variants = {
    "network": network(),
    "with masks": network(augment=SpecAugmenter()),
    "with masks and mixup": network(augment=[SpecAugmenter(), Mixup(0.3)]),
}

# %%
# The table
# ---------
# The clips are files, so that all three baselines are there: the largest class, the
# metadata without the sound, and a support vector machine on plain statistics.

import tempfile

from skaudio.datasets import make_animal_sounds
from skaudio.model_selection import ablate

calls = make_animal_sounds(
    16, n_classes=3, snr_db=(0, 15), output_dir=tempfile.mkdtemp(), random_state=0
)
table = ablate(
    variants,
    calls.data,
    calls.target,
    calls.groups,
    cv=3,
    random_state=0,
    baselines=True,
)
table[
    ["accuracy", "accuracy_low", "accuracy_high", "macro_f1", "below_baseline"]
].round(2)

# %%
# Dots are accuracies out of fold, lines their 95 % intervals. On so few clips most
# intervals overlap: no reason to prefer one variant to the other.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
for place, (name, row) in enumerate(table.iterrows()):
    colour = "#0072B2" if name in variants else "#999999"
    ax.plot([row["accuracy_low"], row["accuracy_high"]], [place, place], color=colour)
    ax.plot(row["accuracy"], place, "o", color=colour)
best_baseline = table.loc[~table.index.isin(variants), "accuracy"].max()
ax.axvline(best_baseline, color="#D55E00", linestyle=":", label="the best baseline")
ax.set_yticks(range(len(table)), table.index)
ax.set(xlim=(0, 1), xlabel="accuracy, grouped 3-fold cross-validation")
ax.invert_yaxis()
ax.legend(loc="lower left", frameon=False)

# %%
# ``component_contributions`` goes further: it takes each component out of a pipeline
# and tests the difference.
