import os
import shutil

import numpy as np
import pytest
import soundfile

from skaudio.audit import drop_leaks, find_leaks
from skaudio.datasets import load_audio_folder, make_animal_sounds
from skaudio.export import load_model, save_model
from skaudio.features import LogMelExtractor
from skaudio.model_selection import SourceGroupKFold


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    """Training clips, and test clips of which three are leaked."""
    root = tmp_path_factory.mktemp("splits")
    make_animal_sounds(5, n_classes=2, output_dir=root / "a", random_state=0)
    make_animal_sounds(4, n_classes=2, output_dir=root / "b", random_state=9)
    train, test = root / "a" / "Training", root / "b" / "Training"
    known = sorted(train.rglob("*.wav"))
    shutil.copy(known[0], test / "cat" / "x_exact.wav")
    waveform, rate = soundfile.read(known[1])
    soundfile.write(test / "cat" / "x_near.wav", waveform[rate // 10 :] / 3, rate)
    rng = np.random.default_rng(0)
    for folder, name in ((train, "2-55-A-5.wav"), (test, "2-55-C-5.wav")):
        soundfile.write(folder / "cat" / name, rng.uniform(-0.5, 0.5, 9000), 16000)
    return load_audio_folder(train), load_audio_folder(test)


EXPECTED = {
    "2-55-C-5.wav": "same source",
    "x_exact.wav": "exact copy",
    "x_near.wav": "near copy",
}


def by_name(leaks):
    files = leaks["test_file"].map(os.path.basename)
    return dict(zip(files, leaks["relation"], strict=True))


def test_find_leaks_names_leak_and_relation(splits):
    train, test = splits
    assert by_name(find_leaks(train, test)) == EXPECTED
    assert by_name(find_leaks(train.data.tolist(), test.data.tolist())) == EXPECTED
    without = find_leaks(train, test, near=False)
    assert set(by_name(without)) == set(EXPECTED) - {"x_near.wav"}


def test_drop_leaks_from_either_side(splits):
    train, test = splits
    same, clean = drop_leaks(train, test)
    assert same is train and len(clean.data) == len(test.data) - 3
    assert find_leaks(train, clean).empty
    assert len(clean.frame) == len(clean.target) == len(clean.groups)
    thinned, same = drop_leaks(train, test, drop="train")
    assert same is test and len(thinned.data) == len(train.data) - 3
    assert find_leaks(thinned, test).empty
    with pytest.raises(ValueError, match="drop='both': expected"):
        drop_leaks(train, test, drop="both")


@pytest.mark.parametrize("name", ["model.skaudio", "model.joblib"])
def test_a_saved_model_has_its_training_clips(name, splits, tmp_path):
    train, test = splits
    model, path = LogMelExtractor(), tmp_path / name
    with pytest.raises(ValueError, match="saved without its training clips"):
        find_leaks(model, test)
    save_model(model, path)
    with pytest.raises(ValueError, match="saved without its training clips"):
        find_leaks(path, test)
    save_model(model, path, training_clips=train)
    assert not hasattr(model, "training_clips_")
    model = load_model(path)
    assert by_name(find_leaks(model, test)) == EXPECTED
    assert by_name(find_leaks(path, test)) == EXPECTED
    # The training files have moved: exact copies and sources are still found.
    model.training_clips_["file"] = "/gone" + model.training_clips_["file"]
    without = {key: EXPECTED[key] for key in ("2-55-C-5.wav", "x_exact.wav")}
    leaks = find_leaks(model, test)
    assert by_name(leaks) == without and not leaks.attrs["near"]
    # Also for paths instead of a Bunch.
    assert by_name(find_leaks(model, test.data.tolist())) == without


def test_source_group_kfold_has_no_leak(animals_sounds):
    clips = load_audio_folder(animals_sounds / "Training", n_jobs=2)
    known = clips.frame["source"].notna().to_numpy()
    assert 200 < known.sum() < 590
    scored = np.zeros(590, int)
    folds = SourceGroupKFold(random_state=0)
    for train, test in folds.split(clips.data, clips.target, clips.groups):
        assert not set(clips.groups[train]) & set(clips.groups[test])
        assert known[test].all()
        scored[test] += 1
    np.testing.assert_array_equal(scored, known)
    with pytest.raises(ValueError, match="sources of only 0 groups"):
        next(folds.split(["a.wav", "b.wav"], ["x", "y"], [0, 1]))
