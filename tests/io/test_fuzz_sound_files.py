import time
import tracemalloc
import warnings

from sound_mutations import mutated

from skaudio import WavLoader
from skaudio.io import AudioFileError, read_audio

_LITTLE = 2**20  # bytes, for what does not grow with the file


def test_fuzz_gives_samples_or_one_line_that_names_the_file(tmp_path, capfd):
    n_refused = 0
    for number, (_, suffix, content) in enumerate(mutated(216)):
        path = tmp_path / f"{number}{suffix}"
        path.write_bytes(content)
        start, n_bytes = time.perf_counter(), 0
        tracemalloc.start()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                n_bytes = read_audio(path)[0].nbytes
            except AudioFileError as error:
                n_refused += 1
                assert "\n" not in str(error) and path.name in str(error)
        _, memory = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert memory < 3 * (len(content) + n_bytes + _LITTLE), path
        assert time.perf_counter() - start < 10, path
        assert path.read_bytes() == content
    assert 20 < n_refused < 216
    assert capfd.readouterr().err == ""  # no decoder writes there


def test_fuzz_among_sound_files_loses_no_other(tmp_path, tone):
    whole = tone("whole.wav", seconds=1.0)
    files = []
    for number, (_, suffix, content) in enumerate(mutated(48, seed=1)):
        path = tmp_path / f"{number}{suffix}"
        path.write_bytes(content)
        files += [path, whole]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = WavLoader(duration=1.0, on_error="nan").transform(files)
    assert (rows[1::2] == rows[1]).all()
