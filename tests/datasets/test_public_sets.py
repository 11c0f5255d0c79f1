import os
from pathlib import Path

import numpy as np
import pytest
from fetch_site import ANIMALS, CLIPS, FETCHERS, of_unknown_length, packed

from skaudio._utils import public_clips
from skaudio.datasets import _public_archives as archives
from skaudio.datasets import (
    _public_sets,
    fetch_animals_sounds,
    fetch_esc10,
    fetch_esc50,
    fetch_sasmaz_tek,
)

ROWS = {"animals_sounds": 695, "sasmaz_tek": 875, "esc10": 400}


def test_animals_sounds(site, home, options, capsys):
    train = fetch_animals_sounds(**options)
    assert train.data.tolist() == [
        str(home / "animals_sounds" / path)
        for path in CLIPS["animals_sounds"]
        if path.startswith("Training")
    ]
    assert train.data.dtype == object
    assert train.target.tolist() == ["Cat", "Cat", "Dog", "Dog"]
    assert train.target.dtype.kind == "U"
    assert train.target_names == ["Cat", "Dog"]
    assert train.groups[2] == train.groups[3]
    assert len(set(train.groups)) == 3
    assert train.frame["file"].tolist() == train.data.tolist()
    assert train.frame["label"].tolist() == train.target.tolist()
    assert train.frame["group"].tolist() == train.groups.tolist()
    assert set(train.frame["split"]) == {"train"}
    test = fetch_animals_sounds("test", **options)
    assert np.isin(test.groups, train.groups).tolist() == [True, False]
    noise = fetch_animals_sounds("noise", **options)
    assert noise.target.tolist() == ["wind"]
    everything = fetch_animals_sounds("all", **options)
    assert len(everything.data) == 7
    assert everything.frame["split"].value_counts().to_dict() == {
        "train": 4,
        "test": 2,
        "noise": 1,
    }
    assert "fold" not in train
    assert "CC BY-NC 3.0" in train.DESCR and "Piczak" in train.DESCR

    assert len(site.requests) == 1
    out, err = capsys.readouterr()
    assert out == ""  # commands print their results there
    assert err.count("Licence:") == err.count("Please cite:") == 1
    assert "\r" not in err and "\x1b" not in err  # no bar without a terminal
    assert (home / "animals_sounds" / "README.md").read_text() == "Read me"
    assert not (home / "animals_sounds" / "unlisted.wav").exists()
    assert os.listdir(home) == ["animals_sounds"]


def test_sasmaz_tek(site, options):
    clips = fetch_sasmaz_tek(**options)
    assert clips.target.tolist() == ["lion", "lion", "cat", "cat"]
    assert clips.target_names == ["cat", "lion"]
    assert clips.groups.tolist() == [0, 0, 1, 2]
    assert "75 %" in clips.DESCR and "Sasmaz" in clips.DESCR


def test_esc10(site, options):
    site.script = [of_unknown_length]  # as GitHub does
    clips = fetch_esc10(**options)
    assert clips.target.tolist() == ["dog_bark", "dog_bark", "rooster", "rooster"]
    assert clips.fold.tolist() == clips.frame["fold"].tolist() == [1, 5, 3, 3]
    assert clips.groups.tolist() == [0, 1, 2, 2]
    assert "CC BY 3.0" in clips.DESCR


def test_esc50(site, home, options, esc50_files):
    site.put("esc50", packed("esc50", esc50_files))
    clips = fetch_esc50(**options)
    assert clips.data.shape == clips.fold.shape == clips.groups.shape == (400,)
    assert clips.target_names == sorted(ANIMALS[:10])
    assert len(set(clips.groups)) == 200
    assert all(clips.frame.groupby("group")["src_file"].nunique() == 1)
    assert np.bincount(clips.fold).tolist() == [0, 80, 80, 80, 80, 80]
    assert all(Path(file).is_file() for file in clips.data)
    assert "No hash of each file" in clips.DESCR and "CC BY-NC 3.0" in clips.DESCR
    wind = fetch_esc50("wind", **options)
    assert wind.target_names == ["wind"]
    assert not set(wind.groups) & set(clips.groups)
    assert len(fetch_esc50("all", **options, verify=True).data) == 2000
    assert len(site.requests) == 1

    # A file cut short, one that does not decode and an incomplete list are repaired.
    cut_short, silent = Path(clips.data[3]), Path(clips.data[4])
    originals = cut_short.read_bytes(), silent.read_bytes()
    cut_short.write_bytes(originals[0][:-4])
    fetch_esc50(**options)
    assert cut_short.read_bytes() == originals[0]
    silent.write_bytes(originals[1][:20] + b"\xff\xff" + originals[1][22:])
    fetch_esc50(**options, verify=True)
    assert silent.read_bytes() == originals[1]
    meta = home / "esc50" / "meta" / "esc50.csv"
    listed = meta.read_text()
    meta.write_text(listed[: listed.rindex("\n", 0, -1) + 1])
    with pytest.raises(OSError, match=r"esc50\.csv: lists 1999 clips, expected 2000"):
        fetch_esc50(**options, download_if_missing=False)
    fetch_esc50(**options)
    assert meta.read_text() == listed
    assert len(site.requests) == 4


