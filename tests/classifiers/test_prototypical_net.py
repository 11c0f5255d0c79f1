import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.pipeline import Pipeline

from skaudio import LogMelExtractor, PrototypicalNetClassifier, SpecAugmenter
from skaudio._nets.architectures import ARCHITECTURES
from skaudio._nets.episodes import Episodes
from skaudio.augment import Gain, TimeShift
from skaudio.model_selection import cross_validated_predictions

SMALL = dict(encoder="cnn1d", n_episodes=3, random_state=0)


@given(
    seed=st.integers(0, 2**32 - 1),
    n_groups=st.integers(2, 12),
    n_shot=st.integers(1, 5),
    n_query=st.integers(1, 5),
)
@settings(max_examples=50, deadline=None)
def test_leak_of_groups_between_support_and_query(seed, n_groups, n_shot, n_query):
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(4), 10)
    related = 100 * y + rng.integers(0, n_groups, 40)
    episodes = Episodes(y, related, 3, n_shot, n_query)
    for _ in range(5):
        episode = episodes.draw(rng)
        support, query = episode.support, episode.query
        assert not {*support} & {*query}
        assert len({*support}) == len(support) and len({*query}) == len(query)
        assert len({*y[support]}) == 3 and {*y[support]} == {*y[query]}
        for label in {*y[support]}:
            own = related[y == label]
            ours, theirs = related[support][y[support] == label], related[query]
            assert 1 <= len(ours) <= n_shot
            assert 1 <= (y[query] == label).sum() <= n_query
            if len({*own}) > 1:
                assert not {*ours} & {*theirs}
        # Labels of the episode and of the data agree.
        pairs = {*zip(episode.support_labels, y[support], strict=True)}
        assert pairs == {*zip(episode.query_labels, y[query], strict=True)}
        assert len(pairs) == 3


def test_leak_of_copies_and_of_groups_into_training(monkeypatch):
    drawn = []
    draw = Episodes.draw

    def record(self, rng):
        drawn.append(draw(self, rng))
        return drawn[-1]

    monkeypatch.setattr(Episodes, "draw", record)
    X = np.random.default_rng(0).normal(size=(24, 4, 8)).astype(np.float32)
    X[12:] = X[:12]  # as an oversampler repeats rows
    y = np.tile(np.repeat(["a", "b"], 6), 2)
    groups = np.arange(24) // 2
    with config_context(enable_metadata_routing=True):
        pipe = Pipeline([("clf", PrototypicalNetClassifier(**SMALL))])
        pipe.set_params(clf__n_episodes=40).fit(X, y, groups=groups)
    assert len(drawn) == 40
    for episode in drawn:
        related = {*(episode.support % 12 // 2)} & {*(episode.query % 12 // 2)}
        assert not related


def test_classes_of_one_clip_are_left_out_of_training(log_mels, calls):
    rows = np.r_[0:12, 12:24, 24]
    y = calls.target[rows]
    episodes = Episodes(np.unique(y, return_inverse=True)[1], rows, 3, 2, 2)
    assert len(episodes.classes) == 2
    model = PrototypicalNetClassifier(**SMALL).fit(log_mels[rows], y)
    assert len(model.classes_) == 3
    with pytest.warns(UserWarning, match="Fewer than 2 classes have 2 clips"):
        PrototypicalNetClassifier(**SMALL).fit(
            log_mels[[0, 12, 24]], calls.target[::12]
        )


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_learns_and_predicts_a_class_that_was_not_in_training(metric, calls, log_mels):
    new = calls.target == calls.target_names[2]
    train = np.arange(36) % 12 < 8
    model = PrototypicalNetClassifier(
        n_episodes=30, n_components=16, metric=metric, random_state=0
    )
    old = train & ~new
    model.fit(log_mels[old], calls.target[old], groups=calls.groups[old])
    weights = [weight.clone() for weight in model.module_.parameters()]
    losses = [episode["train_loss"] for episode in model.history_]
    assert np.mean(losses[-5:]) < np.mean(losses[:5])
    shots = np.flatnonzero(train & new)[:5]
    model.partial_fit(log_mels[shots], calls.target[shots])
    assert all(map(torch.equal, weights, model.module_.parameters()))
    assert model.score(log_mels[~train], calls.target[~train]) > 0.6


def test_same_seed_same_result_and_global_generators_unchanged(calls, log_mels):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (
        PrototypicalNetClassifier(
            **SMALL | {"random_state": seed},
            augment=[Gain(3.0), TimeShift(0.5), SpecAugmenter()],
        )
        .fit(log_mels, calls.target)
        .predict_proba(log_mels)
        for seed in (0, 0, 1)
    )
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("encoder", ARCHITECTURES)
def test_pickles_hold_weights_and_prototypes_only(encoder, calls, log_mels):
    model = PrototypicalNetClassifier(
        n_episodes=2, n_way=2, n_shot=1, n_query=1, encoder=encoder, random_state=0
    ).fit(log_mels, calls.target)
    file = pickle.dumps(model)
    assert len(file) < 4.1 * model.n_parameters_ + 30_000
    loaded = pickle.loads(file)
    np.testing.assert_array_equal(
        loaded.predict_proba(log_mels), model.predict_proba(log_mels)
    )
    loaded.partial_fit(log_mels[:1], ["yeti"])
    assert "yeti" in loaded.classes_ and "yeti" not in model.classes_


def test_views_unreadable_clips_and_shapes(calls, log_mels):
    views = np.stack([log_mels, log_mels + 1], axis=1)
    views[4] = np.nan
    with pytest.warns(UserWarning, match=r"1 of 36 .*rows \[4\]"):
        model = PrototypicalNetClassifier(**SMALL).fit(views, calls.target)
    rows = model.embed(views)
    assert rows.shape == (36, 64) and rows.dtype == np.float32
    assert np.flatnonzero(np.isnan(rows).any(axis=1)).tolist() == [4]
    parts = np.mean([model.embed(views[:, view]) for view in (0, 1)], axis=0)
    np.testing.assert_allclose(rows, parts, rtol=1e-4, atol=1e-5)
    assert np.isnan(model.predict_proba(views)[4]).all()
    with pytest.raises(ValueError, match=r"NaN.*rows \[4\]"):
        model.predict(views)
    with pytest.raises(ValueError, match="PrototypicalNetClassifier was fitted on"):
        model.predict(log_mels[:, :, :-1])
    with pytest.warns(UserWarning, match=r"1 of 5 .*rows \[4\]"):
        model.partial_fit(views[:5], calls.target[:5])


def test_in_a_pipeline_with_groups(calls):
    pipe = Pipeline(
        [
            ("mel", LogMelExtractor(n_mels=16, n_frames=32)),
            ("clf", PrototypicalNetClassifier(**SMALL)),
        ]
    )
    predictions = cross_validated_predictions(
        pipe, calls.data, calls.target, calls.groups, cv=2, random_state=0
    )
    assert set(predictions["predicted"]) <= set(calls.target_names)
