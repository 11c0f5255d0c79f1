import pickle
import warnings

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skaudio import AudioFileError, LogMelExtractor, WavLoader
from skaudio.augment import CalibratedNoiseMixer, NoiseMixer
from skaudio.augment._noise import Noise

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


@settings(max_examples=60, deadline=None)
@given(
    n_samples=st.integers(40, 5000),
    signal_db=st.floats(-60, 0),
    noise_db=st.floats(-60, 0),
    snr_db=st.floats(-30, 50),
    offset=st.sampled_from([0.0, 0.3]),
    level=st.sampled_from(["active", "rms"]),
    seed=st.integers(0, 2**31),
)
def test_the_snr_asked_for_is_achieved(
    n_samples, signal_db, noise_db, snr_db, offset, level, seed
):
    rng = np.random.default_rng(seed)
    envelope = np.repeat(10.0 ** rng.uniform(-3, 0, 8), -(-n_samples // 8))[:n_samples]
    signal, noise = rng.normal(size=(2, n_samples))
    clip = np.float32(10 ** (signal_db / 20) * envelope * signal + offset)
    noise *= 10 ** (noise_db / 20)
    mixer = CalibratedNoiseMixer(
        noise, snr_db=snr_db, level=level, sample_rate=8000, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ((same, view),) = mixer.fit_transform(clip[np.newaxis])
    np.testing.assert_array_equal(same, clip)
    assert np.abs(view).max() <= 1
    # The noise has one cut only, so that it tells by how much the view was scaled.
    clean, noise = np.float64(clip), noise - noise.mean()
    (scale, gain), *_ = np.linalg.lstsq(np.stack([clean, noise], 1), np.float64(view))
    np.testing.assert_allclose(view, scale * clean + gain * noise, atol=1e-5)
    mixed = view / scale - clean
    assert snr_achieved(clip, mixed, level, 8000) == pytest.approx(snr_db, abs=0.1)
    assert mixer.snr_db_ == pytest.approx(np.array([[snr_db]]))


@pytest.mark.parametrize("noise_seconds", [0.05, 0.3, 3.0])
@pytest.mark.parametrize(
    "mixer_class, level", [(NoiseMixer, "rms"), (CalibratedNoiseMixer, "active")]
)
def test_snr_of_looped_and_cut_noise(mixer_class, level, noise_seconds):
    clips = pulses(12)
    noise = [white(int(noise_seconds * 8000), seed) for seed in range(3)]
    mixer = mixer_class(noise, snr_db=(0, 20), sample_rate=8000, random_state=0)
    views = mixer.fit_transform(clips)
    for clip, (_, view), asked in zip(clips, views, mixer.snr_db_[:, 0], strict=True):
        got = snr_achieved(clip, np.float64(view) - clip, level, 8000)
        assert got == pytest.approx(asked, abs=0.1)
    assert 0 <= mixer.snr_db_.min() and mixer.snr_db_.max() <= 20


def test_active_level_leaves_the_pause_out():
    clips = pulses(1, n_samples=4096)  # 256 samples a frame
    options = dict(snr_db=10, sample_rate=8000, random_state=0)
    active = CalibratedNoiseMixer(white(4000), **options).fit_transform(clips)
    rms = CalibratedNoiseMixer(white(4000), level="rms", **options).fit_transform(clips)
    louder = np.std(active[0, 1] - clips[0]) / np.std(rms[0, 1] - clips[0])
    assert 20 * np.log10(louder) == pytest.approx(6, abs=0.5)  # a quarter is sound


@pytest.mark.parametrize("n_views", [1, 3])
def test_snrs_and_noises_are_even_within_every_class(n_views):
    rng = np.random.default_rng(0)
    y = rng.permutation(np.repeat(["cat", "cow", "dog", "owl"], [23, 7, 3, 1]))
    noise = np.stack([white(500, seed) for seed in range(5)])
    mixer = CalibratedNoiseMixer(
        noise, snr_db=(10, 20), n_views=n_views, sample_rate=8000, random_state=0
    )
    mixer.fit_transform(pulses(len(y), n_samples=400), y)
    assert mixer.snr_db_.shape == mixer.noise_index_.shape == (len(y), n_views)
    for label in np.unique(y):
        snr_db = mixer.snr_db_[y == label].ravel()
        place = np.sort((snr_db - 10) / 10 * len(snr_db)).astype(int)
        np.testing.assert_array_equal(place, np.arange(len(snr_db)))
        counts = np.bincount(mixer.noise_index_[y == label].ravel(), minlength=5)
        assert np.ptp(counts) <= 1
    assert np.ptp(np.bincount(mixer.noise_index_.ravel(), minlength=5)) <= 1
    # The order is random: neither the SNR nor the noise follows the row.
    assert (np.diff(mixer.snr_db_[y == "cat", 0]) < 0).any()
    assert n_views == 1 or (np.diff(mixer.snr_db_, axis=1) < 0).any()
    mixer.fit_transform(pulses(len(y), n_samples=400))
    place = np.sort((mixer.snr_db_.ravel() - 10) / 10 * mixer.snr_db_.size).astype(int)
    np.testing.assert_array_equal(place, np.arange(mixer.snr_db_.size))


def test_clips_that_cannot_be_mixed_take_no_share():
    clips = pulses(9, n_samples=400)
    clips[[1, 4]], clips[7] = 0, np.nan
    mixer = CalibratedNoiseMixer([white(500, 1), white(500, 2)], sample_rate=8000)
    with pytest.warns(UserWarning, match="2 of 9 clips are silent") as caught:
        mixer.fit_transform(clips, np.arange(9) % 2)
    assert len(caught) == 1
    even = mixer.snr_db_[[0, 2, 6, 8], 0]
    assert sorted(((even - 10) / 10 * 4).astype(int)) == [0, 1, 2, 3]
    assert np.bincount(mixer.noise_index_[[0, 2, 6, 8], 0]).tolist() == [2, 2]


def test_p_is_the_share_of_mixed_views():
    clips = pulses(200, n_samples=100)
    mixer = NoiseMixer(white(500), n_views=2, p=0.3, sample_rate=8000, random_state=0)
    views = mixer.fit_transform(clips)
    mixed = mixer.noise_index_ >= 0
    assert 0.2 < mixed.mean() < 0.4
    np.testing.assert_array_equal(mixed, np.isfinite(mixer.snr_db_))
    same = (views[:, 1:] == clips[:, np.newaxis]).all(axis=2)
    np.testing.assert_array_equal(same, ~mixed)


@both
def test_kinds_of_input_and_views(mixer_class):
    clips = pulses(4)
    mixer = mixer_class(white(900), n_views=2, sample_rate=8000, random_state=0)
    stacked = mixer.fit_transform(clips)
    assert stacked.shape == (4, 3, 4000) and stacked.dtype == np.float32
    np.testing.assert_array_equal(stacked[:, 0], clips)
    assert not (stacked[:, 1] == stacked[:, 2]).all(axis=1).any()
    loose = mixer.fit_transform(ragged(*clips))
    assert loose.shape == (4,) and loose.dtype == object
    for of_object, of_float in zip(loose, stacked, strict=True):
        np.testing.assert_array_equal(of_object, of_float)
    unequal = ragged(clips[0], clips[1][:1500])
    assert [views.shape for views in mixer.fit_transform(list(unequal))] == [
        (3, 4000),
        (3, 1500),
    ]
    # What already has views keeps them; the new ones come from view 0.
    more = mixer.fit_transform(stacked)
    assert more.shape == (4, 5, 4000)
    np.testing.assert_array_equal(more[:, :3], stacked)
    np.testing.assert_array_equal(more[:, 3:], stacked[:, 1:])
    for of_object, of_float in zip(mixer.fit_transform(loose), more, strict=True):
        np.testing.assert_array_equal(of_object, of_float)
    with pytest.raises(ValueError, match=r"got the path .a\.wav.: put a WavLoader"):
        mixer.fit_transform(np.array(["a.wav"], dtype=object))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        mixer.fit_transform(clips, [0, 1])


@both
def test_transform_is_the_identity(mixer_class):
    clips = pulses(3)
    mixer = mixer_class("no such folder", sample_rate=8000).fit(clips)
    assert np.shares_memory(mixer.transform(clips), clips)
    np.testing.assert_array_equal(mixer.transform(clips), clips)
    views = np.stack([clips, clips], axis=1)
    np.testing.assert_array_equal(mixer.transform(views), views)
    for loose in (ragged(clips[0], clips[1][:90]), ragged(*views), ragged(*clips)):
        same = mixer_class("no such folder").transform(loose)
        assert same.dtype == object and same.shape == loose.shape
        for got, own in zip(same, loose, strict=True):
            assert np.shares_memory(got, own) and got.shape == own.shape


@both
def test_looped_noise_does_not_click(mixer_class):
    time = np.arange(1730) / 8000  # no whole number of periods
    clips = pulses(20, n_samples=16000)
    mixer = mixer_class(
        np.sin(2 * np.pi * 97 * time), snr_db=0, sample_rate=8000, random_state=0
    )
    noise = np.diff(mixer.fit_transform(clips), axis=1)[:, 0].astype(float)
    noise /= np.median(np.abs(noise), axis=1, keepdims=True) * np.sqrt(2)
    steepest = 2 * np.pi * 97 / 8000
    # Two sines, faded with equal power, are at most sqrt(2) as steep as one.
    assert np.abs(np.diff(noise, axis=1)).max() < 1.6 * steepest


def test_white_noise_keeps_its_power_across_the_seam():
    loops = [Noise(white(800, seed), 8000).looped() for seed in range(200)]
    assert {len(loop) for loop in loops} == {640}  # 20 ms shorter
    power = np.mean(np.square(loops), axis=0).reshape(-1, 40).mean(axis=1)
    np.testing.assert_allclose(power, 0.01, rtol=0.1)


@both
def test_an_offset_of_the_noise_is_not_heard(mixer_class):
    clips, noise = pulses(6), white(9000)
    views, same = (
        mixer_class(source, sample_rate=8000, random_state=0).fit_transform(clips)
        for source in (noise, noise + 5)
    )
    np.testing.assert_allclose(same, views, atol=1e-5)


@both
def test_nothing_clips_and_the_snr_stays(mixer_class):
    clips = np.float32(0.99 * np.sin(np.arange(4000) / 9))[np.newaxis]
    noise = white(4000)
    mixer = mixer_class(noise, snr_db=3, sample_rate=8000, random_state=0)
    ((same, view),) = mixer.fit_transform(clips)
    np.testing.assert_array_equal(same, clips[0])
    assert np.abs(view).max() == 1
    basis = np.stack([clips[0], noise - noise.mean()], 1).astype(float)
    (scale, _), *_ = np.linalg.lstsq(basis, view.astype(float))
    assert scale < 0.9
    got = snr_achieved(clips[0], view / scale - clips[0], "rms", 8000)
    assert got == pytest.approx(3, abs=0.1)


@both
def test_silence_nan_and_one_sample(mixer_class):
    sound = pulses(1)[0]
    clips = ragged(
        np.zeros(800), sound, [np.nan], [0.5], np.full(800, 0.3), sound.copy()
    )
    clips[5][7] = np.nan
    mixer = mixer_class(white(900), n_views=2, sample_rate=8000, random_state=0)
    with pytest.warns(UserWarning, match="3 of 6 clips are silent") as caught:
        views = mixer.fit_transform(clips)
    assert len(caught) == 1
    for row in (0, 2, 3, 4, 5):
        for view in views[row]:
            np.testing.assert_array_equal(view, clips[row])
    mixed = np.array([False, True, False, False, False, False])
    np.testing.assert_array_equal((mixer.noise_index_ >= 0).all(axis=1), mixed)
    np.testing.assert_array_equal(np.isfinite(mixer.snr_db_).all(axis=1), mixed)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(mixer.fit_transform(np.full((2, 50), np.nan))).all()


@both
def test_the_gain_is_finite_where_most_of_the_noise_is_silence(mixer_class):
    click = np.zeros(80000)
    click[70000:70040] = white(40)
    gust = np.r_[1e-6 * white(40000), white(2000)]
    mixer = mixer_class([click, gust], snr_db=10, sample_rate=8000, random_state=0)
    clips = pulses(20)
    views = mixer.fit_transform(clips)
    assert np.isfinite(views).all() and (mixer.noise_index_ >= 0).all()
    level = "active" if mixer_class is CalibratedNoiseMixer else "rms"
    for clip, view in zip(clips, views[:, 1], strict=True):
        assert np.abs(view - clip).max() < 20 * np.abs(clip).max()
        if np.abs(view).max() < 1:
            got = snr_achieved(clip, np.float64(view) - clip, level, 8000)
            assert got == pytest.approx(10, abs=0.1)


@both
def test_a_few_samples_never_explode(mixer_class):
    clips = ragged(*(white(size, size) for size in range(1, 9)))
    slow = np.sin(np.arange(20000) / 5000)
    mixer = mixer_class(
        [slow, white(3)], snr_db=0, n_views=2, sample_rate=8000, random_state=0
    )
    with pytest.warns(UserWarning, match="of 8 clips are silent .or of too few"):
        views = mixer.fit_transform(clips)
    assert all(np.isfinite(view).all() and np.abs(view).max() <= 1 for view in views)
    mixed = mixer.noise_index_ >= 0
    np.testing.assert_array_equal(mixed, np.isfinite(mixer.snr_db_))
    for row in range(8):
        same = (views[row][1:] == clips[row]).all(axis=1)
        np.testing.assert_array_equal(same, ~mixed[row])
    # Next to nothing happens in five samples of a slow wave.
    with pytest.warns(UserWarning, match="5 of 5 clips are silent .or of too few"):
        mixer.set_params(noise=slow).fit_transform(clips[:5])


def test_bad_noise_is_named(tmp_path, tone):
    clips = pulses(2)

    def error_of(noise, kind=ValueError):
        with pytest.raises(kind) as caught:
            NoiseMixer(noise).fit_transform(clips)
        return str(caught.value)

    good, broken = tone("noise/good.wav"), tmp_path / "noise" / "broken.wav"
    silent = tmp_path / "noise" / "silent.wav"
    soundfile.write(silent, np.full(800, 0.1), 16000)
    assert f"{silent}: silent" in error_of(tmp_path / "noise")
    broken.write_bytes(b"no sound")
    for noise in (str(tmp_path / "noise"), [good, broken]):
        assert f"{broken}: not a sound file" in error_of(noise, AudioFileError)
    assert "no such file" in error_of(tmp_path / "absent", AudioFileError)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert f"{empty}: no audio in it" in error_of(empty)
    assert "noise[1], noise[2]: silent" in error_of([white(9), np.ones(9), np.zeros(5)])
    assert "noise[1] holds NaN" in error_of([white(9), np.full(9, np.nan)])
    assert "noise[0] is of shape (2, 3)" in error_of([np.ones((2, 3))])
    assert "noise=[] is empty" in error_of([])
    assert "among other things" in error_of([good, white(9)])


@both
def test_ways_to_give_noise(mixer_class, tone):
    paths = [tone(f"noise/{name}.wav", sample_rate=8000) for name in "ab"]
    tones, _ = soundfile.read(paths[0], dtype="float32")
    clips = pulses(6)
    ways = [
        paths[0].parent,
        str(paths[0].parent),
        paths,
        np.array([str(path) for path in paths]),
        [tones, tones],
        ragged(tones, tones),
        np.stack([tones, tones]),
    ]
    views = [
        mixer_class(noise, sample_rate=8000, random_state=0).fit_transform(clips)
        for noise in ways
    ]
    assert all((other == views[0]).all() for other in views)
    one = [
        mixer_class(noise, sample_rate=8000, random_state=0).fit_transform(clips)
        for noise in (paths[0], tones, tones.tolist())
    ]
    assert all((other == one[0]).all() for other in one)
    # Files come at any rate: a tone of 440 Hz stays one.
    resampled = mixer_class(paths, sample_rate=16000, random_state=0, n_jobs=2)
    noise = np.diff(resampled.fit_transform(pulses(1)), axis=1)[0, 0]
    spectrum = np.abs(np.fft.rfft(noise))
    assert spectrum.argmax() * 16000 / len(noise) == pytest.approx(440, abs=4)


@both
def test_seeds(mixer_class):
    clips, noise = pulses(5), [white(9000, 1), white(300, 2)]
    state = np.random.get_state()[1].copy()  # noqa: NPY002

    def views(seed):
        mixer = mixer_class(noise, sample_rate=8000, random_state=seed)
        return mixer.fit_transform(clips)

    np.testing.assert_array_equal(views(3), views(3))
    np.testing.assert_array_equal(views(3), views(np.random.RandomState(3)))
    assert (views(3) != views(4)).any() and (views(None) != views(None)).any()
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize(
    "snr_db",
    [(20, 0), (1, 2, 3), (), (0, np.nan), np.inf, ("a", 1), [0, 1e9], ((1, 2),)],
)
@both
def test_bad_snr_db_is_told(mixer_class, snr_db):
    with pytest.raises(ValueError, match=r"^snr_db=.*, expected a number or a pair"):
        mixer_class(white(9), snr_db=snr_db).fit(pulses(2))


@both
def test_pickles_are_small(mixer_class, tone):
    folder = tone("noise/long.wav", seconds=20.0).parent
    mixer = mixer_class(folder, random_state=0)
    mixer.fit_transform(pulses(10))
    assert len(pickle.dumps(mixer)) < 5000
    again = pickle.loads(pickle.dumps(mixer))
    np.testing.assert_array_equal(again.snr_db_, mixer.snr_db_)


@both
@pytest.mark.parametrize("duration", [None, 0.5])
def test_in_a_pipeline_and_a_search(mixer_class, duration, clip_folder):
    files = sorted(clip_folder.glob("*/*.wav"))[:16]
    y = [path.parent.name for path in files]
    noise = clip_folder.parent / "Noise" / "wind"
    shapes = []

    def note(X):
        shapes.append(X.shape)
        return X.reshape(len(X), -1)

    pipe = Pipeline(
        [
            ("load", WavLoader(duration=duration)),
            ("noise", mixer_class(noise, n_views=2, random_state=0)),
            ("mel", LogMelExtractor(n_mels=8, n_frames=100)),
            ("note", FunctionTransformer(note)),
            ("clf", DummyClassifier()),
        ]
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* clips are longer than duration")
        pipe.fit(files, y).predict(files[:3])
        assert shapes == [(16, 3, 8, 100), (3, 8, 100)]
        assert pipe["noise"].snr_db_.shape == (16, 2)
        grid = {"noise": [None, clone(pipe["noise"])]}
        search = GridSearchCV(pipe, grid, cv=2).fit(files, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@both
def test_real_clips_in_real_wind(mixer_class, animals_sounds):
    files = sorted(animals_sounds.glob("Training/*/*"))[::60]
    clips = ragged(*(0.1 * clip for clip in WavLoader().transform(files)))
    mixer = mixer_class(
        sorted(animals_sounds.glob("Noise/wind/*"))[:8], n_views=2, random_state=0
    )
    views = mixer.fit_transform(clips, [file.parent.name for file in files])
    level = "active" if mixer_class is CalibratedNoiseMixer else "rms"
    for row, clip in enumerate(clips):
        np.testing.assert_array_equal(views[row][0], clip)
        for view, asked in zip(views[row][1:], mixer.snr_db_[row], strict=True):
            assert np.abs(view).max() < 1  # so that the difference is the noise
            got = snr_achieved(clip, np.float64(view) - clip, level, 16000)
            assert got == pytest.approx(asked, abs=0.1)
    assert (mixer.noise_index_ >= 0).all()
