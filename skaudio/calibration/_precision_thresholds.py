"""Thresholds from which on a share of the events is right, with confidence."""

import numpy as np
import pandas as pd
from scipy.special import betainc
from sklearn.exceptions import NotFittedError

from skaudio._utils.annotation_table import read_table
from skaudio._utils.counts import count
from skaudio._utils.verdicts import weighted_verdicts
from skaudio.calibration._new_recordings import precision_of_new_recordings
from skaudio.calibration._precision_bound import (
    CheckedStratum,
    estimated_precision,
    precision_bound,
    precision_p_value,
)

_FIRST_SHARE = 0.3  # of the checks of a class lie above the first threshold tested
_MOST_FURTHER = 2000
_N_FORECAST = 10  # checks above a threshold from which more are forecast


class PrecisionThresholds:
    """Thresholds from which on most events are right, as a promise with a confidence.

    For each class the lowest threshold for which the checks show that at least a share
    `precision` of the events at or above it is right, in the recordings that were
    sampled.

    Parameters
    ----------
    precision : float, default=0.9
        The share of events that is promised to be right.
    confidence : float, default=0.95
        The probability that the promise of a class is kept.

    Attributes
    ----------
    thresholds_ : dict of float
        By class, of the classes of which something can be promised: events with this
        score or a higher one.
    promises_ : DataFrame
        A row per class: ``label``; ``threshold``; ``precision_low``, the precision that
        events above it have at least; ``precision``, the estimate; ``n_checked`` events
        on ``n_recordings`` recordings above it; ``new_recordings_low``, an estimate of
        the precision that events of other recordings like these have at least, NaN with
        fewer than 20 recordings; ``further_checks``, a forecast of how many more events
        of the class would do where nothing is promised, if as many are right as so far,
        NaN where not even 2000 would or all were checked; ``promise``, in words.
        Numbers of a class without a promise are those of the first threshold tested.

    Raises
    ------
    ValueError
        Where a parameter or a row of the verdicts is not as expected.

    See Also
    --------
    skaudio.recordings.draw_for_review : Draws the events to check.
    call_density : How many calls there are, without a threshold.

    Notes
    -----
    What is promised: an event is what `find_events` returns at one fixed low threshold;
    its score is the highest of its windows; a verdict is on the window of that score,
    and "unsure" counts as wrong. The promise holds for the events from which the
    checked ones were drawn, not for other recordings: for these there is
    ``new_recordings_low``, where recordings, not events, are the units.

    Thresholds are tested from the highest above which there are enough checks (30 % of
    those of the class, and as many as would do if all were right, 29 for the defaults)
    downwards, until one fails: a fixed sequence, which needs no correction for the
    number of tests (Maurer et al. 1995). Each test is a binomial one of Clopper and
    Pearson, which holds for the samples of `draw_for_review` and for simple random
    ones. Where most of the events were checked, it allows for no more wrong ones than
    can be left (Hoeffding 1956). Where the events above a threshold lie in several
    strata, those of the strata are combined for the worst division of the wrong events
    among them (Ottoboni et al. 2018), which errs on the safe side. The number of events
    of the part of a stratum above a threshold is estimated from the checks. Where all
    events of a class were checked, it counts what they are.

    The confidence is of one look: choose the number of checks before, or divide
    ``1 - confidence`` by the number of times you mean to look.

    References
    ----------
    C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated
    in the case of the binomial", Biometrika 26 (1934).
    W. Hoeffding, "On the distribution of the number of successes in independent
    trials", Annals of Mathematical Statistics 27 (1956).
    W. Maurer, L. A. Hothorn, W. Lehmacher, "Multiple comparisons in drug clinical
    trials and preclinical assays: a-priori ordered hypotheses", Biometrie in der
    chemisch-pharmazeutischen Industrie 6 (1995).
    K. Ottoboni, P. B. Stark, M. Lindeman, N. McBurnett, "Risk-limiting audits by
    stratified union-intersection tests of elections (SUITE)", E-Vote-ID (2018).
    E. L. Korn, B. I. Graubard, "Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data", Survey Methodology
    24 (1998).

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.calibration import PrecisionThresholds
    >>> verdicts = pd.DataFrame(
    ...     {
    ...         "file": [f"{k % 12}.wav" for k in range(60)],
    ...         "start_time": range(60),
    ...         "end_time": range(1, 61),
    ...         "label": "Frog",
    ...         "score": [1 - k / 100 for k in range(60)],
    ...         "stratum": 1,
    ...         "inclusion_probability": 0.1,
    ...         "verdict": ["yes"] * 50 + ["no"] * 10,
    ...     }
    ... )
    >>> thresholds = PrecisionThresholds().fit(verdicts)
    >>> thresholds.thresholds_
    {'Frog': 0.5}
    >>> thresholds.promises_["promise"][0]
    'of the events called Frog at or above 0.5, at least 90 % are Frog (95 % confidence,
    51 events checked on 12 recordings)'
    """

    def __init__(self, precision=0.9, confidence=0.95):
        self.precision = precision
        self.confidence = confidence

    def fit(self, verdicts, y=None):
        """Find the thresholds.

        Parameters
        ----------
        verdicts : DataFrame
            As of `draw_for_review`, with verdicts: ``file, start_time, end_time, label,
            score, stratum, inclusion_probability, verdict``. Rows without a verdict
            were not judged, and are needed: they say what part was.
        y : None
            Ignored.

        Returns
        -------
        self : PrecisionThresholds
        """
        for name in ("precision", "confidence"):
            value = getattr(self, name)
            if not 0.5 <= value < 1:
                raise ValueError(
                    f"{name}={value!r}: expected at least 0.5, less than 1."
                )
        checked = weighted_verdicts(verdicts)
        labels = sorted(verdicts["label"].map(str).unique())
        rows = [
            self._promise(name, checked[checked["label"] == name]) for name in labels
        ]
        self.promises_ = pd.DataFrame(rows)
        promised = self.promises_[self.promises_["threshold"].notna()]
        self.thresholds_ = dict(
            zip(promised["label"], promised["threshold"], strict=True)
        )
        return self

    def apply(self, events):
        """Return the events of which something is promised.

        Parameters
        ----------
        events : DataFrame
            As of `find_events`, found with the same low threshold as those that were
            checked.

        Returns
        -------
        events : DataFrame
            Those of the classes in ``thresholds_`` whose score reaches the threshold,
            with a new index.
        """
        if not hasattr(self, "thresholds_"):
            raise NotFittedError("PrecisionThresholds: not fitted, call fit first.")
        read_table(events, "events", ["score"])
        least = events["annotation"].map(str).map(self.thresholds_).astype(float)
        return events[events["score"] >= least].reset_index(drop=True)

    def _promise(self, label, checked):
        """Return the row of a class."""
        checked = checked.reset_index(drop=True)
        levels = _levels(checked)
        n_first = max(self._n_least(), _FIRST_SHARE * len(checked))
        tested = [level for level in levels if level[1] >= n_first]
        last = None
        is_complete = bool(levels) and all(one.is_complete for one in levels[-1][2])
        if is_complete:
            # All events are known: no test, and no order of tests.
            right = [k for k in levels if self._p_value(k) == 0]
            last = right[-1] if right else None
        else:
            for level in tested:
                if self._p_value(level) > 1 - self.confidence:
                    break
                last = level
        row = {"label": label, "threshold": np.nan, "further_checks": np.nan}
        shown = last or (tested or levels[-1:] or [None])[0]
        row |= self._numbers(checked, shown)
        if last is not None:
            row["threshold"] = last[0]
        else:
            row["further_checks"] = self._further(levels, len(checked))
        row["promise"] = self._words(row, checked, is_complete)
        names = ["label", "threshold", "precision_low", "precision", "n_checked"]
        names += ["n_recordings", "new_recordings_low", "further_checks", "promise"]
        return {name: row[name] for name in names}

    def _n_least(self):
        """Return how many checks would do if all were right."""
        return int(np.ceil(np.log(1 - self.confidence) / np.log(self.precision)))

    def _p_value(self, level):
        return precision_p_value(level[2], self.precision)

    def _numbers(self, checked, level):
        """Describe what was checked above a threshold."""
        if level is None:
            return {
                "precision_low": 0.0,
                "precision": np.nan,
                "n_checked": 0,
                "n_recordings": 0,
                "new_recordings_low": np.nan,
            }
        _, n_checked, strata = level
        above = checked.iloc[:n_checked]
        return {
            "precision_low": precision_bound(strata, self.confidence),
            "precision": estimated_precision(strata),
            "n_checked": n_checked,
            "n_recordings": above["file"].nunique(),
            "new_recordings_low": precision_of_new_recordings(
                above["right"].to_numpy(),
                1 / above["inclusion_probability"].to_numpy(),
                above["file"].to_numpy(),
                self.confidence,
            ),
        }

    def _further(self, levels, n_checked):
        """Forecast how many more checks of a class would do, if all goes on as it is.

        That is, for the first threshold tested to pass. At most as many as there are
        events that were not checked.
        """
        n_least = self._n_least()
        if not levels:
            return float(n_least)
        left = round(sum(one.size for one in levels[-1][2])) - n_checked
        if left < 1:
            return np.nan
        more = np.arange(1, _MOST_FURTHER + 1)
        scale = 1 + more / n_checked
        above = np.array([n for _, n, _ in levels])
        first = np.maximum(n_least / scale, _FIRST_SHARE * n_checked)
        level = np.minimum(np.searchsorted(above, first), len(levels) - 1)
        # Of a few checks nothing is known: as if all were right.
        share = np.array([estimated_precision(strata) for _, _, strata in levels])
        share[above < _N_FORECAST] = 1.0
        total = np.floor(above[level] * scale + 1e-9)
        right = np.floor(total * share[level] + 1e-9)
        p_value = betainc(np.maximum(right, 1), total - right + 1, self.precision)
        passes = (right > 0) & (p_value <= 1 - self.confidence)
        if not passes.any():
            return np.nan
        return float(min(more[np.argmax(passes)], left))

    def _words(self, row, checked, is_complete):
        label, further = row["label"], row["further_checks"]
        percent, sure = f"{100 * self.precision:g} %", f"{100 * self.confidence:g} %"
        if not np.isnan(row["threshold"]):
            n_checked = row["n_checked"]
            files = count(row["n_recordings"], "recording")
            those = f"called {label} at or above {row['threshold']:.4g}"
            if is_complete:
                n_right = int(checked["right"].iloc[:n_checked].sum())
                are = "is" if n_right == 1 else "are"
                return (
                    f"{n_right} of {count(n_checked, 'event')} {those} {are} {label} "
                    f"(known, for all were checked, on {files})"
                )
            return (
                f"of the events {those}, at least {percent} are {label} ({sure} "
                f"confidence, {count(n_checked, 'event')} checked on {files})"
            )
        if np.isnan(further):
            n_right = int(checked["right"].sum())
            return (
                f"nothing can be promised for {label}: {n_right} of {len(checked)} "
                f"checked {'is' if n_right == 1 else 'are'} right, and at no threshold "
                f"enough for {percent}"
            )
        return (
            f"too few checked to promise anything for {label}: check {further:.0f} more"
        )


def _levels(checked):
    """List what was checked above each threshold, from the highest.

    Parameters
    ----------
    checked : DataFrame
        As of `weighted_verdicts`, of one class, with a new index.

    Returns
    -------
    levels : list of (threshold, n_checked, list of CheckedStratum)
    """
    scores = checked["score"].to_numpy()
    ends = np.flatnonzero(np.diff(scores, append=-np.inf) < 0)
    right = checked["right"].to_numpy()
    strata = []
    for _, own in checked.groupby("stratum", sort=False):
        inside = np.zeros(len(checked), bool)
        inside[own.index] = True
        n_checked = np.cumsum(inside)[ends]
        sizes = n_checked / own["inclusion_probability"].iloc[0]
        strata.append((np.cumsum(inside & right)[ends], n_checked, sizes))
    return [
        (
            float(scores[end]),
            int(end) + 1,
            [CheckedStratum(*(one[k] for one in own)) for own in strata if own[1][k]],
        )
        for k, end in enumerate(ends)
    ]
