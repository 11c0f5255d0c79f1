"""Size of a model's file and time to save and open it, beside joblib.

    python benchmarks/model_files.py

Fits each pipeline for one epoch on synthetic clips, which gives files of the size that
any fit gives. Times are the median of nine, in a process that has imported everything.
"""

import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from skaudio import load_model, save_model
from skaudio.datasets import load_audio_folder, make_animal_sounds
from skaudio.pipelines import PIPELINES, audio_pipeline

_N_TIMES = 9


def main():
    """Fit, save, open, compare."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        make_animal_sounds(6, n_classes=10, output_dir=folder, random_state=0)
        clips = load_audio_folder(Path(folder, "Training"))
        rows = [
            {"pipeline": name, **measured(pipeline, clips, Path(folder))}
            for name, pipeline in pipelines().items()
        ]
    print(pd.DataFrame(rows).set_index("pipeline").round(2).to_string())


def pipelines():
    """List pipelines with networks of one epoch, and heads on embeddings."""
    networks = {name: audio_pipeline(name, random_state=0) for name in PIPELINES}
    for pipeline in networks.values():
        epochs = [name for name in pipeline.get_params() if name.endswith("max_epochs")]
        pipeline.set_params(**dict.fromkeys(epochs, 1))
    heads = ("logistic", "prototypes")
    return networks | {
        f"birdnet {head}": audio_pipeline(head, features="birdnet") for head in heads
    }


def measured(pipeline, clips, folder):
    """Measure both formats, and compare what the opened models predict."""
    pipeline.fit(clips.data, clips.target)
    expected = pipeline.predict_proba(clips.data[:9])
    row = {}
    for ending in (".skaudio", ".joblib"):
        path = folder / f"model{ending}"
        saving, opening = [], []
        for _ in range(_N_TIMES):
            start = time.perf_counter()
            save_model(pipeline, path, training_clips=clips)
            saved = time.perf_counter()
            model = load_model(path)
            saving.append(saved - start)
            opening.append(time.perf_counter() - saved)
        row[f"{ending} MB"] = path.stat().st_size / 1e6
        row[f"{ending} saved in ms"] = 1000 * np.median(saving)
        row[f"{ending} opened in ms"] = 1000 * np.median(opening)
        same = np.array_equal(model.predict_proba(clips.data[:9]), expected)
        row[f"{ending} same"] = same
    return row


if __name__ == "__main__":
    main()
