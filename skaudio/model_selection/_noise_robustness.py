"""Noise robustness of a fitted model."""

import os
import tempfile
from numbers import Real

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import one_per_clip
from skaudio._utils.random_state import own_random_state
from skaudio._utils.tables import summary_row
from skaudio.augment import CalibratedNoiseMixer, list_noise_files
from skaudio.features import WavLoader
from skaudio.metrics import score_summary
from skaudio.model_selection._hold_out_noise import refuse_training_noise


def noise_robustness(
    estimator,
    X,
    y,
    noise,
    snr_db=(20, 10, 5, 0, -5, -10),
    random_state=None,
    *,
    groups=None,
    n_jobs=None,
):
    """Score a fitted model on noisy clips, at falling signal-to-noise ratios.

    Parameters
    ----------
    estimator : fitted Pipeline, or fitted search over one
        Noise is mixed in after its `WavLoader`, before the other steps. Where several
        branches each load the clips, it is mixed into copies of the files. Without a
        loader `X` is waveforms.
    X : list of clips, or of waveforms
        That the model was not trained on.
    y : array-like of shape (n,)
        Labels.
    noise : folder, list of files or arrays
        As `CalibratedNoiseMixer` takes it. Files that a step of the estimator mixes in
        during training, and clips of their sources, are refused; arrays are not
        compared.
    snr_db : sequence of float, default=(20, 10, 5, 0, -5, -10)
        Signal-to-noise ratios in dB.
    random_state : int, RandomState or None, default=None
        Determines which part of which noise each clip gets: the same at every ratio.
    groups : array-like of shape (n,) or None, default=None
        Clips of one group are drawn together for the intervals.
    n_jobs : int or None, default=None
        Threads that decode noise.

    Returns
    -------
    table : DataFrame
        One row for the clips as they are, whose ``snr_db`` is infinite, then one per
        ratio, falling: ``snr_db``, and ``accuracy``, ``weighted_f1``, ``macro_f1``,
        ``balanced_accuracy``, each with its 95 % interval in ``_low`` and ``_high``.
        Its ``attrs`` record ``noise`` (the files, None for arrays), ``random_state``
        (an integer) and ``n_clips``.

    Raises
    ------
    ValueError
        Where the noise was used in training, or a ratio is not a finite number.

    See Also
    --------
    hold_out_noise : Splits noise files into training files and test files.
    fold_robustness : Fits the model first.
    NoiseRobustnessDisplay : Draws the table.

    Notes
    -----
    Powers are measured as `CalibratedNoiseMixer` does by default, where the call is
    active, and every noise is spread evenly over the classes. Noise that is already in
    a recording comes on top: the true signal-to-noise ratio is lower. A silent clip
    stays as it is.

    Examples
    --------
    >>> from skaudio import MFCCStatistics
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import noise_robustness
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> calls = make_animal_sounds(12, n_classes=2, random_state=0)
    >>> model = make_pipeline(MFCCStatistics(), StandardScaler(), LogisticRegression())
    >>> model = model.fit(calls.data[::2], calls.target[::2])
    >>> table = noise_robustness(
    ...     model, calls.data[1::2], calls.target[1::2], calls.noise, random_state=0
    ... )
    >>> table["snr_db"].tolist()
    [inf, 20.0, 10.0, 5.0, 0.0, -5.0, -10.0]
    """
    check_is_fitted(estimator)
    estimator = getattr(estimator, "best_estimator_", estimator)
    y = one_per_clip(y)
    check_consistent_length(X, y, groups)
    groups = groups if groups is None else as_groups(groups)
    levels = _levels(snr_db)
    files = list_noise_files(noise)
    refuse_training_noise(estimator, files, n_jobs)
    waveforms, sample_rate, predict = _loaded(estimator, X)
    if not isinstance(random_state, (int, np.integer)):
        random_state = own_random_state(random_state).randint(2**31 - 1)
    rows = []
    for level in [np.inf, *levels]:
        clips = waveforms
        if np.isfinite(level):
            mixer = CalibratedNoiseMixer(
                noise,
                snr_db=level,
                sample_rate=sample_rate,
                n_jobs=n_jobs,
                random_state=random_state,
            )
            clips = _noisy(mixer, waveforms, y)
        summary = score_summary(y, predict(clips), groups)
        rows.append({"snr_db": level, **summary_row(summary)})
    return with_attrs(pd.DataFrame(rows), files, random_state, len(y))


def with_attrs(table, files, seed, n_clips):
    """Record the noise and the number of clips in the ``attrs`` of a table."""
    table.attrs = {"noise": files, "random_state": int(seed), "n_clips": n_clips}
    return table


def _levels(snr_db):
    levels = np.atleast_1d(snr_db).tolist()
    wrong = [v for v in levels if not isinstance(v, Real) or not np.isfinite(v)]
    if not levels or wrong:
        raise ValueError(
            f"snr_db={snr_db!r}: expected finite numbers of dB; the clips without "
            "noise are always scored first."
        )
    return sorted(map(float, set(levels)), reverse=True)


def _loaded(estimator, X):
    """Return waveforms, their rate, and a function that predicts from waveforms."""
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("", estimator)]
    loaders = [n for n, (_, step) in enumerate(steps) if isinstance(step, WavLoader)]
    nested = [v for v in estimator.get_params().values() if isinstance(v, WavLoader)]
    if nested and not loaders:
        # Branches that each load at their own rate, as in a FeatureUnion.
        sample_rate = max(loader.sample_rate for loader in nested)
        waveforms = WavLoader(sample_rate, nested[0].channel).transform(X)

        def predict(clips):
            if clips is waveforms:
                return estimator.predict(X)
            return _predict_as_files(estimator, clips, sample_rate)

        return waveforms, sample_rate, predict
    rest = estimator
    if loaders:
        n_first = loaders[0] + 1
        X, rest = estimator[:n_first].transform(X), estimator[n_first:]
    rates = [getattr(step, "sample_rate", None) for _, step in steps]
    sample_rate = next((rate for rate in rates if rate is not None), None)
    if sample_rate is None:
        raise ValueError(
            f"No step of {type(estimator).__name__} has a sample_rate: expected a "
            "pipeline on clips or waveforms, such as WavLoader, LogMelExtractor and a "
            "classifier."
        )
    return X, sample_rate, rest.predict


def _predict_as_files(estimator, waveforms, sample_rate):
    import soundfile

    with tempfile.TemporaryDirectory(prefix="skaudio-noisy-") as folder:
        files = [os.path.join(folder, f"{row}.wav") for row in range(len(waveforms))]
        for file, waveform in zip(files, waveforms, strict=True):
            soundfile.write(file, waveform, sample_rate, subtype="FLOAT")
        return estimator.predict(files)


def _noisy(mixer, waveforms, y):
    """Return the noisy view of each clip, in the kind of array of the input."""
    views = mixer.fit_transform(waveforms, y)
    if views.ndim == 3:
        return views[:, 1]
    noisy = np.empty(len(views), dtype=object)
    noisy[:] = [clip[1] for clip in views]
    return noisy
