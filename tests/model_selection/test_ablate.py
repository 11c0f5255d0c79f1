import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier
from small_pipelines import linear, network

from skaudio import MFCCStatistics, WavLoader
from skaudio.datasets import make_animal_sounds
from skaudio.model_selection import _runs, ablate
from skaudio.reports import report_table


def test_scores_are_those_of_scikit_learn(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    table = ablate({"linear": linear()}, X, y, groups, cv=4, random_state=3)
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=3)
    predicted = cross_val_predict(linear(), X, y, groups=groups, cv=folds)
    row = table.loc["linear"]
    assert row["accuracy"] == pytest.approx((predicted == y).mean())
    assert row["macro_f1"] == pytest.approx(f1_score(y, predicted, average="macro"))
    assert row["weighted_f1"] == pytest.approx(
        f1_score(y, predicted, average="weighted")
    )
    assert row["balanced_accuracy"] == pytest.approx(
        balanced_accuracy_score(y, predicted)
    )
    for name in ("accuracy", "weighted_f1", "macro_f1", "balanced_accuracy"):
        assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
    assert table.index[0] == "majority" and table.loc["majority", "accuracy"] < 0.5


def test_baselines_hear_the_channel_of_the_pipelines(tmp_path):
    """Of stereo files whose channels cancel, the mean is silence."""
    clips = make_animal_sounds(6, n_classes=2, random_state=0)
    pipe = make_pipeline(WavLoader(channel=0), MFCCStatistics(), LogisticRegression())
    options = dict(groups=clips.groups, cv=3, random_state=0)
    scores = []
    for name in ("mono", "stereo"):
        files = [str(tmp_path / f"{name}_{row}.wav") for row in range(len(clips.data))]
        for file, sound in zip(files, clips.data, strict=True):
            both = np.column_stack([sound, -sound])
            soundfile.write(file, sound if name == "mono" else both, 16000)
        table = ablate({"own": pipe}, files, clips.target, **options)
        scores.append(table.loc["mfcc_svm", "accuracy"])
    assert scores[0] == scores[1] > 0.5


def test_repeats_and_seeds(calls):
    """A repeat is a seed of its own; the test column is the median of the seeds."""
    X, y, groups = calls.data, calls.target, calls.groups
    test = (X[::2], y[::2])
    options = dict(groups=groups, cv=3, baselines=False)
    both = ablate({"net": network()}, X, y, n_repeats=2, random_state=5, **options)
    one, other = (
        ablate({"net": network()}, X, y, random_state=seed, **options)
        for seed in (5, 6)
    )
    assert both.loc["net", "accuracy"] == pytest.approx(
        (one.loc["net", "accuracy"] + other.loc["net", "accuracy"]) / 2
    )
    options = dict(groups=groups, cv=None, test=test, baselines=False)
    three = ablate({"net": network()}, X, y, n_seeds=3, random_state=1, **options)
    single = [
        ablate({"net": network()}, X, y, random_state=seed, **options)
        for seed in (1, 2, 3)
    ]
    accuracies = [table.loc["net", "test_accuracy"] for table in single]
    assert three.loc["net", "test_accuracy"] == np.median(accuracies)
    assert three.loc["net", "test_accuracy_min"] == min(accuracies)
    assert three.loc["net", "test_accuracy_max"] == max(accuracies)
    assert "accuracy" not in three
    assert three.loc["net", "n_parameters"] > 1000


