import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from small_pipelines import WIND, linear, network

from skaudio import CalibratedNoiseMixer, WavLoader
from skaudio.model_selection import ablate


def test_finished_runs_survive_an_interruption(calls, tmp_path, fits):
    X, y, groups = calls.data, calls.target, calls.groups
    variants = {"linear": linear(), "net": network()}
    options = dict(cv=3, random_state=0, baselines=False, cache_dir=tmp_path)

    def stop_after_four(done, total, run):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ablate(variants, X, y, groups, on_run=stop_after_four, **options)
    n_before = len(fits)
    assert 4 <= n_before < 6
    progress = []
    again = ablate(
        variants, X, y, groups, on_run=lambda *a: progress.append(a), **options
    )
    assert len(fits) == 6 and progress[0] == (n_before, 6, None)
    fresh = ablate(variants, X, y, groups, cv=3, random_state=0, baselines=False)
    drop = ["fit_seconds"]
    assert again.drop(columns=drop).equals(fresh.drop(columns=drop))


def test_a_result_is_reused_until_something_it_depends_on_changes(
    calls, tmp_path, fits
):
    X, y, groups = calls.data, calls.target, calls.groups
    options = dict(cv=2, random_state=0, baselines=False, cache_dir=tmp_path)
    noisy = make_pipeline(CalibratedNoiseMixer(WIND, n_jobs=1), network())

    def n_new(variant, X=X, y=y, groups=groups, **changed):
        before = len(fits)
        ablate({"a": variant}, X, y, groups, **options | changed)
        return len(fits) - before

    assert n_new(linear()) == 2 and n_new(linear()) == 0
    assert n_new(linear(C=2.0)) == 2
    assert n_new(linear(), random_state=1) == 2
    assert n_new(linear(), y=y[::-1]) == 2
    other = X.copy()
    other[0] = other[0] * np.float32(0.5)
    assert n_new(linear(), X=other) == 2
    # The number of threads changes nothing.
    assert n_new(noisy) == 2
    noisy = noisy.set_params(calibratednoisemixer__n_jobs=2)
    assert n_new(noisy) == 0
    # A half-written file is not used.
    for file in tmp_path.glob("*.json"):
        file.write_text(file.read_text()[:-5])
    assert n_new(linear()) == 2
    assert not list(tmp_path.glob("*.part"))


def test_changed_noise_files_change_the_key(clips, tmp_path, fits, tone):
    tone("noise/wind.wav", seconds=1.0)
    pipe = make_pipeline(
        WavLoader(), CalibratedNoiseMixer(tmp_path / "noise"), network()
    )
    arguments = ({"a": pipe}, clips.data, clips.target, clips.groups)
    options = dict(
        cv=2, random_state=0, baselines=False, cache_dir=tmp_path / "results"
    )
    ablate(*arguments, **options)
    ablate(*arguments, **options)
    assert len(fits) == 2
    tone("noise/wind.wav", seconds=1.5)
    ablate(*arguments, **options)
    assert len(fits) == 4
