"""
Measure how an accuracy falls with noise
========================================

A model that was chosen on clean clips may fail in the field. ``noise_robustness``
scores a fitted model on clips with added noise, at several signal-to-noise ratios, and
refuses noise that the model was trained with.
"""

# %%
# Clips to train on, clips to test on, and two kinds of noise files
# -----------------------------------------------------------------
# ``hold_out_noise`` keeps all files of one source recording on one side.

import tempfile

from sklearn.model_selection import GroupShuffleSplit

from skaudio.datasets import make_animal_sounds
from skaudio.model_selection import hold_out_noise

folder = tempfile.mkdtemp()
calls = make_animal_sounds(
    36, n_classes=4, snr_db=20, n_noise=16, output_dir=folder, random_state=0
)
split = GroupShuffleSplit(1, test_size=0.4, random_state=0)
train, test = next(split.split(calls.data, calls.target, calls.groups))
train_noise, test_noise = hold_out_noise(f"{folder}/Noise", random_state=0)
print(len(train), "clips train,", len(test), "test")
print(len(train_noise), "noise files train,", len(test_noise), "test")

# %%
# With and without noise in training
# ----------------------------------
# The same network twice. The second trains on each clip as it is and in wind.

from sklearn.pipeline import make_pipeline

from skaudio import CalibratedNoiseMixer, CNN1DClassifier, LogMelExtractor, WavLoader


def network(*steps):
    """Build the network; the steps come before its log-mels."""
    return make_pipeline(
        WavLoader(),
        *steps,
        LogMelExtractor(n_mels=48, n_frames=96),
        CNN1DClassifier(
            optimizer="adamw",
            lr_schedule="one_cycle",
            early_stopping=False,
            max_epochs=30,
            random_state=0,
        ),
    )


mixer = CalibratedNoiseMixer(train_noise, snr_db=(-10, 15), n_views=2, random_state=0)
models = {"trained on clean clips": network(), "trained in wind": network(mixer)}
for model in models.values():
    model.fit(calls.data[train], calls.target[train])

# %%
# The same clips, with more and more noise
# ----------------------------------------
# At 0 dB the wind has as much power as the call, at -20 dB a hundred times as much.
# With an integer as ``random_state`` both models get the same noise.

from skaudio.displays import NoiseRobustnessDisplay

display = NoiseRobustnessDisplay.from_estimator(
    models,
    calls.data[test],
    calls.target[test],
    test_noise,
    snr_db=(20, 10, 0, -10, -20),
    groups=calls.groups[test],
    random_state=0,
)

# %%
# Strokes are 95 % intervals: on so few clips they are wide. The tables behind it hold
# the other scores as well, and which noise was used.

table = display.tables["trained in wind"]
table[["snr_db", "accuracy", "accuracy_low", "accuracy_high", "macro_f1"]].round(2)

# %%
# Noise that was used in training is refused:

from skaudio.model_selection import noise_robustness

try:
    noise_robustness(
        models["trained in wind"], calls.data[test], calls.target[test], train_noise
    )
except ValueError as error:
    print("refused: expected", str(error).partition(": expected ")[2])