def test_below_baseline_is_marked(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    variants = {"linear": linear(), "guess": DummyClassifier(strategy="most_frequent")}
    table = ablate(variants, X, y, groups, cv=3, random_state=0)
    assert table["below_baseline"].to_dict() == {
        "majority": False,
        "linear": False,
        "guess": True,
    }


def test_baselines_come_first(clips):
    table = ablate(
        {"linear": make_pipeline(WavLoader(), linear())},
        clips.data,
        clips.target,
        clips.groups,
        cv=2,
        random_state=0,
    )
    assert table.index.tolist() == ["majority", "metadata", "mfcc_svm", "linear"]
    assert table.loc["mfcc_svm", "accuracy"] > table.loc["majority", "accuracy"]


def test_leak_groups_reach_folds_and_inner_split(calls, monkeypatch):
    seen = []
    real = _runs.fit_with_groups

    def record(estimator, X, y, groups):
        seen.append(groups)
        return real(estimator, X, y, groups)

    monkeypatch.setattr(_runs, "fit_with_groups", record)
    ablate(
        {"net": network()},
        *(calls.data, calls.target, calls.groups),
        cv=3,
        random_state=0,
        baselines=False,
    )
    folds = StratifiedGroupKFold(3, shuffle=True, random_state=0)
    splits = folds.split(calls.target, calls.target, calls.groups)
    for groups, (train, test) in zip(seen, splits, strict=True):
        np.testing.assert_array_equal(groups, calls.groups[train])
        assert not set(groups) & set(calls.groups[test])


def test_processes_change_no_number(calls):
    arguments = ({"net": network()}, calls.data, calls.target, calls.groups)
    options = dict(cv=2, random_state=0, baselines=False)
    one, two = (ablate(*arguments, n_jobs=n, **options) for n in (None, 2))
    assert one.drop(columns="fit_seconds").equals(two.drop(columns="fit_seconds"))


def test_bad_arguments_are_named(calls, tmp_path):
    X, y, groups = calls.data, calls.target, calls.groups
    variant = {"a": linear()}
    for match, options in [
        ("there is nothing to score on", dict(cv=None)),
        ("cv=1: expected", dict(cv=1)),
        ("n_seeds=0: expected", dict(n_seeds=0)),
        ("random_state=None with a cache_dir", dict(cache_dir=tmp_path)),
        ("unicorn", dict(test=(X[:2], np.array(["unicorn", "cat"])))),
    ]:
        with pytest.raises(ValueError, match=match):
            ablate(variant, X, y, groups, **options)
    with pytest.raises(ValueError, match="names of baselines"):
        ablate({"majority": linear()}, X, y, groups)
    with pytest.raises(ValueError, match="No pipelines"):
        ablate({}, X, y, groups)


def test_unleaked_accuracy_leaves_out_leaked_clips(clips):
    """Test clips that are training clips are found and left out."""
    test = (
        np.r_[clips.data[:2], clips.data[-4:]],
        np.r_[clips.target[:2], clips.target[-4:]],
    )
    keep = np.isin(clips.data, test[0][2:], invert=True)
    groups = clips.groups[keep]
    table = ablate(
        {"a": make_pipeline(WavLoader(), linear())},
        *(clips.data[keep], clips.target[keep], groups),
        cv=None,
        test=test,
        random_state=0,
        baselines=False,
    )
    assert table.attrs["n_leaked"] >= 2
    assert "test_accuracy_unleaked" in table


def test_table_and_reports_agree_on_medians(calls):
    """Three repeats and three seeds: one number for each score wherever it stands."""
    X, y, groups = calls.data[::2], calls.target[::2], calls.groups[::2]
    tree = make_pipeline(
        MFCCStatistics(n_mels=32), DecisionTreeClassifier(max_depth=2, max_features=2)
    )
    table, reports = ablate(
        *({"tree": tree}, X, y, groups),
        cv=3,
        n_repeats=3,
        test=(calls.data[1::2], y, calls.groups[1::2]),
        n_seeds=3,
        random_state=0,
        return_reports=True,
    )
    assert [(report.name, report.kind) for report in reports] == [
        ("majority", "cross-validation"),
        ("tree", "cross-validation"),
        ("majority", "held-out"),
        ("tree", "held-out"),
    ]
    marks = table.pop("below_baseline")
    assert marks.tolist() == [False, False]
    pd.testing.assert_frame_equal(table, report_table(reports))
    for report in reports:
        prefix = "test_" if report.kind == "held-out" else ""
        assert len(report.per_repeat) == 3
        for score in ("accuracy", "weighted_f1", "macro_f1", "balanced_accuracy"):
            median = report.per_repeat[score].median()
            assert table.loc[report.name, prefix + score] == median
            assert report.summary.loc[score, "value"] == median
    # The repeats, and the seeds, differ: a mean would be another number.
    for report in (reports[1], reports[3]):
        values = report.per_repeat["macro_f1"]
        assert values.nunique() > 1 and values.median() != values.mean()


def test_progress_counts_every_fit_and_never_falls(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    counts = []
    _, reports = ablate(
        {"one": linear(), "other": linear()},
        *(X, y, groups),
        cv=2,
        test=(X[::2], y[::2]),
        random_state=0,
        baselines=False,
        noise=[noise for noise in calls.noise],
        return_reports=True,
        on_run=lambda n_done, n_runs, run: counts.append((n_done, n_runs)),
    )
    # Two folds, the fit on all clips and the noisy fold, for each of the two.
    assert counts == [(n, 8) for n in range(9)]
    assert all(report.robustness is not None for report in reports[:2])
