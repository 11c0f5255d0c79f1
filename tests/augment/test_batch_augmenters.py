"""What each augmenter does to a training batch, and in which order."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from skaudio import CNN1DClassifier, PrototypicalNetClassifier, SpecAugmenter
from skaudio.augment import (
    BatchAugmenter,
    Gain,
    MelShift,
    Mixup,
    TimeShift,
    TrainingBatch,
)

EVERY = [Gain(6.0), MelShift(2), Mixup(1.0), SpecAugmenter(), TimeShift(1.0)]
every = pytest.mark.parametrize("augmenter", EVERY, ids=lambda a: type(a).__name__)
some_lengths = st.lists(st.integers(1, 20), min_size=2, max_size=6)


def random_log_mels(lengths, n_frames=20, n_bands=3, seed=0):
    """Random log-mels, zero past their lengths."""
    X = np.random.default_rng(seed).uniform(1, 2, (len(lengths), n_bands, n_frames))
    X[
        np.broadcast_to(np.arange(n_frames) >= np.reshape(lengths, (-1, 1, 1)), X.shape)
    ] = 0
    return X.astype(np.float32)


def batch_of(X, lengths=None, targets=None, decibel=1.0):
    lengths = np.full(len(X), X.shape[-1]) if lengths is None else np.array(lengths)
    targets = np.eye(len(X), dtype=np.float32) if targets is None else targets
    return TrainingBatch(X.copy(), lengths, targets, decibel)


def augmented(augmenter, X, *args, seed=0, **options):
    batch = batch_of(X, *args, **options)
    augmenter.augment_batch(batch, np.random.default_rng(seed))
    return batch


@every
@settings(max_examples=25, deadline=None)
@given(some_lengths, st.integers(1, 9), st.integers(0, 99))
def test_shape_type_padding_and_randomness(augmenter, lengths, n_bands, seed):
    X = random_log_mels(lengths, n_bands=n_bands, seed=seed)
    batch = augmented(augmenter, X, lengths, seed=seed)
    assert batch.log_mels.shape == X.shape and batch.log_mels.dtype == np.float32
    assert batch.targets.shape == (len(X), len(X))
    assert batch.targets.dtype == np.float32 and batch.decibel == 1.0
    for log_mel, length in zip(batch.log_mels, batch.lengths, strict=True):
        assert not log_mel[:, length:].any() and np.isfinite(log_mel).all()
    if not isinstance(augmenter, Mixup):
        np.testing.assert_array_equal(batch.lengths, lengths)
        np.testing.assert_array_equal(batch.targets, np.eye(len(X)))
    # All randomness comes from the generator that is passed.
    again = augmented(clone(augmenter), X, lengths, seed=seed)
    np.testing.assert_array_equal(again.log_mels, batch.log_mels)
    np.testing.assert_array_equal(again.targets, batch.targets)


@every
def test_other_seeds_give_other_batches(augmenter):
    X = random_log_mels([20] * 6, n_bands=8)
    one, other = (augmented(augmenter, X, seed=seed).log_mels for seed in (0, 1))
    assert (one != other).any() and (one != X).any()


@settings(max_examples=30, deadline=None)
@given(some_lengths, st.integers(0, 99))
def test_time_shift_rolls_a_clip_within_its_length(lengths, seed):
    X = random_log_mels(lengths, seed=seed)
    batch = augmented(TimeShift(1.0), X, lengths)
    np.testing.assert_array_equal(batch.targets, np.eye(len(X)))
    for was, now, length in zip(X, batch.log_mels, lengths, strict=True):
        rolls = [np.roll(was[:, :length], shift, axis=1) for shift in range(length)]
        assert any((now[:, :length] == roll).all() for roll in rolls)
        assert not now[:, length:].any()


def test_time_shift_is_uniform_up_to_its_maximum():
    X = np.zeros((4000, 3, 100), np.float32)
    X[:, :, 50] = 1
    X[:, :, -1] = X[:, :, 0] = 0.5
    targets = np.zeros((4000, 1), np.float32)
    shifted = augmented(TimeShift(0.1), X, targets=targets).log_mels
    places = np.flatnonzero((shifted == 1).any(axis=(0, 1)))
    np.testing.assert_array_equal(places, np.arange(40, 61))


@settings(max_examples=60, deadline=None)
@given(some_lengths, st.integers(1, 12), st.integers(0, 15), st.integers(0, 99))
def test_mel_shift_moves_bands_and_repeats_the_edge(lengths, n_bands, most, seed):
    X = random_log_mels(lengths, n_bands=n_bands, seed=seed)
    shifted = augmented(MelShift(most), X, lengths, seed=seed).log_mels
    bands = np.arange(n_bands)
    for was, now, length in zip(X, shifted, lengths, strict=True):
        possible = [
            was[np.clip(bands - shift, 0, n_bands - 1)]
            for shift in range(-most, most + 1)
        ]
        assert any((now == moved).all() for moved in possible)
        assert not now[:, length:].any()


def test_mel_shift_is_uniform_up_to_its_maximum():
    X = np.zeros((7000, 20, 2), np.float32)
    X[:, 10] = 1
    targets = np.zeros((7000, 1), np.float32)
    shifted = augmented(MelShift(3), X, targets=targets).log_mels
    np.testing.assert_array_equal((shifted == 1).sum(axis=1), 1)
    places = shifted[:, :, 0].argmax(axis=1)
    shares = np.bincount(places, minlength=20) / 7000
    np.testing.assert_allclose(shares[7:14], 1 / 7, atol=0.02)
    assert shares[7:14].sum() == 1


def test_mel_shift_keeps_a_band_at_least():
    """A shift by more bands than there are would leave nothing of the clip."""
    X = np.arange(1, 4, dtype=np.float32)[None, :, None] + np.zeros((500, 1, 2))
    X = X.astype(np.float32)
    shifted = augmented(MelShift(50), X, targets=np.zeros((500, 1), np.float32))
    rows = {tuple(row) for row in shifted.log_mels[:, :, 0]}
    assert rows == {(1, 2, 3), (1, 1, 2), (1, 1, 1), (2, 3, 3), (3, 3, 3)}


def test_gain_changes_frames_and_no_padding():
    lengths = [5, 20, 12]
    X = random_log_mels(lengths)
    louder = augmented(Gain(0.5), X, lengths).log_mels
    for was, now, length in zip(X, louder, lengths, strict=True):
        moved = (now - was)[:, :length]
        np.testing.assert_allclose(moved, moved[0, 0], atol=1e-6)
        assert 0 < abs(moved[0, 0]) < 0.5 and not now[:, length:].any()


@pytest.mark.parametrize("decibel", [1.0, 1 / 17])
def test_gain_is_uniform_and_in_decibels(decibel):
    X = np.ones((4000, 1, 2), np.float32)
    targets = np.zeros((4000, 1), np.float32)
    batch = augmented(Gain(6.0), X, targets=targets, decibel=decibel)
    gains = (batch.log_mels - X)[:, 0, 0] / decibel
    counts, _ = np.histogram(gains, bins=6, range=(-6, 6))
    assert counts.sum() == 4000
    np.testing.assert_allclose(counts / 4000, 1 / 6, atol=0.03)


@settings(max_examples=30, deadline=None)
@given(some_lengths, st.integers(0, 99))
def test_mixup_mixes_frames_and_targets_by_one_share(lengths, seed):
    X = random_log_mels(lengths, seed=seed)
    batch = augmented(Mixup(1.0), X, lengths)
    np.testing.assert_allclose(batch.targets.sum(axis=1), 1, rtol=1e-6)
    rows = zip(batch.log_mels, batch.targets, batch.lengths, strict=True)
    for row, (now, target, new_length) in enumerate(rows):
        partner = next((k for k in np.flatnonzero(target) if k != row), row)
        length = max(lengths[row], lengths[partner])
        own, other = (
            np.take(X[k], np.arange(length) % lengths[k], axis=1)
            for k in (row, partner)
        )
        share = target[row]
        expected = share * own + (1 - share) * other
        np.testing.assert_allclose(now[:, :length], expected, rtol=1e-4)
        assert not now[:, length:].any() and new_length == length


def test_mixup_mixes_the_weights_of_rows():
    """A target is a one-hot row times its weight; a mixture has both parts."""
    targets = np.diag(np.array([1, 2, 4, 8], np.float32))
    batch = augmented(Mixup(1.0), random_log_mels([20] * 4), targets=targets)
    shares = batch.targets / targets.sum(axis=1)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    assert ((shares > 0).sum(axis=1) <= 2).all() and (shares < 1).any()


def test_a_small_alpha_hardly_mixes():
    X = random_log_mels([20] * 50)
    weak, strong = (
        augmented(Mixup(alpha), X).targets.max(axis=1).mean() for alpha in (0.02, 2.0)
    )
    assert weak > 0.95 > 0.8 > strong


def test_mixup_without_targets_is_an_error(log_mels, calls):
    batch = batch_of(random_log_mels([20, 20]))
    batch.targets = None
    with pytest.raises(ValueError, match=r"Mixup\(\).*no targets"):
        Mixup().augment_batch(batch, np.random.default_rng(0))
    prototypes = PrototypicalNetClassifier(
        encoder="cnn1d", n_episodes=1, augment=[SpecAugmenter(), Mixup()]
    )
    with pytest.raises(ValueError, match=r"Mixup\(\).*PrototypicalNetClassifier"):
        prototypes.fit(log_mels, calls.target)


def test_masks_of_a_batch_are_those_of_redraw():
    X = random_log_mels([20, 9, 14], n_bands=8)
    batch = augmented(SpecAugmenter(), X, [20, 9, 14], seed=3)
    masked = SpecAugmenter().redraw(X, np.random.default_rng(3))
    np.testing.assert_array_equal(batch.log_mels, masked)


def test_a_subclass_needs_augment_batch_only():
    with pytest.raises(TypeError, match="augment_batch"):
        BatchAugmenter()

    class Louder(BatchAugmenter):
        def __init__(self, n=3):
            self.n = n

        def augment_batch(self, batch, rng):
            batch.log_mels += self.n * batch.decibel

    X = random_log_mels([20, 20])
    louder = augmented(clone(Louder()).set_params(n=4), X, decibel=0.5)
    np.testing.assert_array_equal(louder.log_mels, X + 2)


@every
@pytest.mark.parametrize("bad", [-1, "much", {1: 2}.keys()])
def test_bad_parameters_are_named(augmenter, bad):
    for name in augmenter.get_params():
        if name == "mask_value" and bad == -1:
            continue  # a value like others
        one = clone(augmenter).set_params(**{name: bad})
        own = f"'{name}' parameter of {type(one).__name__} must be"
        with pytest.raises(ValueError, match=own):
            augmented(one, random_log_mels([20, 20]))


@pytest.mark.parametrize("bad", ["masks", 3, None, CNN1DClassifier(), [Gain()]])
@pytest.mark.parametrize("network", [CNN1DClassifier, PrototypicalNetClassifier])
def test_a_bad_entry_of_a_list_is_named(network, bad, log_mels, calls):
    message = re.escape(f"{bad!r} has no method augment_batch")
    for augment in ([Gain(), bad], (bad, Gain()), [bad]):
        with pytest.raises(ValueError, match=message):
            network(augment=augment).fit(log_mels, calls.target)
