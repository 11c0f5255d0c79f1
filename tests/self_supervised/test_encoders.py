import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone

from skaudio import BYOLAEncoder, COLAEncoder, SimCLREncoder, SpecAugmenter
from skaudio._nets.architectures import ARCHITECTURES
from skaudio.self_supervised._views import PairDrawer

ENCODERS = [SimCLREncoder, COLAEncoder, BYOLAEncoder]
every = pytest.mark.parametrize("encoder", ENCODERS)


@every
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_any_architecture_and_log_mel_size(encoder, architecture):
    X = np.random.default_rng(0).normal(size=(6, 7, 20)).astype(np.float32)
    fitted = encoder(architecture, max_epochs=1, random_state=0).fit(X)
    features = fitted.transform(X)
    assert features.dtype == np.float32
    assert features.shape == (6, fitted.body_.n_features)
    assert np.isfinite(features).all() and features.std(axis=0).max() > 0
    assert len(fitted.get_feature_names_out()) == features.shape[1]


@every
def test_the_loss_falls(encoder, log_mels):
    fitted = encoder(max_epochs=12, batch_size=36, random_state=0).fit(log_mels)
    losses = [entry["loss"] for entry in fitted.history_]
    assert np.mean(losses[-3:]) < 0.95 * np.mean(losses[:3])


@every
def test_two_sessions_equal_one(encoder, log_mels):
    whole = encoder(max_epochs=4, random_state=3).fit(log_mels)
    parts = encoder(random_state=3).partial_fit(log_mels).partial_fit(log_mels)
    # Pickled between the sessions.
    parts = pickle.loads(pickle.dumps(parts))
    parts.partial_fit(log_mels).partial_fit(log_mels)
    assert parts.n_passes_ == 4
    assert [e["loss"] for e in parts.history_] == [e["loss"] for e in whole.history_]
    np.testing.assert_array_equal(parts.transform(log_mels), whole.transform(log_mels))


def test_an_interrupted_fit_continues_with_the_same_result(log_mels):
    class Interrupt(SpecAugmenter):
        def redraw(self, log_mels, rng):
            if calls and calls.pop() == "stop":
                raise KeyboardInterrupt
            return super().redraw(log_mels, rng)

    settings = dict(augment=Interrupt(), batch_size=12, random_state=0)
    calls = []
    whole = SimCLREncoder("cnn1d", max_epochs=3, **settings).fit(log_mels)
    # 3 batches per pass, 2 views each: in the middle of the second pass.
    calls = ["stop", *9 * ["go"]]
    broken = SimCLREncoder("cnn1d", max_epochs=3, **settings)
    with pytest.raises(KeyboardInterrupt):
        broken.fit(log_mels)
    assert broken.n_passes_ == 1
    while broken.n_passes_ < 3:
        broken.partial_fit(log_mels)
    np.testing.assert_array_equal(broken.transform(log_mels), whole.transform(log_mels))


def test_pickles_hold_weights_and_little_else(log_mels):
    fitted = SimCLREncoder("cnn1d", max_epochs=1, random_state=0).fit(log_mels)
    size = len(pickle.dumps(fitted))
    # Weights of four bytes and little else: no clips, no optimiser, no heads.
    assert size < 4.2 * fitted.n_parameters_ + 10_000
    again = pickle.loads(pickle.dumps(fitted))
    assert again.history_ == fitted.history_
    np.testing.assert_array_equal(again.transform(log_mels), fitted.transform(log_mels))
    with pytest.raises(ValueError, match="saved after fit, without its optimiser"):
        again.partial_fit(log_mels)
    assert again.fit(log_mels).n_passes_ == 1
    fitted.partial_fit(log_mels)
    assert len(pickle.dumps(fitted)) > 2 * size


