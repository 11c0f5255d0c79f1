"""Long work shows a bar where somebody watches, if `verbose` asks for it."""

import io
import warnings
from contextlib import redirect_stderr

import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from small_pipelines import linear

from skaudio import EfficientATEmbedder, MFCCStatistics
from skaudio.model_selection import (
    ablate,
    cross_validated_predictions,
    cross_validated_report,
    few_shot_curve,
    held_out_report,
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(function, *arguments, **options):
    """What a call shows to somebody at a terminal."""
    with redirect_stderr(Terminal()) as terminal:
        function(*arguments, random_state=0, **options)
    return terminal.getvalue()


def test_verbose_shows_a_bar_that_vanishes(calls):
    clips = X, y, _ = calls.data, calls.target, calls.groups
    model = linear()
    bars = {
        "fits 2": shown(cross_validated_report, model, *clips, cv=2, verbose=1),
        "fits 3": shown(held_out_report, model, X, y, X, y, n_seeds=3, verbose=1),
        "fits 4": shown(ablate, {"": model}, *clips, cv=4, baselines=False, verbose=1),
        "fits 5": shown(
            few_shot_curve, model, *clips, n_shots=1, n_repeats=5, verbose=1
        ),
        "folds 2": shown(cross_validated_predictions, model, *clips, cv=2, verbose=1),
    }
    for name, text in bars.items():
        what, total = name.split()
        assert f"\r{what}:   0%|" in text and f"| 0/{total} [" in text, name
        assert text.split("\r")[-2].strip() == text.split("\r")[-1] == ""
    assert shown(cross_validated_report, model, *clips, cv=2) == ""


def test_embedding_shows_its_own_bar(calls, mn04):
    model = make_pipeline(EfficientATEmbedder(), LogisticRegression())
    clips = calls.data[::3], calls.target[::3], calls.groups[::3]
    text = shown(cross_validated_report, model, *clips, cv=2, verbose=1)
    assert "\rEfficientATEmbedder:   0%|" in text and "| 0 of 12 clips, ? left" in text
    assert "EfficientATEmbedder: 12 clips embedded\n" in text
    # Embedded already, and not asked to say so.
    assert shown(cross_validated_report, model, *clips, cv=2) == ""


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_all_fits_warn_of_is_said_once_at_the_line_of_the_user(calls, n_jobs):
    short = make_pipeline(MFCCStatistics(), LogisticRegression(max_iter=1))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cross_validated_report(
            short, calls.data, calls.target, calls.groups, cv=3, n_jobs=n_jobs
        )
    (one,) = [one for one in caught if "failed to converge" in str(one.message)]
    assert one.category is ConvergenceWarning and one.filename == __file__


class _Counting(LogisticRegression):
    def fit(self, X, y):
        warnings.warn(f"{len(X)} clips are odd", UserWarning, stacklevel=1)
        return super().fit(X, y)


def test_what_differs_by_the_clips_of_a_fold_is_said_once(calls):
    counting = make_pipeline(MFCCStatistics(), _Counting())
    with pytest.warns(UserWarning, match=r"\d+ clips are odd") as caught:
        cross_validated_report(counting, calls.data, calls.target, calls.groups, cv=5)
    assert sum("clips are odd" in str(one.message) for one in caught) == 1
