"""Fits: of one net or head, of several at once, and what surrounds them."""

import time

from harness import clock, compare


@compare()
def fit_a_network(folder):
    """2 epochs of cnn1d on 120 log-mels, with the threads that torch takes."""
    import numpy as np

    from skaudio import CNN1DClassifier

    X = np.random.default_rng(0).standard_normal((120, 128, 500)).astype("float32")
    network = CNN1DClassifier(max_epochs=2, random_state=0)
    return lambda: network.fit(X, np.arange(120) % 4)


@compare()
def fit_a_head(folder):
    """Logistic regression on 590 embeddings, with the threads that BLAS takes."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    from skaudio.model_selection import fit_with_groups

    X, y = np.random.default_rng(0).standard_normal((590, 2800)), np.arange(590) % 13
    head = LogisticRegression(C=0.01, max_iter=1000)
    return lambda: fit_with_groups(head, X, y, np.arange(590))


def prepared(folder, name):
    """Load the clips as a pipeline's classifier gets them, with the classifier."""
    from skaudio.datasets import load_audio_folder
    from skaudio.pipelines import audio_pipeline

    clips = load_audio_folder(folder)
    *steps, classifier = audio_pipeline(name, random_state=0).named_steps.values()
    X = clips.data
    for step in steps:
        X = step.fit_transform(X, clips.target)
    return X, clips.target, classifier


def fit_of(folder, name, **parameters):
    """Make a callable that trains the classifier of a pipeline for 4 epochs."""
    X, y, classifier = prepared(folder, name)
    epochs = [key for key in classifier.get_params() if key.endswith("max_epochs")]
    classifier.set_params(**dict.fromkeys(epochs, 4), **parameters)
    return lambda: classifier.fit(X, y)


@compare(threads=1)
def fit_enhanced_cnn1d(folder):
    """4 epochs of `enhanced_cnn1d`."""
    return fit_of(folder, "enhanced_cnn1d")


@compare(threads=1)
def fit_mel_ensemble(folder):
    """4 epochs of `mel_ensemble`."""
    return fit_of(folder, "mel_ensemble")


@compare(threads=1)
def members_at_once(folder):
    """4 epochs of `mel_ensemble`: time on the clock in one process, by that in two."""
    one, two = (fit_of(folder, "mel_ensemble", n_jobs=n_jobs) for n_jobs in (1, 2))
    two()  # starts the processes, which import torch
    return lambda: clock(one) / clock(two)


@compare(threads=1)
def grid_search(folder):
    """Share of a GridSearchCV over cnn1d that is outside fits and scoring, %."""
    import numpy as np
    from sklearn.model_selection import GridSearchCV

    from skaudio import CNN1DClassifier

    X = np.random.default_rng(0).standard_normal((240, 128, 500)).astype("float32")
    network = CNN1DClassifier(max_epochs=2, random_state=0)
    search = GridSearchCV(network, {"lr": [0.001, 0.002]}, cv=3, refit=False)

    def work():
        start = time.perf_counter()
        search.fit(X, np.arange(240) % 4)
        seconds = time.perf_counter() - start
        found = search.cv_results_
        inside = 3 * (found["mean_fit_time"] + found["mean_score_time"]).sum()
        return 100 * (1 - inside / seconds)

    return work


@compare(threads=1)
def grid_at_once(folder):
    """GridSearchCV over cnn1d: time on the clock in one process, by that in two."""
    import numpy as np
    from sklearn.model_selection import GridSearchCV

    from skaudio import CNN1DClassifier

    X = np.random.default_rng(0).standard_normal((590, 128, 500)).astype("float32")
    y, network = np.arange(590) % 13, CNN1DClassifier(max_epochs=8, random_state=0)
    grid, options = {"lr": [0.001, 0.002]}, {"cv": 3, "refit": False}

    def search(n_jobs):
        GridSearchCV(network, grid, n_jobs=n_jobs, **options).fit(X, y)

    search(2)  # starts the processes, which import torch
    return lambda: clock(lambda: search(1)) / clock(lambda: search(2))


def ablation_of(folder):
    """Make a function of `n_jobs` that ablates cnn1d and gives its report."""
    from skaudio.datasets import load_audio_folder
    from skaudio.model_selection import ablate
    from skaudio.pipelines import audio_pipeline

    clips = load_audio_folder(folder)
    data = clips.data, clips.target, clips.groups
    pipeline = audio_pipeline("cnn1d", random_state=0).set_params(clf__max_epochs=12)
    options = {"cv": 4, "random_state": 0, "baselines": False, "return_reports": True}

    def ablation(n_jobs):
        _, (report,) = ablate({"cnn1d": pipeline}, *data, n_jobs=n_jobs, **options)
        return report

    return ablation


@compare(threads=1)
def ablate_at_once(folder):
    """`ablate` over cnn1d: time on the clock in one process, by that in two."""
    ablation = ablation_of(folder)
    ablation(2)  # starts the processes, which import torch
    return lambda: clock(lambda: ablation(1)) / clock(lambda: ablation(2))


@compare(threads=1)
def ablate_outside_fits(folder):
    """Share of `ablate` over cnn1d that is outside fits and scoring, %."""
    ablation = ablation_of(folder)

    def work():
        start = time.perf_counter()
        report = ablation(1)
        seconds = time.perf_counter() - start
        inside = report.times[["fit_seconds", "predict_seconds"]].to_numpy().sum()
        return 100 * (1 - inside / seconds)

    return work
