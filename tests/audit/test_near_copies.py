import io
from itertools import combinations

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from skaudio.audit import near_copies
from skaudio.audit._near_copies import near_copies_of_waveforms
from skaudio.datasets import make_animal_sounds, make_wind
from skaudio.datasets._wind import coloured_noise

SAMPLE_RATE = 16000
COLUMNS = ["i", "j", "similarity", "offset", "overlap"]


@pytest.fixture(scope="module")
def clips():
    """Calls of few animals each, so that there are many calls of one individual."""
    return make_animal_sounds(
        12, n_classes=6, n_individuals=2, n_noise=8, random_state=0
    )


def trimmed(x):
    lost = int(0.3 * len(x))
    return x[lost // 2 : len(x) - (lost - lost // 2)]


def padded(x):
    return np.append(np.zeros(SAMPLE_RATE, dtype=np.float32), x)


def noisy(x, exponent):
    rng = np.random.RandomState(len(x))
    noise = coloured_noise(len(x), exponent, SAMPLE_RATE, rng)
    return (x + 0.1 * np.sqrt(np.mean(x**2)) * noise).astype(np.float32)


def telephone(x):
    return soxr.resample(soxr.resample(x, SAMPLE_RATE, 8000), 8000, SAMPLE_RATE)


def vorbis(x):
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", SAMPLE_RATE, 1, format="OGG", compression_level=0.7
    ) as file:
        for start in range(0, len(x), 4096):
            file.write(x[start : start + 4096])
    buffer.seek(0)
    return soundfile.read(buffer, dtype="float32")[0]


TRANSFORMATIONS = {
    "trimmed": trimmed,
    "padded": padded,
    "white": lambda x: noisy(x, 0),
    "pink": lambda x: noisy(x, 1),
    "quiet": lambda x: 0.25 * x,
    "telephone": telephone,
    "vorbis": vorbis,
}
CHAINS = [
    *((name,) for name in TRANSFORMATIONS),
    *combinations(TRANSFORMATIONS, 2),
]


def pairs_of(waveforms, sample_rate=SAMPLE_RATE, **kwargs):
    return near_copies_of_waveforms(waveforms, sample_rate, **kwargs)


@pytest.mark.parametrize("chain", CHAINS, ids="+".join)
def test_copies_are_found_and_nothing_else(clips, chain):
    originals = clips.data[::6]
    copies = list(originals)
    for name in chain:
        copies = [TRANSFORMATIONS[name](x) for x in copies]
    pairs = pairs_of([*originals, *copies])
    n = len(originals)
    assert (pairs.j == pairs.i + n).all()
    # Noise added twice can mask the faintest call.
    assert len(pairs) >= (n if len(chain) == 1 else n - 1)
    assert pairs.similarity.between(0.5, 1).all()


def test_other_calls_of_an_individual_are_no_copies(clips):
    assert len(np.unique(clips.groups)) == 12  # so 6 calls each
    pairs = pairs_of(clips.data)
    assert len(pairs) == 0
    assert list(pairs.columns) == COLUMNS
    assert pairs.dtypes.map(str).tolist() == ["int64"] * 2 + ["float64"] * 3


def test_offset_and_overlap(clips):
    x = max(clips.data, key=len)
    pairs = pairs_of([x, x[8003:], padded(x)])
    assert pairs[["i", "j"]].values.tolist() == [[0, 1], [0, 2], [1, 2]]
    start = 8003 / SAMPLE_RATE
    assert_allclose(pairs.offset, [start, -1, -1 - start], atol=1e-4)
    length = len(x) / SAMPLE_RATE
    assert_allclose(pairs.overlap, [length - start, length, length - start], atol=1e-3)
    assert (pairs.similarity > 0.98).all()


def test_exact_copies_have_similarity_one(clips):
    pairs = pairs_of([clips.data[0], clips.data[9], clips.data[0]])
    assert pairs[["i", "j"]].values.tolist() == [[0, 2]]
    assert_allclose(pairs.similarity, 1, atol=1e-6)
    assert_allclose(pairs.offset, 0, atol=1e-9)


