import numpy as np
import pytest
from matplotlib import pyplot
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skaudio import (
    CalibratedNoiseMixer,
    EnhancedCNN1DClassifier,
    LogMelExtractor,
    SpecAugmenter,
)
from skaudio.augment import Gain, Mixup
from skaudio.displays import LogMelDisplay


def test_log_mel_axes_are_seconds_and_hertz():
    """A tone is drawn at its time and frequency."""
    time = np.arange(32000) / 16000
    beep = np.sin(2 * np.pi * 2000 * time) * ((time > 1.0) & (time < 1.2))
    for htk in (False, True):
        extractor = LogMelExtractor(n_mels=64, n_frames=200, htk=htk)
        display = LogMelDisplay(extractor.transform([beep]), extractor).plot()
        (image,) = display.ax_.get_images()
        log_mel = image.get_array()
        # The clip lasts 2 of the 6.4 s.
        assert log_mel.shape == (64, 63)
        band, frame = np.unravel_index(log_mel.argmax(), log_mel.shape)
        left, right, _, _ = image.get_extent()
        at = left + (frame + 0.5) * (right - left) / 63
        assert 1.0 <= at <= 1.2
        ticks = [text.get_text() for text in display.ax_.get_yticklabels()]
        place = display.ax_.get_yticks()[ticks.index("2000")]
        assert abs(place - band) < 1


def test_log_mel_views_are_those_of_training(calls):
    mixer = CalibratedNoiseMixer(calls.noise, snr_db=(0, 0))
    pipe = make_pipeline(
        mixer,
        LogMelExtractor(n_mels=32, n_frames=130),
        EnhancedCNN1DClassifier(augment=SpecAugmenter()),
    )
    display = LogMelDisplay.from_estimator(
        pipe, calls.data[:2], calls.target[:2], random_state=0, names=["a", "b"]
    )
    assert display.axes_.shape == (2, 3)
    titles = [panel.get_title() for panel in display.axes_[0]]
    assert titles == ["clip", "view 1", "view 1, augmented"]
    assert display.axes_[1, 0].get_ylabel().startswith("b")
    clean, noisy, masked = (panel.get_images()[0] for panel in display.axes_[0])
    expected = LogMelExtractor(n_mels=32, n_frames=130).transform(calls.data[:1])[0]
    n_frames = clean.get_array().shape[1]
    np.testing.assert_array_equal(clean.get_array(), expected[:, :n_frames])
    assert not expected[:, n_frames:].any()
    assert np.abs(noisy.get_array() - clean.get_array()).max() > 0.5
    hidden = masked.get_array() != noisy.get_array()
    assert hidden.any() and (masked.get_array()[hidden] == 0).all()
    assert clean.get_clim() == noisy.get_clim() == masked.get_clim()
    again = LogMelDisplay.from_estimator(
        pipe, calls.data[:2], calls.target[:2], random_state=0
    )
    np.testing.assert_array_equal(again.log_mels, display.log_mels)
    assert mixer.random_state is None


def test_log_mel_shows_all_augmenters_of_a_list(calls):
    """In their order: the mask hides what the gain has raised."""
    mask = SpecAugmenter(n_freq_masks=0, n_time_masks=4)
    displays = [
        LogMelDisplay.from_estimator(
            make_pipeline(
                LogMelExtractor(n_mels=32, n_frames=130),
                EnhancedCNN1DClassifier(augment=augment),
            ),
            calls.data[:2],
            random_state=0,
        )
        for augment in (Gain(40), [Gain(40), mask], [Gain(40), mask, Mixup()])
    ]
    (clip, louder), (_, both), (_, mixed) = (
        display.log_mels.swapaxes(0, 1) for display in displays
    )
    titles = [panel.get_title() for panel in displays[1].axes_[0]]
    assert titles == ["clip", "clip, augmented"]
    changed = louder[clip != 0] - clip[clip != 0]
    assert np.abs(changed).max() > 0.1
    assert (louder[clip == 0] == 0).all()
    hidden = both != louder
    assert hidden.any() and (both[hidden] == 0).all()
    assert mixed.shape == both.shape and np.isfinite(mixed).all()


def test_log_mel_takes_axes_and_refuses_what_does_not_fit():
    log_mels = np.random.default_rng(0).normal(size=(2, 16, 30))
    _, axes = pyplot.subplots(2, 1)
    display = LogMelDisplay(log_mels).plot(axes)
    assert display.axes_[1, 0] is axes[1] and display.ax_ is axes[0]
    with pytest.raises(ValueError, match="2 axes: expected 4, one for each of 4 clips"):
        LogMelDisplay(np.concatenate([log_mels, log_mels])).plot(axes)
    with pytest.raises(ValueError, match=r"log_mels of shape \(16, 30\)"):
        LogMelDisplay(log_mels[0]).plot()
    with pytest.raises(ValueError, match="has no LogMelExtractor"):
        LogMelDisplay.from_estimator(LogisticRegression(), log_mels)
