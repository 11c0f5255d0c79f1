"""Accuracy when every clip is cut at 3.5 kHz, as one recorded at 8 kHz is.

    python benchmarks/band_limited.py TRAINING [--noise DIR] [--only NAME] -o DIR

Clips of one animal often share a sample rate, and the empty band above it gives the
animal away. Here no clip has that band, in training or in scoring. 5-fold grouped
cross-validation; finished fits are kept in the folder.
"""

import argparse

from skaudio.datasets import load_audio_folder
from skaudio.model_selection import ablate
from skaudio.pipelines import PIPELINES, baseline_pipelines, reference_pipelines

LIMIT = 3500.0  # Hz
N_MELS = 64  # as many bands as a window of 1024 resolves below it


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("training")
    parser.add_argument("--noise")
    parser.add_argument("--only", action="append", choices=PIPELINES)
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    clips = load_audio_folder(arguments.training, n_jobs=-1)
    variants = {}
    svm = baseline_pipelines()["mfcc_svm"]
    variants["mfcc_svm, 3.5 kHz"] = svm.set_params(
        mfcc__fmax=LIMIT, mfcc__n_mels=N_MELS
    )
    for name, pipe in reference_pipelines(arguments.noise).items():
        if arguments.only is None or name in arguments.only:
            pipe.set_params(mel__fmax=LIMIT, mel__n_mels=N_MELS)
            variants[f"{name}, 3.5 kHz"] = pipe
    table = ablate(
        variants,
        clips.data,
        clips.target,
        clips.groups,
        random_state=0,
        cache_dir=f"{arguments.output}/results",
        n_jobs=-1,
    )
    columns = ["accuracy", "accuracy_low", "accuracy_high", "macro_f1"]
    print(table[columns].round(3).to_string())


if __name__ == "__main__":
    main()
