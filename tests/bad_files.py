"""Every kind of bad file, with its outcome: the rows of docs/guide/bad_files.md.

To add a kind, write a function that makes such a file in a folder, give it to `case`
and add the row to the page. `tests/io/test_bad_files.py` runs all cases and compares
them with the page.
"""

import os
from typing import NamedTuple

import numpy as np
from sound_files import RATE, bat_call, change, flac_total, sound, xing_frames

from skaudio import WavLoader
from skaudio.io import read_audio

CASES = []

LITTLE = (
    "a header that announces less than there is, also nothing, also wrapped at 4 GB",
    "warning",
    "holds … s, its header announces … s",
)
OPEN = ("a FLAC, WAV or MP3 stream, of which the header leaves the length open", "read")


class Case(NamedTuple):
    """A row of the page, and how to see that it is true."""

    kind: str
    outcome: str  # "read", "warning" or "refused"
    says: str  # part of the message; "…" stands for anything
    make: object  # from a folder to a file
    use: object  # of the file; raises, warns or neither
    name: str


def load(file):
    """Read a file as a model does."""
    return WavLoader().transform([file])[0]


def case(kind, outcome, says="", use=load, name=None):
    """Add what the decorated function makes to the cases."""

    def add(make):
        CASES.append(Case(kind, outcome, says, make, use, name or make.__name__))
        return make

    return add


# Files that are no sound.


@case("a path without a file", "refused", "no such file")
def absent(folder):
    return folder / "absent.wav"


@case("a folder in place of a file", "refused", "is a folder, expected a sound file")
def a_folder(folder):
    (folder / "clips.wav").mkdir()
    return folder / "clips.wav"


@case("a named pipe or a device", "refused", "is no regular file")
def a_pipe(folder):
    os.mkfifo(folder / "pipe.wav")
    return folder / "pipe.wav"


@case("an empty file", "refused", "the file is empty (0 bytes)")
def no_bytes(folder):
    (folder / "empty.wav").touch()
    return folder / "empty.wav"


def write(content, name):
    """Make a function that writes a file."""

    def make(folder):
        (folder / name).write_bytes(content)
        return folder / name

    return make


# .au makes libsndfile take any bytes for sound, .mp3 makes libmpg123 complain.
PAGE = b"<!DOCTYPE html><html><body>Not found</body></html>\n" * 20
for name in ("page.wav", "page.mp3", "page.au", "page.flac", "page.raw"):
    case(
        "text under the name of a sound file, such as a web page",
        "refused",
        "not a sound file that can be read (it holds text)",
        name=name,
    )(write(PAGE, name))
NOISE = b"\0\1\2" + np.random.default_rng(0).bytes(5000)
for name in ("bytes.wav", "bytes.mp3", "bytes.au"):
    case(
        "other bytes",
        "refused",
        "not a sound file that can be read (…)",
        name=name,
    )(write(NOISE, name))


@case(
    "m4a that is cut short, with its index at the end",
    "refused",
    "not a sound file that can be read (…)",
)
def m4a(folder):
    (folder / "clip.m4a").write_bytes(b"\0\0\0 ftypM4A ")
    return folder / "clip.m4a"


# Files with less or more sound than announced.


