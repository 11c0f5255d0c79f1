"""
See what each augmenter does to a clip
======================================

One call, and its views that a classifier is trained on: with noise at several levels,
with masks, with both.
"""

# %%
# View 0 is always the clip itself; the others follow. Here a mixer is asked for three
# noisy views of each clip, at 0 to 20 dB.

import matplotlib.pyplot as plt

from skaudio import CalibratedNoiseMixer, LogMelExtractor, SpecAugmenter
from skaudio.datasets import make_animal_sounds

calls = make_animal_sounds(
    6, n_classes=5, snr_db=30, duration=2.0, n_noise=6, random_state=1
)
mixer = CalibratedNoiseMixer(calls.noise, snr_db=(0, 20), n_views=3, random_state=0)
noisy = mixer.fit_transform(calls.data, calls.target)

row = 25  # a rooster
print("shape of its views:", noisy[row].shape)
print("SNR in dB:", mixer.snr_db_[row].round(1))

# %%
# Log-mels of views are views again. ``SpecAugmenter`` masks spans of time and bands of
# frequency, in the noisy views where there are any.

mel = LogMelExtractor(n_mels=64, n_frames=63)
masks = SpecAugmenter(random_state=0)

noisy_log_mels = mel.fit_transform(noisy)
masked_log_mels = masks.fit_transform(mel.fit_transform(calls.data))
both = masks.fit_transform(noisy_log_mels)
print("clips, views, bands, frames:", both.shape)

# %%
# Beside each other
# -----------------


def show(ax, log_mel, title):
    """Draw a log-mel, all in the same colours."""
    ax.imshow(log_mel, origin="lower", aspect="auto", cmap="magma", vmin=-2, vmax=3)
    ax.set_title(title, fontsize=10)
    ax.set(xticks=[], yticks=[])


quietest_first = mixer.snr_db_[row].argsort()[::-1]
figure, axes = plt.subplots(2, 4, figsize=(9, 4.2), layout="constrained")
show(axes[0, 0], noisy_log_mels[row, 0], "the clip: view 0")
show(axes[1, 0], masked_log_mels[row, 1], "masks alone")
for column, view in enumerate(quietest_first, start=1):
    snr = mixer.snr_db_[row, view]
    show(axes[0, column], noisy_log_mels[row, 1 + view], f"wind, SNR {snr:.0f} dB")
    show(axes[1, column], both[row, 1 + view], "and masks")

# %%
# What a pipeline gives its network
# ---------------------------------
# ``LogMelDisplay`` draws the clips of any pipeline with all views, and as a last column
# what the masks of its classifier make of them in one epoch. Time and pitch have their
# scales; padding is not drawn.

from sklearn.pipeline import make_pipeline

from skaudio import EnhancedCNN1DClassifier
from skaudio.displays import LogMelDisplay

pipe = make_pipeline(
    CalibratedNoiseMixer(calls.noise, snr_db=(0, 10)),
    LogMelExtractor(n_mels=64),
    EnhancedCNN1DClassifier(augment=SpecAugmenter()),
)
rows = [int((calls.target == label).argmax()) for label in ("cat", "frog", "rooster")]
LogMelDisplay.from_estimator(
    pipe,
    [calls.data[row] for row in rows],
    calls.target[rows],
    names=calls.target[rows],
    random_state=0,
)

# %%
# What changes each training batch
# --------------------------------
# A network takes augmenters of batches as ``augment=``, one or a list. They act anew on
# every batch, in training only. Here each is applied to the same call.

import numpy as np

from skaudio.augment import Gain, MelShift, Mixup, TimeShift, TrainingBatch

clips = mel.fit_transform(calls.data)[[row, 2]]
augmenters = [Gain(20), TimeShift(0.5), MelShift(12), Mixup(0.4)]
figure, axes = plt.subplots(1, 5, figsize=(9, 2.3), layout="constrained")
show(axes[0], clips[0], "the clip")
for ax, augmenter in zip(axes[1:], augmenters, strict=True):
    batch = TrainingBatch(
        clips.copy(),
        lengths=np.array([63, 63]),
        targets=np.eye(2, dtype=np.float32),
        decibel=1 / 17,
    )
    augmenter.augment_batch(batch, np.random.default_rng(8))
    show(ax, batch.log_mels[0], repr(augmenter))

# %%
# Noise spread evenly
# -------------------
# With a few clips per class, chance may give one class the loud noise and another the
# quiet. ``CalibratedNoiseMixer`` deals levels out evenly within every class;
# ``NoiseMixer`` draws each by itself.

from skaudio import NoiseMixer

simple = NoiseMixer(calls.noise, snr_db=(0, 20), random_state=0)
simple.fit_transform(calls.data)
even = CalibratedNoiseMixer(calls.noise, snr_db=(0, 20), random_state=0)
even.fit_transform(calls.data, calls.target)

figure, axes = plt.subplots(1, 2, figsize=(9, 2.6), sharey=True, layout="constrained")
for ax, used in zip(axes, (simple, even), strict=True):
    ax.plot(used.snr_db_[:, 0], calls.target, "o", alpha=0.7)
    ax.set(title=type(used).__name__, xlabel="SNR of the noisy view, dB")
    ax.grid(axis="x", alpha=0.3)

# %%
# At predict time nothing is mixed or masked: ``transform`` gives the clips back.

unchanged = mixer.transform(calls.data)
print(all((a == b).all() for a, b in zip(unchanged, calls.data, strict=True)))

# sphinx_gallery_thumbnail_number = 1
