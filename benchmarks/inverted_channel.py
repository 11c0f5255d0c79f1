"""Accuracy on test clips with one channel inverted, or with a DC offset.

    python benchmarks/inverted_channel.py TRAINING TEST

A `CNN1DClassifier` (the study's `cnn1d`) is fitted on the training clips as they are,
once per seed. Stereo test clips then get one channel inverted, as where a microphone
was connected the wrong way round; "made stereo" also gives mono clips a second channel,
with noise at 40 dB SNR. The share of clips that WavLoader names stands beside each
accuracy.
"""

import argparse
import tempfile
import warnings
from pathlib import Path

import numpy as np
import soundfile
from sklearn.metrics import accuracy_score

from skaudio.datasets import load_audio_folder
from skaudio.features import inspect_loading, set_channel
from skaudio.pipelines import audio_pipeline


def as_they_are(channels, _):
    """Leave the clip alone."""
    return channels


def inverted(channels, _):
    """Invert the second channel, where there is one."""
    return (
        channels
        * np.array([1, -1] + [1] * (channels.shape[1] - 2))[: channels.shape[1]]
    )


def made_stereo(channels, generator):
    """Give the clip a second channel: the first inverted, with a little noise."""
    left = channels[:, 0]
    noise = generator.standard_normal(len(left)) * left.std() * 0.01
    return np.c_[left, noise - left]


def offset(share):
    """Make a change that adds a share of full scale to every sample."""

    def add(channels, _):
        return channels + share

    return add


CHANGES = {
    "as they are": as_they_are,
    "stereo clips with one channel inverted": inverted,
    "all made stereo with one channel inverted": made_stereo,
    "DC offset of 0.05": offset(0.05),
    "DC offset of 0.5": offset(0.5),
}


def changed(files, change, folder):
    """Write the clips after a change; floats, so that nothing is clipped."""
    written = []
    for n, file in enumerate(files):
        channels, rate = soundfile.read(file, always_2d=True)
        path = Path(folder, f"{n}.wav")
        channels = change(channels, np.random.default_rng(n))
        soundfile.write(path, channels, rate, subtype="FLOAT")
        written.append(str(path))
    return written


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("test")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    train = load_audio_folder(arguments.training, n_jobs=2)
    test = load_audio_folder(arguments.test, groups=None)
    models = []
    for seed in range(arguments.seeds):
        model = audio_pipeline("cnn1d", random_state=seed, n_jobs=2)
        model.set_params(clf__device=arguments.device)
        models.append(model.fit(train.data, train.target, clf__groups=train.groups))
    n_stereo = sum(soundfile.info(file).channels > 1 for file in test.data)
    print(f"{len(test.data)} test clips, {n_stereo} of them stereo")
    print(f"accuracy, median of {arguments.seeds} seeds (and each)")
    warnings.simplefilter("ignore")
    for name, change in CHANGES.items():
        with tempfile.TemporaryDirectory() as folder:
            files = changed(test.data, change, folder)
            for channel in ("mix", "loudest"):
                for model in models:
                    set_channel(model, channel)
                odd = inspect_loading(models[0], files)["odd"].notna().mean()
                scores = [
                    accuracy_score(test.target, model.predict(files))
                    for model in models
                ]
                each = ", ".join(f"{score:.3f}" for score in scores)
                print(
                    f"{name:42} {channel:8} {np.median(scores):.3f} ({each})   "
                    f"named {odd:.0%}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
