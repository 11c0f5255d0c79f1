import numpy as np
import pytest
from every_network import EVERY, NETWORKS
from sklearn.exceptions import NotFittedError

from skaudio import CNN1DClassifier


@pytest.mark.parametrize("cls", EVERY)
def test_a_fit_that_diverges_names_epoch_and_rate_and_keeps_no_model(
    cls, log_mels, calls
):
    options = {"lr_schedule": None, "early_stopping": False, "optimizer": "adam"}
    classifier = cls(lr=1e30, max_epochs=20, random_state=0, **options)
    with pytest.raises(
        ValueError, match=r"In epoch \d+, at lr=1e\+30, .* is -?(nan|inf)"
    ):
        classifier.fit(log_mels, calls.target)
    with pytest.raises(NotFittedError):
        classifier.predict(log_mels[:2])


def test_the_last_step_may_be_the_one_that_diverges(log_mels, calls):
    classifier = CNN1DClassifier(
        lr=1e36,
        weight_decay=1000,
        optimizer="adamw",
        max_epochs=1,
        batch_size=64,
        lr_schedule=None,
        early_stopping=False,
    )
    with pytest.raises(ValueError, match=r"In epoch 1, .*a weight of the network is"):
        classifier.fit(log_mels, calls.target)


@pytest.mark.parametrize("cls", NETWORKS[:2])
def test_a_failed_second_fit_leaves_no_weights_of_the_first(cls, log_mels, calls):
    classifier = cls(max_epochs=1, random_state=0).fit(log_mels, calls.target)
    classifier.set_params(lr=1e30, max_epochs=20, lr_schedule=None)
    with pytest.raises(ValueError, match="In epoch"):
        classifier.fit(log_mels, np.where(calls.target == "cat", "dog", calls.target))
    with pytest.raises(NotFittedError):
        classifier.predict_proba(log_mels[:2])


def test_bad_input_of_a_second_fit_leaves_the_first_model(log_mels, calls):
    classifier = CNN1DClassifier(max_epochs=1, random_state=0)
    classifier.fit(log_mels, calls.target)
    before = classifier.predict_proba(log_mels[:2])
    with pytest.raises(ValueError, match="inconsistent"):
        classifier.fit(log_mels, calls.target[:-1])
    np.testing.assert_array_equal(classifier.predict_proba(log_mels[:2]), before)
