"""Seconds per minute of sound and peak memory of each embedder, in a process each.

    python benchmarks/embedders.py [FOLDER] [--clips 64] [--threads 2]

Without a folder of clips it measures on synthetic calls. BirdNET, EfficientAT (at its
two speeds) and YAMNet run on their weights; the others on random weights of the
published sizes, which take the same time. Clips per second depend on what else the
machine does; seconds of processor time per minute of sound hardly do.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TRANSFORMERS = {
    "HTSAT": ("ClapAudioModelWithProjection", "ClapFeatureExtractor"),
    "Wav2Vec2": ("Wav2Vec2Model", "Wav2Vec2FeatureExtractor"),
    "AST": ("ASTModel", "ASTFeatureExtractor"),
}
NAMES = ["YAMNet", "EfficientAT", "BirdNET", "PANNs", *TRANSFORMERS]


def write_weights(name, folder):
    """Write random weights of the published sizes; return their path, None if real."""
    if name == "PANNs":
        return write_cnn14(Path(folder, "cnn14.pth"))
    if name not in TRANSFORMERS:
        return None
    import transformers

    transformers.utils.logging.disable_progress_bar()
    model, extractor = (getattr(transformers, part) for part in TRANSFORMERS[name])
    model(model.config_class()).save_pretrained(folder)
    front = {"truncation": "rand_trunc"} if name == "HTSAT" else {}
    extractor(**front).save_pretrained(folder)
    return folder


def write_cnn14(path):
    """Write random weights with the shapes of the published file for 32 kHz."""
    import torch

    shapes = {
        "spectrogram_extractor.stft.conv_real.weight": (513, 1, 1024),
        "spectrogram_extractor.stft.conv_imag.weight": (513, 1, 1024),
        "fc1.weight": (2048, 2048),
        "fc1.bias": (2048,),
        "fc_audioset.weight": (527, 2048),
        "fc_audioset.bias": (527,),
    }
    norms = {"bn0": 64}
    widths = [1, 64, 128, 256, 512, 1024, 2048]
    for number in range(1, 7):
        n_in, n_out = widths[number - 1 : number + 1]
        shapes[f"conv_block{number}.conv1.weight"] = (n_out, n_in, 3, 3)
        shapes[f"conv_block{number}.conv2.weight"] = (n_out, n_out, 3, 3)
        norms |= {f"conv_block{number}.bn1": n_out, f"conv_block{number}.bn2": n_out}
    weights = {
        name: torch.randn(shape) / max(1, torch.Size(shape[1:]).numel()) ** 0.5
        for name, shape in shapes.items()
    }
    weights["logmel_extractor.melW"] = torch.rand(513, 64)
    for name, n_channels in norms.items():
        weights |= {f"{name}.num_batches_tracked": torch.tensor(1)}
        weights |= {f"{name}.{part}": torch.ones(n_channels) for part in BATCH_NORM}
    torch.save({"model": weights}, path)
    return path


BATCH_NORM = ("weight", "bias", "running_mean", "running_var")


def measure(name, weights, folder, n_clips, threads):
    """Embed in this process and print what it took as JSON."""
    import torch

    import skaudio
    from skaudio.datasets import make_animal_sounds
    from skaudio.io import list_audio_files

    torch.set_num_threads(threads)
    if folder is None:
        calls = make_animal_sounds(-(-n_clips // 4), n_classes=4, sample_rate=48000)
        waveforms = calls.data[:n_clips]
    else:
        files = list_audio_files([folder])
        files = files[:: max(1, len(files) // n_clips)][:n_clips]
        waveforms = skaudio.WavLoader(48000).transform(files)
    # Torch spreads one run of a large network over the cores; else a core has a clip.
    options = {"n_jobs": threads} if weights is None else {"model_path": weights}
    embedder = getattr(skaudio, f"{name}Embedder")(sample_rate=48000, **options)
    embedder.transform(waveforms[:1])  # opens the network
    start, start_processor = time.perf_counter(), time.process_time()
    n_features = embedder.transform(waveforms[1:]).shape[1]
    seconds = time.perf_counter() - start
    processor = time.process_time() - start_processor
    n_clips = len(waveforms) - 1
    row = {
        "features": n_features,
        "clips/s": n_clips / seconds,
        "core-s/min of sound": processor / (sum(map(len, waveforms[1:])) / 48000 / 60),
        "times real time": sum(map(len, waveforms[1:])) / 48000 / seconds,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(row))


def main():
    """Print a table with a row per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", help="sound files in it are read")
    parser.add_argument("--clips", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--weights", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        arguments = (options.weights, options.folder, options.clips, options.threads)
        measure(options.only, *arguments)
        return
    print(f"{options.clips} clips at 48 kHz, {options.threads} threads")
    threads = str(options.threads)
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    for name in NAMES:
        with tempfile.TemporaryDirectory() as scratch:
            weights = write_weights(name, scratch)
            command = [sys.executable, __file__, *sys.argv[1:], "--only", name]
            command += [] if weights is None else ["--weights", str(weights)]
            run = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, check=True, env=environment
            )
        row = json.loads(run.stdout.splitlines()[-1])
        cells = (f"{key} {value:7.1f}" for key, value in row.items())
        print(f"{name:<9}", "   ".join(cells), flush=True)


if __name__ == "__main__":
    main()