def test_reversed_polarity_is_a_copy(clips):
    assert len(pairs_of([clips.data[0], -clips.data[0]])) == 1


@pytest.mark.parametrize("seconds", [0.2, 0.3, 0.5])
def test_short_clips(seconds):
    short = make_animal_sounds(
        4, n_classes=6, n_individuals=2, duration=seconds, n_noise=0, random_state=1
    ).data
    copies = [vorbis(noisy(x, 0)) for x in short]
    pairs = pairs_of([*short, *copies])
    right = pairs.j == pairs.i + len(short)
    assert right.sum() >= 23  # of 24
    assert right.all()


def test_a_long_clip_contains_a_short_one(clips):
    call = max(clips.data, key=len)
    wind = np.random.RandomState(0).standard_normal(20 * SAMPLE_RATE) * 0.01
    wind[5 * SAMPLE_RATE :][: len(call)] += call
    pairs = pairs_of([call, wind.astype(np.float32)])
    assert_allclose(pairs.offset, -5, atol=1e-3)


def test_sample_rates_may_differ(clips):
    x = clips.data[0]
    other = soxr.resample(x, SAMPLE_RATE, 22050)
    assert len(pairs_of([x, other], [SAMPLE_RATE, 22050])) == 1
    assert len(pairs_of([x, other])) == 0


def steady_waveforms():
    rng = np.random.RandomState(0)
    t = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    silence = [np.zeros(n, dtype=np.float32) for n in (SAMPLE_RATE, 48000)]
    tones = [
        level * np.sin(2 * np.pi * 1000 * t[:n] + phase)
        for level, n, phase in [(0.5, 48000, 0), (0.1, 48000, 1), (0.5, 30000, 2)]
    ]
    insects = [
        np.sin(2 * np.pi * 3000 * t + k) * (1 + 0.5 * np.sin(2 * np.pi * 20 * t + k))
        + 0.05 * rng.standard_normal(len(t))
        for k in range(4)
    ]
    hum = [
        sum(np.sin(2 * np.pi * 50 * h * t + k * h) / h for h in range(1, 6))
        + 0.01 * rng.standard_normal(len(t))
        for k in range(4)
    ]
    wind = [make_wind(48000, SAMPLE_RATE, rng) for _ in range(4)]
    hiss = [rng.standard_normal(48000) for _ in range(4)]
    constant = [np.full(SAMPLE_RATE, value) for value in (0.1, 0.2)]
    return silence, tones, insects, hum, wind, hiss, constant


def test_steady_waveforms_are_no_copies_of_each_other():
    kinds = steady_waveforms()
    assert len(pairs_of([x for kind in kinds for x in kind])) == 0
    # Silence and pure tones are never paired.
    for kind in (kinds[0], kinds[1], kinds[-1]):
        assert len(pairs_of([kind[0], kind[0], kind[-1], kind[-1]])) == 0


def test_wind_has_copies_too(clips):
    copies = [vorbis(trimmed(x)) for x in clips.noise]
    pairs = pairs_of([*clips.noise, *copies])
    assert pairs[["i", "j"]].values.tolist() == [[k, 8 + k] for k in range(8)]


def test_odd_waveforms_are_in_no_pair(clips):
    x = clips.data[0]
    odd = [
        np.empty(0),
        np.ones(1),
        np.ones(2),
        np.full(9000, np.nan),
        x.copy(),
        1e-7 * x,
    ]
    odd[4][100] = np.inf
    odd = [np.asarray(waveform, dtype=np.float32) for waveform in odd]
    pairs = pairs_of([*odd, *odd, x, x])
    assert pairs[["i", "j"]].values.tolist() == [[12, 13]]
    for few in ([], [x], odd[:1], odd):
        assert len(pairs_of(few)) == 0
    with pytest.raises(ValueError, match=r"shape \(2, 9\), expected \(n_samples,\)"):
        pairs_of([np.zeros((2, 9))])


