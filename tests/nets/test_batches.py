"""Augmentation of training batches, and none of validation batches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from skorch.callbacks import Callback

from skaudio import CNN1DClassifier, LogMelExtractor, SpecAugmenter
from skaudio._nets.batches import BatchAugmentation, true_lengths


def random_log_mels(lengths, n_frames, n_bands=3, seed=0):
    """Random log-mels, zero past their lengths."""
    X = np.random.default_rng(seed).uniform(1, 2, (len(lengths), n_bands, n_frames))
    X[np.arange(n_frames) >= np.reshape(lengths, (-1, 1, 1)) + np.zeros((1, 3, 1))] = 0
    return X.astype(np.float32)


def augmented(X, **options):
    augment = BatchAugmentation(np.random.default_rng(0), **options)
    targets = np.eye(len(X), dtype=np.float32)
    return augment(X[:, None], np.arange(len(X)), targets)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 20), min_size=2, max_size=6), st.integers(0, 99))
def test_time_shift_rolls_a_clip_within_its_length(lengths, seed):
    X = random_log_mels(lengths, 20, seed=seed)
    shifted, targets = augmented(X, time_shift=1.0)
    np.testing.assert_array_equal(targets, np.eye(len(X)))
    for was, now, length in zip(X, shifted, lengths, strict=True):
        rolls = [np.roll(was[:, :length], shift, axis=1) for shift in range(length)]
        assert any((now[:, :length] == roll).all() for roll in rolls)
        assert not now[:, length:].any()


def test_time_shift_is_uniform_up_to_its_maximum():
    X = np.zeros((4000, 3, 100), np.float32)
    X[:, :, 50] = 1
    X[:, :, -1] = X[:, :, 0] = 0.5
    shifted, _ = augmented(X, time_shift=0.1)
    places = np.flatnonzero((shifted == 1).any(axis=(0, 1)))
    np.testing.assert_array_equal(places, np.arange(40, 61))


def test_gain_changes_frames_and_no_padding():
    X = random_log_mels([5, 20, 12], 20)
    louder, _ = augmented(X, gain=0.5)
    for was, now, length in zip(X, louder, [5, 20, 12], strict=True):
        moved = (now - was)[:, :length]
        np.testing.assert_allclose(moved, moved[0, 0], atol=1e-6)
        assert 0 < abs(moved[0, 0]) < 0.5 and not now[:, length:].any()


def test_gain_is_in_decibels_of_the_log_mel():
    """Log-mels in dB change by up to gain_db, normalised ones by a 17th of that."""
    rng = np.random.default_rng(0)
    decibels = (17 * rng.standard_normal((40, 8, 30))).astype(np.float32)
    for X, unit in ((decibels, 1.0), (decibels / 17, 1 / 17)):
        seen = Recorder()
        classifier = CNN1DClassifier(
            gain_db=6.0, max_epochs=1, early_stopping=False, callbacks=[seen]
        )
        classifier.fit(X, np.arange(40) % 2)
        means = np.concatenate(seen.train).mean(axis=(1, 2))
        moves = means[:, None] - X.mean(axis=(1, 2))
        nearest = np.abs(moves).min(axis=1)
        assert nearest.max() < 6.5 * unit
        spread = np.concatenate(seen.train).mean(axis=(1, 2)).std()
        np.testing.assert_allclose(spread, 6 * unit / 3**0.5, rtol=0.35)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 20), min_size=2, max_size=6), st.integers(0, 99))
def test_mixup_mixes_frames_and_targets_by_one_share(lengths, seed):
    X = random_log_mels(lengths, 20, seed=seed)
    mixed, targets = augmented(X, mixup_alpha=1.0)
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    for row, (now, target) in enumerate(zip(mixed, targets, strict=True)):
        partner = next((k for k in np.flatnonzero(target) if k != row), row)
        length = max(lengths[row], lengths[partner])
        own, other = (
            np.take(X[k], np.arange(length) % lengths[k], axis=1)
            for k in (row, partner)
        )
        share = target[row]
        expected = share * own + (1 - share) * other
        np.testing.assert_allclose(now[:, :length], expected, rtol=1e-4)
        assert not now[:, length:].any()


def test_keep_unmasked_gives_masked_and_unmasked_log_mels():
    """The same rows, views and mixtures, once with masks and once without."""
    X = random_log_mels([20] * 6, 20)
    options = dict(masks=SpecAugmenter(1, 0, 0.5, mask_value=9.0), mixup_alpha=1.0)
    both, targets = augmented(X, keep_unmasked=True, **options)
    assert both.shape == (6, 2, 3, 20)
    for (masked, whole), target in zip(both, targets, strict=True):
        np.testing.assert_allclose(
            whole, sum(share * X[k] for k, share in enumerate(target)), rtol=1e-4
        )
        # Whole frames differ where either of the two mixed log-mels is masked.
        differ = (abs(masked - whole) > 1e-5).all(axis=0)
        assert (differ == (abs(masked - whole) > 1e-5).any(axis=0)).all()
    assert (both[:, 0] != both[:, 1]).any()
    masked, _ = augmented(X, **options)
    np.testing.assert_array_equal(masked, both[:, 0])


def test_true_lengths():
    X = random_log_mels([1, 7, 20], 20)
    X[1, :, 3] = 0  # silence within a clip, not padding
    np.testing.assert_array_equal(true_lengths(X), [1, 7, 20])
    assert true_lengths(np.zeros((1, 3, 20), np.float32)).tolist() == [20]


class Recorder(Callback):
    """Record the batches of both phases."""

    def initialize(self):
        self.train, self.valid, self.labels = [], [], []

    def on_batch_begin(self, net, batch, training, **kwargs):
        (self.train if training else self.valid).append(batch[0].numpy().copy())
        if training:
            self.labels.append(batch[1][0].numpy())


def test_leak_nothing_is_augmented_in_validation(log_mels, calls):
    seen = Recorder()
    classifier = CNN1DClassifier(
        augment=SpecAugmenter(),
        mixup_alpha=0.4,
        time_shift=0.5,
        gain_db=6.0,
        max_epochs=3,
        random_state=0,
        callbacks=[seen],
    )
    classifier.fit(log_mels, calls.target, groups=calls.groups)
    known = {row.tobytes() for row in log_mels}
    valid, train = (np.concatenate(part) for part in (seen.valid, seen.train))
    assert len(valid) and all(row.tobytes() in known for row in valid)
    assert not any(row.tobytes() in known for row in train)


def test_masks_are_redrawn_for_every_batch(log_mels, calls):
    seen = Recorder()
    options = dict(max_epochs=4, batch_size=64, early_stopping=False, random_state=0)
    CNN1DClassifier(augment=SpecAugmenter(), callbacks=[seen], **options).fit(
        log_mels, calls.target
    )
    hidden = [(batch == 0).all(axis=2).sum() for batch in seen.train]
    assert len(set(hidden)) > 1


def test_balanced_sampler_draws_classes_equally_often():
    y = np.repeat([0, 1, 2], [90, 20, 10])
    X = np.random.default_rng(0).normal(size=(120, 4, 6)).astype(np.float32)
    seen = Recorder()
    options = dict(max_epochs=15, early_stopping=False, random_state=0)
    CNN1DClassifier(sampler="balanced", callbacks=[seen], **options).fit(X, y)
    counts = np.bincount(np.concatenate(seen.labels))
    assert counts.sum() == 15 * 120
    np.testing.assert_allclose(counts / counts.sum(), 1 / 3, atol=0.05)


def test_one_cycle_rises_and_falls_over_the_whole_fit(log_mels, calls):
    classifier = CNN1DClassifier(
        lr_schedule="one_cycle", lr=0.01, early_stopping=False, max_epochs=10
    )
    classifier.fit(log_mels, calls.target)
    rates = [epoch["lr"] for epoch in classifier.history_]
    top = int(np.argmax(rates))
    assert 0 < top < 9 and max(rates) > 0.009 and rates[-1] < 1e-5
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    steady = CNN1DClassifier(lr_schedule=None, max_epochs=3).fit(log_mels, calls.target)
    assert [epoch["lr"] for epoch in steady.history_] == [0.001] * 3


@pytest.mark.parametrize("loss", ["focal", "class_balanced"])
def test_losses_fit_the_training_clips(loss, log_mels, calls):
    options = dict(max_epochs=25, early_stopping=False, random_state=0)
    classifier = CNN1DClassifier(loss=loss, **options).fit(log_mels, calls.target)
    assert classifier.score(log_mels, calls.target) > 0.9
    plain = CNN1DClassifier(**options).fit(log_mels, calls.target)
    difference = classifier.predict_proba(log_mels) - plain.predict_proba(log_mels)
    # With equal class counts the class-balanced loss is cross-entropy.
    assert (abs(difference).max() > 1e-3) == (loss == "focal")


def test_class_balanced_loss_rejects_class_weight(log_mels, calls):
    classifier = CNN1DClassifier(loss="class_balanced", class_weight="balanced")
    with pytest.raises(ValueError, match="class_weight='balanced' with loss="):
        classifier.fit(log_mels, calls.target)


def test_prediction_averages_over_the_crops_of_a_long_clip(calls):
    mel = LogMelExtractor(n_mels=16, n_frames=30)
    pipe = make_pipeline(mel, CNN1DClassifier(max_epochs=2, random_state=0))
    pipe.fit(calls.data, calls.target)
    classifier = pipe[-1]
    crops = LogMelExtractor(n_mels=16, n_frames=30, n_crops=3).transform(calls.data)
    each = [classifier.predict_proba(crops[:, k]) for k in range(3)]
    assert abs(each[0] - each[2]).max() > 1e-3
    np.testing.assert_allclose(
        classifier.predict_proba(crops), np.mean(each, axis=0), atol=1e-7
    )
