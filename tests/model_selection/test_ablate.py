import numpy as np
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skaudio import (
    CalibratedNoiseMixer,
    CNN1DClassifier,
    LogMelExtractor,
    MFCCStatistics,
    SpecAugmenter,
    WavLoader,
    YAMNetEmbedder,
)
from skaudio.datasets import load_audio_folder
from skaudio.model_selection import (
    _runs,
    ablate,
    component_contributions,
    components_of,
    cross_validated_predictions,
)
from skaudio.model_selection._precompute import Precomputed
from skaudio.pipelines import baseline_pipelines, reference_pipelines

WIND = [np.random.RandomState(0).randn(8000).astype(np.float32)]


@pytest.fixture(scope="module")
def clips(clip_folder):
    return load_audio_folder(clip_folder)


@pytest.fixture
def fits(monkeypatch):
    """Count the fits of this process."""
    done = []
    real = _runs.fit_with_groups
    monkeypatch.setattr(
        _runs, "fit_with_groups", lambda *args: done.append(args) or real(*args)
    )
    return done


def linear(**options):
    return make_pipeline(
        MFCCStatistics(n_mels=32), StandardScaler(), LogisticRegression(**options)
    )


def network(**options):
    options = {"max_epochs": 2} | options
    return make_pipeline(
        LogMelExtractor(n_mels=16, n_frames=40), CNN1DClassifier(**options)
    )


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


def test_below_floor_is_marked(calls):
    X, y, groups = calls.data, calls.target, calls.groups
    variants = {"linear": linear(), "guess": DummyClassifier(strategy="most_frequent")}
    table = ablate(variants, X, y, groups, cv=3, random_state=0)
    assert table["below_baseline"].to_dict() == {
        "majority": False,
        "linear": False,
        "guess": True,
    }


def test_floors_come_first_and_hear_or_do_not(clips):
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
    told = []
    again = ablate(variants, X, y, groups, on_run=lambda *a: told.append(a), **options)
    assert len(fits) == 6 and told[0] == (n_before, 6, None)
    fresh = ablate(variants, X, y, groups, cv=3, random_state=0, baselines=False)
    drop = ["fit_seconds"]
    assert again.drop(columns=drop).equals(fresh.drop(columns=drop))


def test_a_run_counts_only_while_nothing_it_depends_on_changes(calls, tmp_path, fits):
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
    # A half-written file is no result.
    for file in tmp_path.glob("*.json"):
        file.write_text(file.read_text()[:-5])
    assert n_new(linear()) == 2
    assert not list(tmp_path.glob("*.part"))


def test_changed_noise_files_are_noticed(clips, tmp_path, fits, tone):
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


def test_processes_change_no_number(calls):
    arguments = ({"net": network()}, calls.data, calls.target, calls.groups)
    options = dict(cv=2, random_state=0, baselines=False)
    one, two = (ablate(*arguments, n_jobs=n, **options) for n in (None, 2))
    assert one.drop(columns="fit_seconds").equals(two.drop(columns="fit_seconds"))


def test_leading_steps_are_computed_once(calls, tmp_path):
    times = []

    class CountedMel(LogMelExtractor):
        def transform(self, X):
            times.append(len(X))
            return super().transform(X)

    mel = CountedMel(n_mels=16, n_frames=40)
    variants = {
        f"lr {lr}": make_pipeline(mel, CNN1DClassifier(max_epochs=1, lr=lr))
        for lr in (0.01, 0.001)
    }
    ablate(variants, calls.data, calls.target, calls.groups, cv=3, random_state=0)
    assert times == [len(calls.data)]
    arguments = (calls.data, calls.target, calls.groups)
    with pytest.raises(ValueError, match=r"cannot be told apart.*cache_dir=None"):
        ablate(
            variants, *arguments, random_state=0, baselines=False, cache_dir=tmp_path
        )
    times.clear()
    pipe = variants["lr 0.01"]
    cross_validated_predictions(pipe, calls.data, calls.target, calls.groups, cv=3)
    assert times == [len(calls.data)]


