import numpy as np
import pandas as pd
import soundfile

from skaudio.audit import group_clips


def test_identical_audio_in_any_container(tmp_path):
    rng = np.random.default_rng(0)
    waveform = rng.integers(-20000, 20000, 3000).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", waveform, 16000)
    soundfile.write(tmp_path / "b.flac", waveform, 16000)
    soundfile.write(tmp_path / "c.aiff", waveform, 16000, subtype="PCM_24")
    soundfile.write(tmp_path / "d.wav", np.c_[waveform, waveform], 16000)
    soundfile.write(tmp_path / "e.wav", waveform[:-1], 16000)
    soundfile.write(tmp_path / "f.wav", waveform, 22050)
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
    # A renamed copy of take B joins the group of the source.
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


def test_copies_are_one_group_in_the_real_data(animals_sounds):
    donkeys = sorted((animals_sounds / "Training" / "Donkey").iterdir())
    tests = [animals_sounds / "Test" / "Donkey" / "Donkey_49.wav"]
    groups = group_clips(tests + donkeys)
    assert 0 in groups[1:]
