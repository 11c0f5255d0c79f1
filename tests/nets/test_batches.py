"""Augmentation of training batches, and none of validation batches."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from skorch.callbacks import Callback

from skaudio import CNN1DClassifier, LogMelExtractor, SpecAugmenter
from skaudio._nets.batches import BatchAugmentation, list_augmenters
from skaudio._utils.log_mels import true_lengths
from skaudio.augment import Gain, MelShift, Mixup, TimeShift, TrainingBatch
from skaudio.classifiers import ClassBalancedLoss, FocalLoss


def random_log_mels(lengths, n_frames, n_bands=3, seed=0):
    """Random log-mels, zero past their lengths."""
    X = np.random.default_rng(seed).uniform(1, 2, (len(lengths), n_bands, n_frames))
    X[np.arange(n_frames) >= np.reshape(lengths, (-1, 1, 1)) + np.zeros((1, 3, 1))] = 0
    return X.astype(np.float32)


def augmented(X, augmenters, decibel=1.0):
    rng = np.random.default_rng(0)
    augment = BatchAugmentation(X[:, None], rng, augmenters, decibel)
    return augment(np.arange(len(X)), np.eye(len(X), dtype=np.float32))


def test_augmenters_act_in_order_and_share_one_generator():
    X = random_log_mels([20, 5, 12, 20], 20)
    augmenters = [Gain(6.0), TimeShift(0.5), MelShift(1), SpecAugmenter(), Mixup(1.0)]
    log_mels, targets = augmented(X, augmenters, decibel=0.1)
    # One after the other, by hand, with the same draws.
    rng = np.random.default_rng(0)
    rng.integers(1, size=4)  # the views
    batch = TrainingBatch(X.copy(), true_lengths(X), np.eye(4, dtype=np.float32), 0.1)
    for augmenter in augmenters:
        augmenter.augment_batch(batch, rng)
    np.testing.assert_array_equal(log_mels, batch.log_mels)
    np.testing.assert_array_equal(targets, batch.targets)


def test_the_order_of_a_list_matters():
    X = random_log_mels([20] * 6, 20)
    masks = SpecAugmenter(2, 2, mask_value=-9.0)
    masked_last, _ = augmented(X, [Gain(1.0), masks])
    masked_first, _ = augmented(X, [masks, Gain(1.0)])
    assert (masked_last == -9).any() and not (masked_first == -9).any()
    assert (abs(masked_first + 9) < 1).any()
    # Masks before mixup hide a part of each of the two clips.
    mixed_last, _ = augmented(X, [masks, Mixup(2.0)])
    mixed_first, _ = augmented(X, [Mixup(2.0), masks])
    levels = len(np.unique(mixed_last[mixed_last < 0].round(4)))
    assert levels > 1 == len(np.unique(mixed_first[mixed_first < 0]))


def test_augmentation_leaves_the_rows_of_x_unchanged():
    X = random_log_mels([20, 5, 12, 20], 20)
    before = X.copy()
    augmented(X, [Gain(6.0), TimeShift(0.5), MelShift(1), SpecAugmenter(), Mixup(1.0)])
    np.testing.assert_array_equal(X, before)


def test_views_are_drawn_of_the_given_rows():
    X = np.arange(12, dtype=np.float32).reshape(4, 3, 1, 1) + np.ones((1, 1, 2, 5))
    augment = BatchAugmentation(X.astype(np.float32), np.random.default_rng(0))
    drawn = [augment([1, 3])[0] for _ in range(30)]
    assert {*np.ravel([batch[0] for batch in drawn])} == {4, 5, 6}
    assert {*np.ravel([batch[1] for batch in drawn])} == {10, 11, 12}


def test_one_augmenter_a_list_or_none():
    gain, mixup = Gain(), Mixup()
    assert list_augmenters(None) == list_augmenters([]) == []
    assert list_augmenters(gain) == [gain]
    assert list_augmenters([gain, mixup]) == list_augmenters((gain, mixup))
    with pytest.raises(ValueError, match=r"augment=\[Gain\(\), 6\]: 6 has no method"):
        list_augmenters([gain, 6])


def test_gain_is_in_decibels_of_the_log_mel():
    """Log-mels in dB change by up to max_db, normalised ones by a 17th of that."""
    rng = np.random.default_rng(0)
    decibels = (17 * rng.standard_normal((40, 8, 30))).astype(np.float32)
    for X, unit in ((decibels, 1.0), (decibels / 17, 1 / 17)):
        seen = Recorder()
        classifier = CNN1DClassifier(
            augment=Gain(6.0), max_epochs=1, early_stopping=False, callbacks=[seen]
        )
        classifier.fit(X, np.arange(40) % 2)
        means = np.concatenate(seen.train).mean(axis=(1, 2))
        moves = means[:, None] - X.mean(axis=(1, 2))
        nearest = np.abs(moves).min(axis=1)
        assert nearest.max() < 6.5 * unit
        spread = np.concatenate(seen.train).mean(axis=(1, 2)).std()
        np.testing.assert_allclose(spread, 6 * unit / 3**0.5, rtol=0.35)


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
        augment=[Gain(6.0), TimeShift(0.5), MelShift(2), SpecAugmenter(), Mixup(0.4)],
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


@pytest.mark.parametrize(
    "name, loss, other",
    [
        ("focal", FocalLoss(2.0), FocalLoss(0.5)),
        ("class_balanced", ClassBalancedLoss(0.99), ClassBalancedLoss(0.5)),
        ("cross_entropy", FocalLoss(0.0), FocalLoss(1.0)),
        ("cross_entropy", ClassBalancedLoss(0.0), ClassBalancedLoss(0.9)),
    ],
)
def test_a_name_is_a_loss_with_its_default_parameters(name, loss, other, log_mels):
    y = np.where(np.arange(36) < 6, "rare", "common")
    named, same, changed = (
        CNN1DClassifier(loss=one, max_epochs=2, early_stopping=False, random_state=0)
        .fit(log_mels, y)
        .predict_proba(log_mels)
        for one in (name, loss, other)
    )
    np.testing.assert_array_equal(named, same)
    assert not np.allclose(named, changed, atol=1e-4)


def test_class_balanced_loss_rejects_class_weight(log_mels, calls):
    for loss in ("class_balanced", ClassBalancedLoss(0.9)):
        classifier = CNN1DClassifier(loss=loss, class_weight="balanced")
        message = "class_weight='balanced' with the class-balanced loss"
        with pytest.raises(ValueError, match=message):
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
