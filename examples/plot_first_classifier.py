"""
Train and score a first classifier
==================================

From calls to a confusion matrix. A small network on log-mels learns four kinds of
animal from eighty clips, and is scored on animals that are not in its training.
"""

# %%
# The calls
# ---------
# Each clip holds one call of one simulated animal, in wind. ``groups`` is the number of
# that animal: clips of one animal share its voice and its recorder, so they stay
# together wherever clips are split.

from skaudio.datasets import make_animal_sounds

calls = make_animal_sounds(20, n_classes=4, random_state=0)
print(f"{len(calls.data)} clips of {len(set(calls.groups))} animals")

# %%
# The network takes log-mel spectrograms: time to the right, frequency upwards. The even
# colour at the right of short clips is padding.

import matplotlib.pyplot as plt

from skaudio import LogMelExtractor

mel = LogMelExtractor(n_mels=64, n_frames=96)
log_mels = mel.fit_transform(calls.data)

figure, axes = plt.subplots(2, 2, figsize=(6, 4), layout="constrained")
for ax, label in zip(axes.flat, calls.target_names, strict=True):
    first = (calls.target == label).argmax()
    ax.imshow(log_mels[first], origin="lower", aspect="auto", cmap="magma")
    ax.set(title=label, xticks=[], yticks=[])
figure.supxlabel("time: 96 frames, 3.1 s")
figure.supylabel("pitch: 64 mel bands")

# %%
# The model
# ---------
# A scikit-learn pipeline. With files instead of waveforms, ``WavLoader()`` would be the
# first step.

from sklearn.pipeline import Pipeline

from skaudio import EnhancedCNN1DClassifier, SpecAugmenter

pipe = Pipeline(
    [
        ("mel", mel),
        (
            "clf",
            EnhancedCNN1DClassifier(
                optimizer="adamw",
                lr_schedule="one_cycle",
                early_stopping=False,
                max_epochs=25,
                augment=SpecAugmenter(),
                random_state=0,
            ),
        ),
    ]
)

# %%
# The score
# ---------
# Each clip is predicted by a model that has seen neither it nor another clip of the
# same animal.

from sklearn.metrics import ConfusionMatrixDisplay

from skaudio.metrics import score_predictions
from skaudio.model_selection import cross_validated_predictions

predictions = cross_validated_predictions(
    pipe, calls.data, calls.target, calls.groups, cv=3, random_state=0
)
scores = score_predictions(predictions["true"], predictions["predicted"])
low, high = scores["accuracy_interval"]
print(f"accuracy {scores['accuracy']:.2f}, 95 % interval {low:.2f} to {high:.2f}")

ConfusionMatrixDisplay.from_predictions(
    predictions["true"], predictions["predicted"], cmap="Blues", colorbar=False
)
plt.title("Calls of animals that are not in the training")

# %%
# :ref:`sphx_glr_gallery_plot_leaks.py` shows what the same clips score where the split
# ignores the animals.
