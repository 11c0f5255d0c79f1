import numpy as np
import pandas as pd
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from skaudio._utils.related_rows import connect_rows
from skaudio.audit import group_clips


def test_identical_sound_under_any_container(tmp_path):
    rng = np.random.default_rng(0)
    sound = rng.integers(-20000, 20000, 3000).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", sound, 16000)
    soundfile.write(tmp_path / "b.flac", sound, 16000)
    soundfile.write(tmp_path / "c.aiff", sound, 16000, subtype="PCM_24")
    soundfile.write(tmp_path / "d.wav", np.c_[sound, sound], 16000)
    soundfile.write(tmp_path / "e.wav", sound[:-1], 16000)
    soundfile.write(tmp_path / "f.wav", sound, 22050)
    (tmp_path / "g.wav").touch()
    files = sorted(tmp_path.iterdir())
    assert group_clips(files, near=False).tolist() == [0, 0, 0, 0, 1, 2, 3]
    # The clip that is one sample shorter is a near copy.
    assert group_clips(files).tolist() == [0, 0, 0, 0, 0, 1, 2]


def test_freesound_names_and_chains(tmp_path):
    rng = np.random.default_rng(0)
    names = [
        "1-100032-A-0.wav",
        "1-100032-B-0.wav",
        "2-100032-A.ogg",
        "1-100038-A-14.wav",
        "Dog_100032.wav",
    ]
    for name in names:
        soundfile.write(tmp_path / name, rng.uniform(-0.5, 0.5, 2000), 16000)
    # A renamed copy of take B ties itself to the whole source.
    copy = tmp_path / "renamed.wav"
    copy.write_bytes((tmp_path / names[1]).read_bytes())
    files = [tmp_path / name for name in names] + [copy]
    assert group_clips(files, n_jobs=2).tolist() == [0, 0, 0, 1, 2, 0]


def test_spans_of_one_file_are_one_group(tone):
    files = [tone("a.wav", seconds=2), tone("b.wav", 22050, seconds=3)]
    spans = pd.DataFrame(
        {"file": [*files, files[0]], "start_time": [0, 0, 1], "end_time": [0.5, 1, 2]}
    )
    assert group_clips(spans).tolist() == [0, 1, 0]


def test_equal_sound_is_one_group_in_the_real_data(animals_sounds):
    donkeys = sorted((animals_sounds / "Training" / "Donkey").iterdir())
    tests = [animals_sounds / "Test" / "Donkey" / "Donkey_49.wav"]
    groups = group_clips(tests + donkeys)
    assert 0 in groups[1:]


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 3))),
        min_size=1,
        max_size=8,
    )
)
def test_tie_is_the_finest_partition_that_honours_all_keys(rows):
    keys = list(zip(*rows, strict=True))
    groups = connect_rows(*keys)
    # Reference: merge sets until nothing changes.
    label = list(range(len(rows)))
    for _ in rows:
        for i in range(len(rows)):
            for j in range(len(rows)):
                if any(k[i] == k[j] and k[i] is not None for k in keys):
                    label[i] = label[j] = min(label[i], label[j])
    same = np.equal.outer(groups, groups)
    np.testing.assert_array_equal(same, np.equal.outer(label, label))
    assert groups[0] == 0 and set(groups) == set(range(groups.max() + 1))
