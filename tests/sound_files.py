"""Sound files, whole or with something changed, for tests."""

from pathlib import Path

import numpy as np
import soundfile

RATE = 16000


def sound(folder, name, waveform=None, **options):
    """Write a second of sound, and return its path."""
    if waveform is None:
        noise = 0.05 * np.random.default_rng(5).standard_normal(RATE)
        waveform = 0.3 * np.sin(0.2 * np.arange(RATE)) + noise
    options = {"samplerate": RATE, "format": Path(name).suffix[1:].upper()} | options
    if options["format"] in ("OPUS", "OGG"):
        options["subtype"] = {"OPUS": "OPUS", "OGG": "VORBIS"}[options["format"]]
        options["format"] = "OGG"
    soundfile.write(folder / name, waveform, **options)
    return folder / name


def change(path, position, content):
    """Write other bytes into a file."""
    whole = bytearray(path.read_bytes())
    whole[position : position + len(content)] = content
    path.write_bytes(whole)
    return path


def flac_total(path, n_samples):
    """Let the header of a FLAC file announce another length."""
    facts = int.from_bytes(path.read_bytes()[18:26], "big")
    facts = facts >> 36 << 36 | n_samples
    return change(path, 18, facts.to_bytes(8, "big"))


def xing_frames(path, n_frames):
    """Let the header of an MP3 file announce another length."""
    at = path.read_bytes().find(b"Xing")
    return change(path, at + 8, n_frames.to_bytes(4, "big"))


def bat_call(path):
    """Write calls at 45 kHz, as an ultrasonic recorder does, with its noise and DC."""
    rate, generator = 384000, np.random.default_rng(0)
    time = np.arange(rate // 4) / rate
    call = 0.3 * np.sin(2 * np.pi * 45000 * time) * (time % 0.1 < 0.01)
    wave = 0.05 + call + 0.002 * generator.standard_normal(len(time))
    soundfile.write(path, wave, rate, subtype="PCM_16")
    return path
