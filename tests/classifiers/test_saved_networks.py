"""Every network is saved with its weights, and predicts the same when loaded."""

import joblib
import numpy as np
import pytest
from every_network import EVERY
from sklearn.base import clone

from skaudio import SpecAugmenter
from skaudio.augment import Gain, MelShift, Mixup, TimeShift
from skaudio.classifiers import ClassBalancedLoss


@pytest.mark.parametrize("build", EVERY, ids=lambda build: build.__name__)
@pytest.mark.parametrize("mmap_mode", [None, "r"])
def test_joblib_round_trip_is_exact(build, mmap_mode, log_mels, calls, tmp_path):
    classifier = build(
        augment=[Gain(2), TimeShift(), MelShift(1), SpecAugmenter(), Mixup(0.3)],
        loss=ClassBalancedLoss(0.9),
        max_epochs=1,
        random_state=0,
    ).fit(log_mels, calls.target, groups=calls.groups)
    expected = classifier.predict_proba(log_mels)
    joblib.dump(classifier, tmp_path / "net.joblib")
    loaded = joblib.load(tmp_path / "net.joblib", mmap_mode=mmap_mode)
    np.testing.assert_array_equal(loaded.predict_proba(log_mels), expected)
    np.testing.assert_array_equal(
        loaded.predict(log_mels), classifier.predict(log_mels)
    )
    assert loaded.history_ == classifier.history_
    assert loaded.n_parameters_ == classifier.n_parameters_
    assert repr(loaded) == repr(classifier)
    # Four bytes per weight, and little else: no clips, no optimiser.
    size = (tmp_path / "net.joblib").stat().st_size
    assert size < 4.1 * loaded.n_parameters_ + 60_000
    again = clone(loaded).fit(log_mels, calls.target, groups=calls.groups)
    np.testing.assert_array_equal(again.predict_proba(log_mels), expected)
