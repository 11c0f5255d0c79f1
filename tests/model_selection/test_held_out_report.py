import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skaudio import MFCCStatistics, WavLoader
from skaudio.datasets import make_animal_sounds
from skaudio.model_selection import (
    _runs,
    fold_robustness,
    held_out_report,
    noise_robustness,
)
from skaudio.reports import compare

MODEL = make_pipeline(
    WavLoader(), MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression()
)


def test_each_seed_is_a_fit_on_all_training_clips(calls):
    X = MFCCStatistics(n_mels=32).transform(calls.data)
    y, tree = calls.target, DecisionTreeClassifier(max_depth=2, max_features=3)
    parts = X[::2], y[::2], X[1::2], y[1::2]
    report = held_out_report(tree, *parts, n_seeds=3, random_state=5)
    assert report.kind == "held-out" and report.facts["n_train"] == 18
    scores = []
    repeats = report.predictions.groupby("repeat")
    for seed, (_, mine) in zip((5, 6, 7), repeats, strict=True):
        fitted = clone(tree).set_params(random_state=seed).fit(X[::2], y[::2])
        assert mine["predicted"].tolist() == fitted.predict(X[1::2]).tolist()
        scores.append(accuracy_score(y[1::2], mine["predicted"]))
    assert len(set(scores)) > 1
    assert report.summary.loc["accuracy", "value"] == pytest.approx(np.median(scores))


def test_leaked_clips_are_marked_and_scored_apart(clips):
    X, y = clips.data, clips.target
    train = np.arange(len(X)) % 2 == 0
    # Half of the test clips are training clips.
    test = np.flatnonzero(~train).tolist() + np.flatnonzero(train).tolist()
    report = held_out_report(
        *(MODEL, X[train], y[train], X[test], y[test]), random_state=0
    )
    leaked = report.predictions.sort_values("row")["leaked"].to_numpy()
    assert leaked[12:].all() and not leaked.all()
    hits = (report.predictions["true"] == report.predictions["predicted"]).to_numpy()
    scores = report.summary["value"]
    assert scores["accuracy"] == pytest.approx(hits.mean())
    assert scores["accuracy_unleaked"] == pytest.approx(hits[~leaked].mean())
    assert any(
        "test clips are leaked from training" in text for text in report.warnings
    )
    # Without leaks there is no second score.
    alone = held_out_report(
        *(MODEL, X[train], y[train], X[~train], y[~train]),
        leaks=no_leaks(),
        random_state=0,
    )
    assert "accuracy_unleaked" not in alone.summary.index


def no_leaks():
    leaks = pd.DataFrame({"test_file": [], "relation": []})
    leaks.attrs["near"] = True
    return leaks


def test_seeds_do_not_count_as_clips(calls):
    X = MFCCStatistics(n_mels=32).transform(calls.data)
    parts = X[::2], calls.target[::2], X[1::2], calls.target[1::2]
    linear, stump = LogisticRegression(C=10), DecisionTreeClassifier(max_depth=1)
    once, often = (
        compare(
            [
                held_out_report(model, *parts, n_seeds=n, random_state=0)
                for model in (linear, stump)
            ]
        ).iloc[0]
        for n in (1, 4)
    )
    assert often["difference"] == once["difference"] > 0
    assert often["p"] == once["p"]


def test_bad_arguments_are_named(calls):
    X = MFCCStatistics(n_mels=32).transform(calls.data)
    y, model = calls.target, LogisticRegression()
    with pytest.raises(ValueError, match=r"y_test has classes \['unicorn'\]"):
        held_out_report(model, X, y, X[:1], ["unicorn"])
    with pytest.raises(ValueError, match="n_seeds=0: expected an integer"):
        held_out_report(model, X, y, X, y, n_seeds=0)
    with pytest.raises(ValueError, match="random_state=None with a cache_dir"):
        held_out_report(model, X, y, X, y, cache_dir="results")


def test_robustness_is_of_clips_that_the_fit_did_not_see(clips, tmp_path):
    sounds = make_animal_sounds(2, n_classes=2, output_dir=tmp_path, random_state=4)
    data = (clips.data, clips.target, clips.groups, sounds.noise)
    cache = tmp_path / "results"
    table = fold_robustness(MODEL, *data, cv=3, random_state=2, cache_dir=cache)
    run = _runs.plan_folds("", clips.data, clips.target, clips.groups, 3, [2])[0]
    assert not set(clips.groups[run.train]) & set(clips.groups[run.score])
    fitted = clone(MODEL).fit(clips.data[run.train], clips.target[run.train])
    expected = noise_robustness(
        *(fitted, clips.data[run.score], clips.target[run.score], sounds.noise),
        random_state=2,
        groups=clips.groups[run.score],
    )
    assert table.equals(expected) and table.attrs == expected.attrs
    # Reused bit for bit; computed again for another model.
    (kept,) = cache.iterdir()
    stamp = kept.stat().st_mtime_ns
    again = fold_robustness(MODEL, *data, cv=3, random_state=2, cache_dir=cache)
    assert again.equals(table) and again.attrs == table.attrs
    assert kept.stat().st_mtime_ns == stamp
    other = clone(MODEL).set_params(logisticregression__C=1e-4)
    fold_robustness(other, *data, cv=3, random_state=2, cache_dir=cache)
    assert len(list(cache.iterdir())) == 2