def test_files_spans_and_unreadable_files(clips, tmp_path):
    x = max(clips.data, key=len)
    soundfile.write(tmp_path / "a.wav", x, SAMPLE_RATE)
    soundfile.write(tmp_path / "b.flac", clips.data[0], SAMPLE_RATE)
    soundfile.write(
        tmp_path / "stereo.wav", np.stack([x, x], 1) / 4, SAMPLE_RATE, subtype="PCM_24"
    )
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    nan = np.full(SAMPLE_RATE, np.nan, dtype=np.float32)
    soundfile.write(tmp_path / "nan.wav", nan, SAMPLE_RATE, subtype="FLOAT")
    names = ["broken.wav", "a.wav", "nan.wav", "b.flac", "none.wav", "stereo.wav"]
    files = [tmp_path / name for name in names]
    assert near_copies(files)[["i", "j"]].values.tolist() == [[1, 5]]
    import pandas as pd

    table = pd.DataFrame({"file": files[1:2] * 2, "start_time": [0, 0.5]})
    table["end_time"] = 2.0
    pairs = near_copies(table)
    assert_allclose(pairs[["i", "j", "offset"]].to_numpy(), [[0, 1, 0.5]], atol=1e-3)


def test_deterministic_for_any_number_of_jobs(clips):
    waveforms = [*clips.data[::4], *map(trimmed, clips.data[::4])]
    pairs = pairs_of(waveforms)
    assert_frame_equal(pairs, pairs_of(waveforms, n_jobs=2))


@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_order_does_not_matter(clips, data):
    originals = clips.data[::18]
    noise = [noisy(trimmed(x), 1) for x in originals]
    waveforms = [*originals, *noise, *originals, *(0.5 * x for x in noise)]
    # Of one clip more copies than a clip has candidates.
    waveforms += [noisy(originals[0][: 9000 + 50 * k], k % 2) for k in range(20)]
    pairs = pairs_of(waveforms)
    order = np.array(data.draw(st.permutations(range(len(waveforms)))))
    found = pairs_of([waveforms[k] for k in order])
    i, j = order[found.i], order[found.j]
    found = found.assign(
        i=np.minimum(i, j),
        j=np.maximum(i, j),
        offset=np.where(i < j, found.offset, -found.offset),
    ).sort_values(["i", "j"], ignore_index=True)
    assert_frame_equal(pairs, found)


def connected(pairs, n):
    reached = {0}
    for _ in range(n):
        for i, j in zip(pairs.i, pairs.j, strict=True):
            if i in reached or j in reached:
                reached |= {i, j}
    return len(reached) == n


def test_many_copies_of_one_clip_are_connected(clips):
    x = clips.data[3][:8000]
    pairs = pairs_of([noisy(x[k:], k % 2) for k in range(60)])
    assert connected(pairs, 60)
    assert len(pairs) <= 60 * 15


def test_all_pairs_of_equal_clips_are_listed(clips):
    x = clips.data[3][:8000]
    pairs = pairs_of([x, *[noisy(x, 0)] * 14, x])
    assert pairs[["i", "j"]].values.tolist() == [
        list(p) for p in combinations(range(16), 2)
    ]


@settings(max_examples=10, deadline=None)
@given(
    k=st.integers(0, 71),
    gain=st.floats(1e-3, 100),
    start=st.floats(0, 0.4),
    pad=st.integers(0, 30000),
)
def test_gain_and_shift(clips, k, gain, start, pad):
    # Of half a second, cut and shifted by half a frame, some share no hash.
    long = [x for x in clips.data if len(x) >= SAMPLE_RATE]
    x = long[k % len(long)]
    n = int(start * len(x))
    if np.sum(x[n:] ** 2) < 0.5 * np.sum(x**2):
        n = 0  # the cut would remove the call
    y = np.append(np.zeros(pad, dtype=np.float32), gain * x[n:])
    pairs = pairs_of([x, y])
    assert len(pairs) == 1
    assert_allclose(pairs.offset, (n - pad) / SAMPLE_RATE, atol=2e-4)
    # Cut, then padded: part of the overlap is silent in one of them.
    assert pairs.similarity[0] > (0.95 if n == 0 else 0.5)
