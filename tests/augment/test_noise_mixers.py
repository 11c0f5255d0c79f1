import pickle
import warnings

import numpy as np
import pytest
from mixer_inputs import both, pulses, ragged, white
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skaudio import LogMelExtractor, WavLoader


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
def test_silence_nan_and_one_sample(mixer_class):
    clip = pulses(1)[0]
    clips = ragged(np.zeros(800), clip, [np.nan], [0.5], np.full(800, 0.3), clip.copy())
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
def test_clips_of_a_few_samples_stay_finite(mixer_class):
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
    # Five samples of a slow wave hold next to no power.
    with pytest.warns(UserWarning, match="5 of 5 clips are silent .or of too few"):
        mixer.set_params(noise=slow).fit_transform(clips[:5])


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
