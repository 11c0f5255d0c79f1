import numpy as np

from skaudio.self_supervised._crops import crops, random_starts, resized_crops
from skaudio.self_supervised._log_mixup import log_mixup


def padded(lengths, n_bands=4, n_frames=30):
    """Make log-mels whose frame t holds t + 1, and zeros from their length on."""
    log_mels = np.zeros((len(lengths), n_bands, n_frames), np.float32)
    for log_mel, length in zip(log_mels, lengths, strict=True):
        log_mel[:, :length] = np.arange(1, length + 1)
    return log_mels


def test_crops_come_from_the_part_without_padding():
    lengths = np.tile([3, 10, 11, 30], 50)
    log_mels = padded(lengths)
    rng = np.random.default_rng(0)
    starts = random_starts(log_mels, 10, rng)
    cut = crops(log_mels, starts, 10)
    assert cut.shape == (200, 4, 10) and (cut > 0).all()
    # Longer clips: frames in a row, from all places. Shorter ones: repeated.
    long = cut[lengths > 10, 0]
    assert (np.diff(long, axis=1) == 1).all()
    assert long.min() == 1 and long.max() == 30
    short = cut[lengths == 3, 0]
    assert ((np.diff(short, axis=1) - 1) % 3 == 0).all() and {*short[:, 0]} == {1, 2, 3}


def test_resized_crops_are_0_past_the_ends_in_time():
    rng = np.random.default_rng(0)
    log_mels = rng.normal(size=(64, 16, 20)).astype(np.float32)
    same = resized_crops(log_mels, rng, scale=(1, 1), room=1)
    np.testing.assert_allclose(same, log_mels, atol=1e-4)
    ones = resized_crops(np.ones((64, 16, 20), np.float32), rng)
    # Past the ends in time there are zeros; in pitch crops stay inside.
    inside = ones[:, :, 9:11].mean(axis=(1, 2))
    np.testing.assert_allclose(np.median(inside), 1, atol=0.01)
    edges = ones[..., 0].mean(axis=1), ones[..., -1].mean(axis=1)
    assert np.min(edges) < 0.05 and np.max(edges) > 0.95
    # A tone keeps being one tone, in another band.
    tone = np.zeros((64, 16, 20), np.float32)
    tone[:, 8] = 1
    bands = resized_crops(tone, rng)[:, :, 10].argmax(axis=1)
    assert len(set(bands)) > 3


def test_log_mixup_adds_powers_and_the_clip_stays_stronger():
    rng = np.random.default_rng(0)
    log_mels = rng.normal(size=(8, 4, 5)).astype(np.float32)
    np.testing.assert_allclose(log_mixup(log_mels, rng, 0.0), log_mels, atol=1e-4)
    mixed = np.exp(log_mixup(log_mels, rng, 0.4))
    powers = np.exp(log_mels)
    # Some r of at most 0.4 and some other log-mel explain each result.
    for row in range(8):
        others = np.delete(np.arange(8), row)
        shares = (mixed[row] - powers[row]) / (powers[others] - powers[row])
        spread = shares.std(axis=(1, 2))
        partner = spread.argmin()
        assert spread[partner] < 1e-3 and 0 <= shares[partner].mean() <= 0.4