def test_shared_steps_change_no_result(clips):
    pipe = reference_pipelines(random_state=0)["cnn1d"]
    pipe.set_params(mel__n_mels=16, mel__n_frames=40, clf__max_epochs=2)
    rest, rows = Precomputed().apply(pipe, clips.data)
    assert list(rest.named_steps) == ["clf"] and rows.shape == (24, 16, 40)
    expected = pipe.fit(clips.data, clips.target).predict_proba(clips.data)
    ours = rest.fit(rows, clips.target).predict_proba(rows)
    np.testing.assert_array_equal(ours, expected)
    # What augments is left to each fit, and so is what leads it.
    noisy = reference_pipelines(random_state=0)["cnn1d_simple_noise"]
    rest, rows = Precomputed().apply(noisy, clips.data)
    assert list(rest.named_steps) == ["noise", "mel", "clf"] and rows.ndim == 1
    plain = make_pipeline(FunctionTransformer(), LogisticRegression())
    assert Precomputed().apply(plain, clips.data)[0] is plain


def test_unions_and_pipelines_of_row_by_row_steps_are_shared(clips):
    def union(*branches, **options):
        named = [(f"branch-{number}", part) for number, part in enumerate(branches)]
        head = make_pipeline(StandardScaler(), LogisticRegression())
        return make_pipeline(FeatureUnion(named, **options), head)

    embedded = make_pipeline(WavLoader(), YAMNetEmbedder())
    described = make_pipeline(WavLoader(), MFCCStatistics(n_mels=32))
    pipe = union(embedded, described)
    shared = Precomputed()
    rest, rows = shared.apply(pipe, clips.data)
    assert list(rest.named_steps) == ["pipeline"] and rows.shape == (24, 1024 + 156)
    np.testing.assert_array_equal(rows, pipe[0].fit_transform(clips.data))
    # Threads change nothing; another order, branch or weight does.
    again = union(clone(embedded).set_params(yamnetembedder__n_jobs=2), described)
    assert shared.apply(again, clips.data)[1] is rows
    for other in (
        union(described, embedded),
        union(embedded, clone(described).set_params(mfccstatistics__n_mfcc=5)),
        union(embedded, described, transformer_weights={"branch-1": 0.5}),
    ):
        expected = other[0].fit_transform(clips.data)
        got = Precomputed().apply(other, clips.data)[1]
        np.testing.assert_array_equal(got, expected)
        assert not np.array_equal(got, rows)
        shared.apply(pipe, clips.data)
        assert np.array_equal(shared.apply(other, clips.data)[1], expected)
    learning = union(embedded, make_pipeline(described, StandardScaler()))
    assert Precomputed().apply(learning, clips.data)[0] is learning
    dropped = pipe.set_params(**{"featureunion__branch-1": "drop"})
    assert Precomputed().apply(dropped, clips.data)[1].shape == (24, 1024)


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
    """Test clips that are training clips are recognised, and set apart."""
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


@pytest.fixture(scope="module")
def full():
    return make_pipeline(
        CalibratedNoiseMixer(WIND),
        LogMelExtractor(n_mels=16, n_frames=40),
        CNN1DClassifier(
            max_epochs=2,
            mixup_alpha=0.3,
            augment=SpecAugmenter(),
            class_weight="balanced",
            time_shift=0.5,
        ),
    )


def test_components_that_are_on_are_found(full):
    assert components_of(full) == {
        "calibratednoisemixer": {"calibratednoisemixer": "passthrough"},
        "augment": {"cnn1dclassifier__augment": None},
        "mixup_alpha": {"cnn1dclassifier__mixup_alpha": 0.0},
        "time_shift": {"cnn1dclassifier__time_shift": 0.0},
        "class_weight": {"cnn1dclassifier__class_weight": None},
    }
    assert components_of(CNN1DClassifier()) == {}


