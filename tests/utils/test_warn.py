"""Warnings point at the user's line, from however deep."""

import inspect

import numpy as np
import pytest
from joblib import Parallel, delayed
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skaudio._utils.warn import warn_user
from skaudio.features import LogMelExtractor

CLIPS = np.random.RandomState(0).normal(0, 0.1, (12, 16000)).astype(np.float32)
LABELS = ["cow", "dog"] * 6


def cutting():
    return make_pipeline(
        LogMelExtractor(n_mels=16, n_frames=20),
        DummyClassifier(),
    )


def line_of(text):
    lines, first = inspect.getsourcelines(inspect.currentframe().f_back.f_code)
    return first + next(n for n, line in enumerate(lines) if text in line)


def test_a_pipeline_warns_at_the_line_that_fits_it():
    with pytest.warns(UserWarning, match="12 of 12 clips are longer than 0") as caught:
        cutting().fit(CLIPS, LABELS)
    assert caught[0].filename == __file__
    assert caught[0].lineno == line_of("cutting().fit")


def test_so_does_a_search_that_clones_and_fits_it():
    search = GridSearchCV(cutting(), {"logmelextractor__n_mels": [8, 16]}, cv=3)
    with pytest.warns(UserWarning, match="clips are longer than 0") as caught:
        search.fit(CLIPS, LABELS)
    assert {warning.filename for warning in caught} == {__file__}
    assert {warning.lineno for warning in caught} == {line_of("search.fit")}


def test_a_warning_of_a_thread_is_not_lost():
    with pytest.warns(UserWarning, match="odd"):
        Parallel(2, "threading")(delayed(warn_user)("odd") for _ in range(2))
