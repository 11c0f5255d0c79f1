"""Exported models against the models that they are made of.

    python benchmarks/exported_models.py ANIMALS_SOUNDS MODEL... [--epochs N] [--int8]

MODEL is a file of `skaudio train`; or a network of the study, efficientat (a head on
its embeddings), window (the same with background) or fine_tuned, which is fitted on
four of five grouped folds of Training, few epochs where only the comparison is wanted.
Printed are the largest difference of a probability between `predict_files` of the model
and of its ONNX file on all clips of Test, and with --int8 accuracy, size and time on
the fold that was held out, in 32-bit float and in 8-bit integers; not of a file, which
has no such fold.
"""

import argparse
import os
import tempfile
import time
import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline

from skaudio import FineTunedClassifier, WavLoader, load_model
from skaudio.datasets import load_audio_folder
from skaudio.export import export_onnx, load_onnx
from skaudio.pipelines import audio_pipeline, embedding_pipeline, window_pipeline
from skaudio.recordings import predict_files

RATE = 32000  # of EfficientAT


def unfitted(name, noise, epochs):
    """Build a pipeline."""
    if name == "efficientat":
        return embedding_pipeline("efficientat", random_state=0)
    if name == "window":
        heads = embedding_pipeline("efficientat", random_state=0)
        return window_pipeline(heads, noise, random_state=0)
    if name == "fine_tuned":
        network = FineTunedClassifier(
            *("efficientat",),
            **dict(sample_rate=RATE, window=5.0, max_epochs=epochs or 10),
            **dict(early_stopping=False, random_state=0),
        )
        return Pipeline([("load", WavLoader(sample_rate=RATE)), ("clf", network)])
    pipeline = audio_pipeline(name, noise=noise, random_state=0)
    if epochs:
        names = [one for one in pipeline.get_params() if one.endswith("max_epochs")]
        pipeline.set_params(**dict.fromkeys(names, epochs))
    return pipeline


def export_and_compare(model, test):
    """Print how the graph of a trained model differs from it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        export_onnx(model, path)
        compare(model, path, test)


def compare(model, path, test):
    """Print how the graph differs from the model."""
    tables = [predict_files(one, [test])[0] for one in (model, load_onnx(path))]
    first, second = (table.iloc[:, 4:].to_numpy(float) for table in tables)
    same = (tables[0]["prediction"] == tables[1]["prediction"]).sum()
    print(
        f"  largest difference {np.abs(first - second).max():.1e}, "
        f"same class {same} of {len(first)}",
        flush=True,
    )


def held_out(path, files, labels):
    """Print accuracy, size and seconds of processor time; return probabilities."""
    model = load_onnx(path)
    waveforms = [model.load((file, None, None)).waveform for file in files]
    start = time.process_time()
    found = np.concatenate([model.run([waveform])[0] for waveform in waveforms])
    seconds = time.process_time() - start
    right = (model.classes_[found.argmax(axis=1)] == labels).mean()
    print(
        f"  int8={model.facts['int8']}: accuracy {right:.3f} of {len(files)} held-out "
        f"clips, {os.path.getsize(path) / 1e6:.2f} MB, {seconds:.1f} s of CPU",
        flush=True,
    )
    return found


def main():
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--int8", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    training, test, noise = (
        os.path.join(arguments.folder, name) for name in ("Training", "Test", "Noise")
    )
    clips = load_audio_folder(training)
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    own, others = next(splitter.split(clips.target, clips.target, clips.groups))
    for name in arguments.models:
        if name.endswith(".skaudio"):
            print(os.path.basename(name), flush=True)
            export_and_compare(load_model(name), test)
            continue
        model = unfitted(name, noise, arguments.epochs)
        groups = {} if name == "efficientat" else {"clf__groups": clips.groups[own]}
        model.fit(clips.data[own], clips.target[own], **groups)
        print(name, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.onnx")
            export_onnx(model, path)
            compare(model, path, test)
            if not arguments.int8:
                continue
            files, labels = clips.data[others], clips.target[others]
            floats = held_out(path, files, labels)
            export_onnx(model, path, int8=clips.data[own].tolist())
            integers = held_out(path, files, labels)
            same = (floats.argmax(axis=1) == integers.argmax(axis=1)).mean()
            print(f"  same class {same:.3f}", flush=True)


if __name__ == "__main__":
    main()