def test_contributions_are_the_differences_of_ablations(full, calls):
    X, y, groups = calls.data, calls.target, calls.groups
    components = {
        "noise": {"calibratednoisemixer": "passthrough"},
        "mixup": {"cnn1dclassifier__mixup_alpha": 0.0},
    }
    table = component_contributions(
        full, X, y, groups, components, cv=3, n_repeats=2, random_state=0
    )
    assert table.index.tolist() == ["noise", "mixup"]
    bare = clone(full).set_params(
        calibratednoisemixer="passthrough", cnn1dclassifier__mixup_alpha=0.0
    )
    without = clone(full).set_params(cnn1dclassifier__mixup_alpha=0.0)
    folds = []
    for pipe in (full, without, bare):
        scores = []
        for seed in (0, 1):
            some = cross_validated_predictions(
                _runs.with_seed(pipe, seed), X, y, groups, cv=3, random_state=seed
            )
            hits = some["true"] == some["predicted"]
            scores += hits.groupby(some["fold"]).mean().tolist()
        folds.append(np.array(scores))
    row = table.loc["mixup"]
    assert row["accuracy_without"] == pytest.approx(folds[1].mean())
    assert row["loss_without"] == pytest.approx((folds[0] - folds[1]).mean())
    assert table.attrs["accuracy_bare"] == pytest.approx(folds[2].mean())
    assert row["loss_low"] <= row["loss_without"] <= row["loss_high"]
    assert set(table["verdict"]) <= {"helps", "hurts", "tie"}
    with pytest.raises(ValueError, match="no component that is on"):
        component_contributions(linear(), X, y, groups)


def test_reference_pipelines_are_the_five_rows(clips, tmp_path, tone):
    tone("noise/hum.wav", seconds=2.0)
    pipelines = reference_pipelines(tmp_path / "noise", random_state=0)
    assert list(pipelines) == [
        "cnn1d",
        "cnn1d_simple_noise",
        "alexnet_mel",
        "transformer_mel",
        "enhanced_cnn1d",
    ]
    for name, pipe in pipelines.items():
        pipe.set_params(mel__n_mels=16, mel__n_frames=40, clf__max_epochs=1)
        pipe.fit(clips.data, clips.target, clf__groups=clips.groups)
        assert pipe.predict(clips.data).shape == (24,)
        assert ("noise" in pipe.named_steps) == (
            name in ("cnn1d_simple_noise", "enhanced_cnn1d")
        )


def test_pretraining_comes_beside_the_transformer(clips):
    pipelines = reference_pipelines(random_state=0, pretrain="simclr")
    assert list(pipelines)[-1] == "transformer_mel_simclr" and len(pipelines) == 6
    pair = {
        name: clone(pipelines[name]).set_params(
            mel__n_mels=16, mel__n_frames=40, clf__max_epochs=1
        )
        for name in ("transformer_mel", "transformer_mel_simclr")
    }
    pair["transformer_mel_simclr"].set_params(clf__pretrain__max_epochs=2)
    assert "pretrain" in components_of(pair["transformer_mel_simclr"])
    table = ablate(
        pair,
        clips.data,
        clips.target,
        clips.groups,
        cv=2,
        random_state=0,
        baselines=False,
    )
    assert table["n_parameters"].nunique() == 1  # the same net
    with pytest.raises(ValueError, match=r"pretrain='moco': expected None or one of"):
        reference_pipelines(pretrain="moco")


def test_floor_of_the_format_hears_nothing(clips):
    """One format, one duration: the forest guesses."""
    floor = baseline_pipelines()["metadata"]
    floor.fit(clips.data, clips.target)
    facts = floor[0].transform(clips.data)
    assert set(facts) == {
        "sample_rate",
        "channels",
        "n_bytes",
        "duration",
        "container",
        "encoding",
    }