def test_esc50_list_with_paths_outside_the_folder(site, home, options, esc50_files):
    meta = esc50_files["meta/esc50.csv"][1]
    outside = meta.replace(b"1-0-A-0.wav", b"../../../1-0-A-0.wav")
    site.put(
        "esc50", packed("esc50", esc50_files | {"meta/esc50.csv": (None, outside)})
    )
    with pytest.raises(
        OSError, match=r"'\.\./\.\./\.\./1-0-A-0\.wav', expected a name"
    ):
        fetch_esc50(**options)
    assert os.listdir(home) == []


def test_return_X_y(site, options):
    bunch = fetch_esc10(**options)
    data, target = fetch_esc10(**options, return_X_y=True)
    assert data.tolist() == bunch.data.tolist()
    assert target.tolist() == bunch.target.tolist()


def test_data_home(site, home, options, tmp_path, monkeypatch):
    def folder(**kwargs):
        return Path(fetch_esc10(**options, **kwargs).data[0]).parents[2]

    assert folder() == home
    assert folder(data_home=tmp_path / "a") == tmp_path / "a"
    assert folder(data_home=str(tmp_path / "b")) == tmp_path / "b"
    monkeypatch.delenv("SKAUDIO_DATA")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert folder() == tmp_path / "skaudio_data"


@pytest.mark.parametrize("name", FETCHERS)
def test_download_if_missing_false(name, home):
    with pytest.raises(OSError, match="no such folder") as error:
        FETCHERS[name](download_if_missing=False)
    message = str(error.value)
    archive = getattr(archives, name.upper())
    url = f"https://github.com/{archive.repository}/archive/{archive.commit}.zip"
    for part in (
        str(home / name),
        url,
        "as base_url (--base-url)",
        "download_if_missing=False",
    ):
        assert part in message
    assert "\n" not in message
    assert not home.exists()


@pytest.mark.parametrize(
    ("fetch", "wrong", "message"),
    [
        (
            fetch_animals_sounds,
            {"split": "valid"},
            "split='valid': expected one of 'train'",
        ),
        (fetch_animals_sounds, {"split": ["all"]}, r"split=\['all'\]: expected"),
        (fetch_esc50, {"classes": "dog"}, "classes='dog': expected one of 'animals'"),
        (fetch_esc10, {"base_url": "ftp://x"}, "base_url='ftp://x': expected"),
        (fetch_esc10, {"timeout": 0}, "timeout=0"),
        (fetch_esc10, {"n_retries": -1}, "n_retries=-1"),
    ],
)
def test_wrong_parameters(home, fetch, wrong, message):
    with pytest.raises(ValueError, match=message):
        fetch(**wrong)


@pytest.mark.parametrize("name", ROWS)
def test_shipped_registry(name):
    table = archives.read_registry(name)
    assert table.columns.tolist() == ["path", "label", "bytes", "sha256"]
    assert len(table) == table["path"].nunique() == ROWS[name]
    assert table.notna().all(axis=None) and (table["bytes"] > 44).all()
    assert table["sha256"].str.fullmatch("[0-9a-f]{64}").all()
    assert table["label"].str.fullmatch("[A-Za-z_]+").all()
    assert not table["path"].str.lower().duplicated().any()  # as disks may see them
    turkish = "aslan esek inek kedi kopek koyun kurbaga kus maymun tavuk".split()
    assert not table["label"].str.lower().isin(turkish).any()
    assert not table["path"].str.contains(r"\.\.|\\|^/").any()


@pytest.mark.parametrize("name", ROWS)
def test_shipped_registry_is_the_one_given(name, shared_data):
    given = shared_data / "registry" / f"{name}.csv"
    shipped = public_clips._REGISTRY / f"{name}.csv"
    assert shipped.read_bytes() == given.read_bytes()


def test_real_animals_sounds(tmp_path, animals_sounds):
    (tmp_path / "animals_sounds").symlink_to(animals_sounds)
    options = {"data_home": tmp_path, "download_if_missing": False, "verify": True}
    train = fetch_animals_sounds("train", **options)
    test = fetch_animals_sounds("test", **options)
    noise = fetch_animals_sounds("noise", **options)
    assert [len(part.data) for part in (train, test, noise)] == [590, 65, 40]
    assert train.target_names == test.target_names and len(test.target_names) == 13
    assert np.isin(test.groups, train.groups).sum() == 6


def test_every_public_set_is_described():
    for archive in (getattr(archives, name.upper()) for name in FETCHERS):
        text = archives.describe(archive)
        for part in ("Source: ", archive.commit, "Licence: ", "Please cite: "):
            assert part in text
        assert len(archive.commit) == 40
    assert set(FETCHERS) == set(archives.LICENCES) == set(archives.CITATIONS)
    assert {f"fetch_{name}" for name in FETCHERS} == {
        name for name in vars(_public_sets) if name.startswith("fetch_")
    } - {"fetch_archive"}