def cut_at_half(name):
    """Make a function that writes half of a file."""

    def make(folder):
        path = sound(folder, name)
        os.truncate(path, path.stat().st_size // 2)
        return path

    return make


for name in ("a.wav", "b.flac", "c.mp3", "d.aiff", "e.w64", "f.au", "g.caf", "h.rf64"):
    case(
        "a file that is cut short",
        "refused",
        "is cut short: holds … of the … s that it announces",
        name=f"cut {name}",
    )(cut_at_half(name))
for name in ("i.ogg", "j.opus"):
    case(
        "an Ogg or Opus file that is cut within a page",
        "refused",
        "is cut short: its last page is not complete",
        name=f"cut {name}",
    )(cut_at_half(name))


@case(
    "an Ogg or Opus file that ends with a whole page, but not the last",
    "warning",
    "its last page is not marked as the last: it may be cut",
)
def cut_between_pages(folder):
    path = sound(folder, "page.ogg")
    last = path.read_bytes().rfind(b"OggS")
    os.truncate(path, last)
    return path


@case(
    "a file that announces more than it holds",
    "refused",
    "is cut short: holds 1.00 of the 2.00 s that it announces",
)
def flac_announces_twice_its_length(folder):
    return flac_total(sound(folder, "twice.flac"), 2 * RATE)


def announce(name, *edits):
    """Make a function that writes a file and other lengths into its header."""

    def make(folder):
        path = sound(folder, name)
        for mark, offset, value, width, order in edits:
            at = path.read_bytes().find(mark) + offset
            change(path, at, value.to_bytes(width, order))
        return path

    return make


for name, *edits in (
    ("little.wav", (b"data", 4, 44, 4, "little")),
    ("nothing.wav", (b"data", 4, 0, 4, "little")),
    ("little.aiff", (b"SSND", 4, 52, 4, "big"), (b"COMM", 10, 22, 4, "big")),
    ("little.au", (b".snd", 8, 44, 4, "big")),
    ("little.caf", (b"data", 4, 48, 8, "big")),
    ("little.w64", (b"data", 16, 68, 8, "little")),
    ("little.rf64", (b"ds64", 16, 44, 8, "little")),
):
    case(*LITTLE, name=name)(announce(name, *edits))


@case(*LITTLE)
def flac_announces_little(folder):
    return flac_total(sound(folder, "little.flac"), 22)


@case(*LITTLE)
def mp3_announces_little(folder):
    return xing_frames(sound(folder, "little.mp3"), 2)


@case(*LITTLE, use=lambda file: read_audio(file, 536870.5))
def wav_beyond_4_gb(folder):
    """Write an 8-bit WAV of 4 GB and 1000 bytes at 8 kHz, almost all of it a hole."""
    path = folder / "long.wav"
    head = b"RIFF" + (1036).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\1\0\1\0"
    head += 2 * (8000).to_bytes(4, "little") + b"\1\0\x08\0data"
    head += (1000).to_bytes(4, "little")
    with open(path, "wb") as file:
        file.write(head + 2000 * b"\x70\x90")
        file.seek(len(head) + (1 << 32) + 1000 - 4000)
        file.write(2000 * b"\x70\x90")
    return path


def join(name):
    """Make a function that writes a file twice into one."""

    def make(folder):
        path = sound(folder, name)
        path.write_bytes(2 * path.read_bytes())
        return path

    return make


case(
    "MP3 files joined into one",
    "warning",
    "holds … s, its header announces … s",
    name="joined MP3",
)(join("joined.mp3"))
for name in ("two.wav", "two.flac", "two.ogg", "two.opus", "two.aiff"):
    case(
        "WAV, AIFF, FLAC, Ogg or Opus files joined into one",
        "refused",
        "holds several … files one after the other, the second from byte …",
        name=f"joined {name}",
    )(join(name))


for total in (0, (1 << 36) - 1):
    case(*OPEN, name=f"FLAC that announces {total}")(
        lambda folder, total=total: flac_total(sound(folder, "stream.flac"), total)
    )


@case(*OPEN)
def wav_from_a_pipe(folder):
    path = change(sound(folder, "stream.wav"), 4, b"\xff\xff\xff\xff")
    return change(path, 40, b"\xff\xff\xff\xff")


@case(*OPEN)
def mp3_of_open_length(folder):
    return xing_frames(sound(folder, "stream.mp3"), 0xFFFFFFFF)


@case(*OPEN)
def mp3_without_header(folder):
    # Of such a file libsndfile guesses the length by the first frame, which is short.
    path = sound(folder, "stream.mp3")
    return change(path, path.read_bytes().find(b"Xing"), b"\0\0\0\0")


@case("a file without samples", "refused", "holds no samples")
def no_samples(folder):
    return sound(folder, "nothing.wav", np.zeros(0))


# Damage.


@case(
    "damage within FLAC",
    "refused",
    "is damaged or cut short, it decodes only in part (…)",
)
def damaged_flac(folder):
    path = sound(folder, "hit.flac")
    return change(path, path.stat().st_size // 2, bytes(500))


@case("damage within MP3", "warning", "libmpg123 reports damage (…)")
def damaged_mp3(folder):
    path = sound(folder, "hit.mp3")
    at = path.read_bytes().find(b"\xff\xf3", path.stat().st_size // 2)
    return change(path, at + 4, b"\xff" * 40)


def sample(value, name):
    """Make a function that writes silence but for one sample, at 0.5 s."""

    def make(folder):
        waveform = np.r_[np.zeros(8000), value, np.zeros(100)]
        return sound(folder, name, waveform, subtype="FLOAT")

    return make


for value in (np.nan, -np.inf):
    case(
        "samples that are NaN or infinite",
        "refused",
        "holds NaN or infinite samples, the first at 0.500 s",
        name=f"a sample of {value}",
    )(sample(value, "float.wav"))
case(
    "samples above 10,000,000,000",
    "refused",
    "holds samples as large as 1e+30, the first at 0.500 s",
    name="a sample of 1e30",
)(sample(1e30, "huge.wav"))


@case("floats scaled like integers", "read")
def scaled_like_integers(folder):
    waveform = 2.0**31 * np.sin(np.arange(RATE))
    return sound(folder, "large.wav", waveform, subtype="FLOAT")


@case(
    "a sample rate below 100 Hz or above 10 MHz",
    "refused",
    "announces a sample rate of 1 Hz, expected 100 to 10000000 Hz: correct its header",
)
def one_hertz(folder):
    return change(sound(folder, "slow.wav"), 24, (1).to_bytes(4, "little"))


# Sound that a model cannot use.


@case(
    "95 % or more of the energy above the model's band, as in the call of a bat at "
    "45 kHz for a model at 16 kHz",
    "refused",
    "… of its energy lies above 8 kHz, which a model at sample_rate=16000 does not use",
)
def bat(folder):
    return bat_call(folder / "bat.wav")


@case(
    "stereo with one channel inverted",
    "warning",
    "its channels cancel: their mix has … dB less power than they have",
)
def inverted(folder):
    left = np.sin(np.arange(RATE)) / 2
    return sound(folder, "inverted.wav", np.c_[left + 0.1, 0.1 - 0.95 * left])


@case(
    "a channel that the file does not have",
    "refused",
    "has 1 channel(s), so there is no channel 1",
    use=lambda file: WavLoader(channel=1).transform([file]),
)
def mono(folder):
    return sound(folder, "mono.wav")


@case(
    "a span without sound, such as one after the end",
    "refused",
    "the span from 5 to 6 s holds no sound",
    use=lambda file: read_audio(file, 5, 6),
)
def late_span(folder):
    return sound(folder, "short.wav")


@case(
    "a span whose end is infinite or after the end of the file",
    "read",
    use=lambda file: read_audio(file, 0.5, np.inf),
)
def infinite_end(folder):
    return sound(folder, "short.wav")


@case("a name that is not UTF-8", "read")
def odd_name(folder):
    name = os.fsdecode(b"caf\xe9.wav")
    sound(folder, "cafe.wav").rename(folder / name)
    return folder / name


@case("silence", "read")
def silence(folder):
    return sound(folder, "silence.wav", np.zeros(RATE))


@case("a single sample", "read")
def one_sample(folder):
    return sound(folder, "one.wav", np.array([0.5]))
