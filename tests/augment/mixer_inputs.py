"""Clips and noise for the tests of the noise mixers, and the SNR achieved."""

import numpy as np
import pytest

from skaudio.augment import CalibratedNoiseMixer, NoiseMixer

MIXERS = [NoiseMixer, CalibratedNoiseMixer]
both = pytest.mark.parametrize("mixer_class", MIXERS)


def ragged(*waveforms):
    clips = np.empty(len(waveforms), dtype=object)
    for row, waveform in enumerate(waveforms):
        clips[row] = np.asarray(waveform, np.float32)
    return clips


def pulses(n_clips, seed=0, n_samples=4000, level=0.05):
    """Clips that are loud in their second quarter and next to silent elsewhere."""
    rng = np.random.default_rng(seed)
    clips = 1e-4 * level * rng.normal(size=(n_clips, n_samples))
    start = n_samples // 4
    clips[:, start : 2 * start] = level * rng.normal(size=(n_clips, start))
    return clips.astype(np.float32)


def white(n_samples, seed=0, level=0.1):
    return level * np.random.default_rng(seed).normal(size=n_samples)


def snr_achieved(clip, noise, level, sample_rate):
    """As the documentation defines it, frame by frame; `noise` as it was mixed."""
    clip, noise = np.float64(clip) - np.mean(clip, dtype=float), np.float64(noise)
    if level == "active":
        size = round(0.032 * sample_rate)
        frames = [slice(at, at + size) for at in range(0, len(clip), size)]
        decibels = [10 * np.log10(np.mean(clip[f] ** 2) + 1e-300) for f in frames]
        kept = [
            frame
            for frame, own in zip(frames, decibels, strict=True)
            if own >= max(decibels) - 30
        ]
        clip = np.concatenate([clip[frame] for frame in kept])
        noise = np.concatenate([noise[frame] for frame in kept])
    return 10 * np.log10(np.sum(clip**2) / np.sum(noise**2))
