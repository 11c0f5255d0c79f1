import tracemalloc

import numpy as np
import pytest
import soundfile
from sklearn.pipeline import make_pipeline

from skaudio import COLAEncoder, LogMelExtractor, WavLoader, load_model
from skaudio.io import clip_windows
from skaudio.self_supervised import fit_on_recordings

MEL = dict(n_mels=16, n_fft=256, hop_length=256, n_frames=32)
FEATURES = make_pipeline(
    WavLoader(sample_rate=8000), LogMelExtractor(sample_rate=8000, **MEL)
)


@pytest.fixture
def recordings(tmp_path):
    """Ten minutes of noise in two files."""
    rng = np.random.default_rng(0)
    for name in ("a.wav", "b.wav"):
        noise = rng.normal(0, 0.1, 8000 * 300)
        soundfile.write(tmp_path / name, noise, 8000)
    return tmp_path


def fit(windows, **options):
    encoder = COLAEncoder("cnn1d", batch_size=32, random_state=0)
    return fit_on_recordings(encoder, windows, FEATURES, chunk_size=40, **options)


def test_every_window_is_used_once_per_epoch(recordings):
    windows = clip_windows(recordings, 1.0)
    read = []

    class RecordingLoader(WavLoader):
        def transform(self, X):
            read.append(X)
            return super().transform(X)

    features = make_pipeline(RecordingLoader(sample_rate=8000), FEATURES[-1])
    encoder = COLAEncoder("cnn1d", random_state=0)
    done = []
    fit_on_recordings(
        encoder,
        windows[:101],
        features,
        n_epochs=2,
        chunk_size=40,
        on_chunk=lambda *progress: done.append(progress[:2]),
    )
    assert done == [(k, 6) for k in range(1, 7)]
    spans = [list(chunk.itertuples(index=False, name=None)) for chunk in read]
    for epoch in (spans[:3], spans[3:]):
        learned = [span for chunk in epoch for span in chunk]
        assert sorted(learned) == windows.index[:101].tolist()
        assert max(map(len, epoch)) <= 40
    assert spans[0] != spans[3]


def test_a_resumed_fit_equals_an_unbroken_one(recordings, tmp_path):
    windows = clip_windows(recordings, 1.0)[:200]
    whole = fit(windows, n_epochs=2)

    def stop(n_done, n_chunks, encoder):
        if n_done == 7:
            raise KeyboardInterrupt

    checkpoint = tmp_path / "encoder.joblib"
    with pytest.raises(KeyboardInterrupt):
        fit(windows, n_epochs=2, checkpoint=checkpoint, on_chunk=stop)
    assert load_model(checkpoint).n_passes_ == 7
    resumed = fit(windows, n_epochs=2, checkpoint=checkpoint)
    assert resumed.n_passes_ == whole.n_passes_ == 10
    X = FEATURES.fit_transform(windows)
    np.testing.assert_array_equal(resumed.transform(X), whole.transform(X))
    with pytest.raises(ValueError, match="on other clips"):
        fit(windows[1:], n_epochs=2, checkpoint=checkpoint)


def test_memory_does_not_grow_with_the_recordings(recordings):
    windows = clip_windows(recordings, 1.0)
    fit(windows[:80])  # what is loaded once
    peaks = []
    for n_windows in (150, 600):
        tracemalloc.start()
        fit(windows[:n_windows])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    more_bytes = (600 - 150) * 8000 * 4
    assert peaks[1] - peaks[0] < 0.1 * more_bytes


def test_fit_on_recordings_errors_say_what_was_expected(recordings):
    windows = clip_windows(recordings, 1.0)
    with pytest.raises(ValueError, match="random_state=None of the encoder"):
        fit_on_recordings(COLAEncoder(), windows, FEATURES)
    with pytest.raises(ValueError, match="the number of clips is 1"):
        fit(windows[:1])
    with pytest.raises(ValueError, match="n_epochs is 0"):
        fit(windows, n_epochs=0)
