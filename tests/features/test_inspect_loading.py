import numpy as np
import pytest
import soundfile
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sound_files import bat_call

from skaudio import MFCCStatistics, WavLoader
from skaudio.datasets import load_audio_folder
from skaudio.features import drop_unreadable, inspect_loading, set_channel


@pytest.fixture
def files(tmp_path):
    """Stereo, mono, and the call of a bat."""
    wave = 0.5 * np.sin(np.arange(8000))
    soundfile.write(tmp_path / "stereo.wav", np.c_[wave, -0.9 * wave], 16000)
    soundfile.write(tmp_path / "mono.wav", wave, 16000)
    bat_call(tmp_path / "bat.wav")
    return [str(tmp_path / name) for name in ("stereo.wav", "mono.wav", "bat.wav")]


def refused(estimator, files):
    return inspect_loading(estimator, files)["error"].notna().tolist()


def test_each_model_reads_with_its_own_loader(files):
    assert refused(WavLoader(channel=1), files) == [False, True, True]
    assert refused(WavLoader(192000), files) == [False, False, False]
    branches = make_union(
        make_pipeline(WavLoader(192000), MFCCStatistics()),
        make_pipeline(WavLoader(), MFCCStatistics()),
    )
    assert refused(make_pipeline(branches, DummyClassifier()), files)[2]
    assert refused([WavLoader(channel=1), WavLoader()], files) == [False, True, True]
    # A model of the files alone has no loader.
    assert refused(DummyClassifier(), files) == [False, False, False]


def test_facts_are_those_of_what_is_loaded(files):
    mix = inspect_loading(WavLoader(), files)
    assert mix["file"].tolist() == files
    assert mix["duration"].tolist()[:2] == [0.5, 0.5] and np.isnan(mix["duration"][2])
    np.testing.assert_allclose(mix["peak"][:2], [0.025, 0.5], atol=0.01)
    assert [*mix["odd"][0]] == ["cancelling in the mix"] and mix["odd"][1] is None
    loudest = inspect_loading(WavLoader(channel="loudest"), files)
    assert loudest["peak"][0] > 0.4 and loudest["odd"].isna().all()


def test_a_loader_within_a_search_is_found(files):
    model = make_pipeline(WavLoader(), MFCCStatistics(n_mels=32), DummyClassifier())
    search = GridSearchCV(model, {"wavloader__channel": [1]}, cv=2)
    search.fit(files[:1] * 4, ["a", "b"] * 2)
    assert refused(search, files) == [False, True, True]


def test_drop_unreadable(clip_folder, tmp_path):
    for kind in ("cat", "cow"):
        (tmp_path / kind).mkdir()
        for n, file in enumerate(sorted(clip_folder.glob(f"{kind}/*.wav"))[:2]):
            (tmp_path / kind / f"{n}.wav").write_bytes(file.read_bytes())
    bat_call(tmp_path / "cat" / "a.wav")
    (tmp_path / "bat").mkdir()
    bat_call(tmp_path / "bat" / "bat.wav")
    clips = load_audio_folder(tmp_path)
    assert len(clips.data) == 6 and drop_unreadable(clips, WavLoader(192000)) is clips
    with pytest.warns(UserWarning, match=r"2 of 6 clips cannot(?s:.*)a\.wav"):
        kept = drop_unreadable(clips, WavLoader())
    assert kept.target.tolist() == ["cat", "cat", "cow", "cow"]
    assert kept.target_names == ["cat", "cow"] and len(kept.frame) == 4
    assert kept.frame["file"].tolist() == kept.data.tolist()
    assert sorted({*kept.groups}) == [*range(len({*kept.groups}))]
    assert len(kept.rejected) == 2 and len(clips.rejected) == 0
    with pytest.raises(ValueError, match=r"None of 6 clips can be read; .*channel 3"):
        drop_unreadable(clips, WavLoader(channel=3))


def test_set_channel():
    union = make_union(WavLoader(), WavLoader(48000))
    assert set_channel(union, "1") is union
    assert [one.channel for _, one in union.transformer_list] == [1, 1]
    with pytest.raises(ValueError, match="'channel' parameter of WavLoader"):
        set_channel(WavLoader(), "left")
