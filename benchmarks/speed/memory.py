"""Peak memory: of predict with the number of files, and of the workers of a grid."""

import subprocess
import sys

from harness import compare
from models import model_file, short_files


def peak_memory(folder, number):
    """Make a callable that gives the peak memory of `predict`, in MB, on Linux.

    Of the process alone: what `resource` gives has that of its parent in it.
    """
    from skaudio.pipelines import audio_pipeline

    pipeline = audio_pipeline("cnn1d", random_state=0).set_params(clf__max_epochs=1)
    model, files = model_file(pipeline, folder), short_files(number)
    code = (
        "from pathlib import Path; from skaudio import load_model;"
        "from skaudio.recordings import predict_files;"
        f"predict_files(load_model({str(model)!r}), [{str(files)!r}]);"
        "status = Path('/proc/self/status').read_text();"
        "print(int(status.partition('VmHWM:')[2].split()[0]) / 1024)"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    return lambda: float(subprocess.check_output(command))


@compare()
def predict_100(folder):
    """Peak memory of `predict`, 100 files, MB."""
    return peak_memory(folder, 100)


@compare()
def predict_1000(folder):
    """Peak memory of `predict`, 1,000 files, MB."""
    return peak_memory(folder, 1000)


@compare()
def predict_10000(folder):
    """Peak memory of `predict`, 10,000 files, MB."""
    return peak_memory(folder, 10_000)


@compare(threads=1)
def grid_of_two_workers(folder):
    """Peak memory of the larger of two workers of a GridSearchCV over cnn1d, MB."""
    import resource

    import numpy as np
    from joblib.externals.loky import get_reusable_executor
    from sklearn.model_selection import GridSearchCV

    from skaudio import CNN1DClassifier

    X = np.random.default_rng(0).standard_normal((590, 128, 500)).astype("float32")
    network = CNN1DClassifier(max_epochs=2, random_state=0)
    grid = {"lr": [0.001, 0.002]}
    search = GridSearchCV(network, grid, cv=3, refit=False, n_jobs=2)

    def work():
        search.fit(X, np.arange(590) % 13)
        get_reusable_executor().shutdown(wait=True)  # so that they are counted
        # With the log-mels, 151 MB, that all share.
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024

    return work