@every
def test_same_seed_same_result_and_no_global_generator_used(encoder, log_mels):
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    before = torch.get_rng_state()
    fits = [
        encoder("cnn1d", max_epochs=2, random_state=seed).fit_transform(log_mels)
        for seed in (0, 0, 1)
    ]
    assert torch.equal(torch.get_rng_state(), before)
    assert np.random.rand() == np.random.RandomState(5).rand()  # noqa: NPY002
    np.testing.assert_array_equal(fits[0], fits[1])
    assert not np.array_equal(fits[0], fits[2])


@every
@pytest.mark.parametrize("architecture", ["alexnet_mel", "transformer_mel"])
def test_padding_does_not_change_the_fit(encoder, architecture, log_mels):
    wider = np.pad(log_mels, ((0, 0), (0, 0), (0, 80)))
    fits = [
        encoder(architecture, crop_frames=48, max_epochs=2, random_state=0).fit(X)
        for X in (log_mels, wider)
    ]
    if architecture == "alexnet_mel":  # the transformer has more positions
        first, second = (fitted.body_.state_dict() for fitted in fits)
        for name, weights in first.items():
            assert weights.equal(second[name]), name
    else:
        # The same wide transformer, from clips wider still.
        more = np.pad(wider, ((0, 0), (0, 0), (0, 100)))
        again = clone(fits[1]).fit(more)
        losses = [[e["loss"] for e in fit.history_] for fit in (fits[1], again)]
        np.testing.assert_allclose(*losses, rtol=1e-4)


def test_pairs_hold_no_padding_and_come_from_different_views():
    X = np.zeros((40, 3, 4, 50), np.float32)
    X[..., :20] = np.array([1, 2, 3])[:, None, None]
    rng = np.random.default_rng(0)
    first, second = PairDrawer(12)(X, np.arange(40), rng)
    for view in (first, second):
        assert view.shape == (40, 4, 50)
        assert (view[..., :12] > 0).all() and (view[..., 12:] == 0).all()
    first, second = first[:, 0, 0].numpy(), second[:, 0, 0].numpy()
    assert (first != second).all() and {*first} == {*second} == {1, 2, 3}
    same = PairDrawer(12, same_crop=True)(np.cumsum(X, axis=3), np.arange(40), rng)
    assert not same[0].equal(same[1])  # other views
    one_view = np.cumsum(X[:, :1], axis=3)
    same = PairDrawer(12, same_crop=True)(one_view, np.arange(40), rng)
    assert same[0].equal(same[1])


def test_views_are_averaged_and_unreadable_clips_stay_nan(log_mels):
    with_nan = log_mels.copy()
    with_nan[4] = np.nan
    encoder = SimCLREncoder("cnn1d", max_epochs=1, random_state=0)
    with pytest.warns(UserWarning, match=r"1 of 36 clips are NaN"):
        encoder.fit(with_nan)
    features = encoder.transform(with_nan)
    assert np.isnan(features[4]).all() and np.isfinite(features[:4]).all()
    views = np.stack([log_mels, log_mels[::-1]], axis=1)
    plain = encoder.transform(log_mels)
    np.testing.assert_allclose(
        encoder.transform(views), (plain + plain[::-1]) / 2, atol=1e-5
    )


def test_errors_say_what_was_expected(log_mels):
    encoder = COLAEncoder("cnn1d", max_epochs=1, random_state=0)
    with pytest.raises(ValueError, match="got 1 sample: expected at least 2"):
        encoder.fit(log_mels[:1])
    for scale in ((1.2, 0.8), (0, 1), (1,)):
        with pytest.raises(ValueError, match=r"crop_scale=\(.*0 < low <= high"):
            SimCLREncoder("cnn1d", crop_scale=scale).fit(log_mels)
    encoder.fit(log_mels)
    with pytest.raises(ValueError, match=r"32 x 30 .* was fitted on 32 x 64"):
        encoder.transform(log_mels[..., :30])
    with pytest.raises(ValueError, match=r"32 x 30 .* was fitted on 32 x 64"):
        encoder.partial_fit(log_mels[..., :30])
    with pytest.raises(ValueError, match="device='nowhere'"):
        clone(encoder).set_params(device="nowhere").fit(log_mels)
