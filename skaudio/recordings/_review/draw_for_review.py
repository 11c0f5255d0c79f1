"""Draw events to be checked by a person."""

from numbers import Integral

import numpy as np
import pandas as pd

from skaudio._utils.annotation_table import read_table
from skaudio._utils.random_state import own_random_state
from skaudio._utils.verdicts import VERDICT_COLUMNS, weighted_verdicts, window_keys

_SAID = ["verdict", "verdict_label", "reviewer"]
_PEAK = ["peak_start_time", "peak_end_time"]


def draw_for_review(
    events,
    n_per_class=100,
    *,
    n=None,
    quantiles=(0.5, 0.75),
    edges=None,
    shares=(0.2, 0.2, 0.6),
    checked=None,
    random_state=None,
):
    """Draw events by chance, by a design that is written down, for a person to check.

    What is then said of the drawn events can be weighted to hold for all of them.

    Parameters
    ----------
    events : DataFrame
        As of `find_events`, found with a low threshold: what lies below it is never
        drawn.
    n_per_class : int, default=100
        How many of each class; all of a class that has fewer.
    n : int or None, default=None
        How many in total, divided evenly among the classes; replaces `n_per_class`.
    quantiles : sequence of float, default=(0.5, 0.75)
        Where strata begin, as quantiles of the scores of each class: with the default
        the lower half, the quarter above it and the highest quarter.
    edges : sequence of float or None, default=None
        Where strata begin, as scores, for all classes; replaces `quantiles`.
    shares : sequence of float or None, default=(0.2, 0.2, 0.6)
        The part of the checks that each stratum gets, lowest scores first. Many at high
        scores make a threshold possible, some at low scores the number of calls. None
        divides evenly. What a stratum has too few events for goes to the others.
    checked : DataFrame or None, default=None
        Verdicts of an earlier draw of the same events in the same strata. They are
        kept, and only as many more are drawn as lack.
    random_state : int, RandomState or None, default=None

    Returns
    -------
    verdicts : DataFrame
        A row per drawn event: ``file, start_time, end_time`` (seconds, of the window of
        the highest score), ``label, score, stratum, inclusion_probability``, and
        ``verdict, verdict_label, reviewer``, which are None. ``stratum`` counts from 1,
        the lowest scores; every event of it was drawn with the probability
        ``inclusion_probability``. The rows are in random order (those of `checked`
        come first), so that a part judged from the top is a random sample too. Keep the
        rows that are not judged.

    Raises
    ------
    ValueError
        Where there are no events, a parameter is out of its range, or `checked` is
        not of these events.

    See Also
    --------
    skaudio.calibration.PrecisionThresholds : What follows from the verdicts.

    Notes
    -----
    Within a stratum the sample is drawn with equal probability by the pivotal method
    (Deville & Tillé 1998) along the events sorted by recording, with recordings and the
    events of each in random order: every recording gets its share of the checks, give
    or take one at its ends (Chauvet 2012). The number of right events in such a sample
    is distributed as a sum of independent trials (Brändén & Jonasson 2012), and so
    never spreads wider than in a binomial sample.

    Where ties of scores make a quantile fall on many events, they lie in one stratum.

    References
    ----------
    J.-C. Deville, Y. Tillé, "Unequal probability sampling without replacement through a
    splitting method", Biometrika 85 (1998).
    G. Chauvet, "On a characterization of ordered pivotal sampling", Bernoulli 18
    (2012).
    P. Brändén, J. Jonasson, "Negative dependence in sampling", Scandinavian Journal of
    Statistics 39 (2012).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from skaudio.recordings import draw_for_review
    >>> starts = np.arange(40.0)
    >>> events = pd.DataFrame(
    ...     {
    ...         "audio_file": ["dawn.wav"] * 20 + ["dusk.wav"] * 20,
    ...         "annotation": "Frog",
    ...         "start_time": starts,
    ...         "end_time": starts + 1,
    ...         "score": np.linspace(0.1, 0.9, 40),
    ...         "peak_start_time": starts,
    ...         "peak_end_time": starts + 1,
    ...     }
    ... )
    >>> drawn = draw_for_review(events, 10, random_state=0)
    >>> drawn.groupby("stratum")["inclusion_probability"].agg(["size", "first"])
             size  first
    stratum
    1           2    0.1
    2           2    0.2
    3           6    0.6
    """
    table = read_table(events, "events", ["score", *_PEAK])
    if not len(table):
        raise ValueError("events: has none of an animal, expected events to draw from.")
    cuts = _increasing("quantiles", quantiles, 0, 1)
    if edges is not None:
        cuts = _increasing("edges", edges, -np.inf, np.inf)
    if shares is None or (edges is not None and len(shares) != len(cuts) + 1):
        shares = np.ones(len(cuts) + 1)
    shares = np.asarray(shares, dtype=float)
    if len(shares) != len(cuts) + 1 or not (shares > 0).all():
        raise ValueError(
            f"shares={shares.tolist()}: expected {len(cuts) + 1} numbers above 0, one "
            "per stratum."
        )
    rng = own_random_state(random_state)
    files, scores = table["audio_file"].to_numpy(), table["score"].to_numpy()
    rows_of = table.groupby("annotation", sort=False, observed=True).indices
    labels = sorted(rows_of, key=str)
    numbers = _numbers(n_per_class, n, len(labels), len(shares))
    older = _places(checked, table)
    drawn, design = [], {"stratum": np.zeros(len(table), int)}
    design["inclusion_probability"] = np.zeros(len(table))
    for label, n_wanted in zip(labels, numbers, strict=True):
        rows = rows_of[label]
        at = np.quantile(scores[rows], cuts) if edges is None else cuts
        stratum = np.searchsorted(at, scores[rows], side="right")
        sizes = np.bincount(stratum, minlength=len(shares))
        for k, n_drawn in enumerate(allocated(sizes, shares, n_wanted)):
            inside = rows[stratum == k]
            others = inside[~np.isin(inside, older)]
            n_older = len(inside) - len(others)
            n_more = max(n_drawn - n_older, 0)
            drawn.append(others[pivotal_sample(files[others], n_more, rng)])
            design["stratum"][inside] = k + 1
            chance = (n_older + n_more) / max(len(inside), 1)
            design["inclusion_probability"][inside] = chance
    drawn = rng.permutation(np.concatenate(drawn))
    if checked is not None:
        was, now = checked["stratum"].map(str), design["stratum"][older].astype(str)
        if (was != now).any():
            k = int(np.argmax(was != now))
            raise ValueError(
                f"checked: row {k} is of stratum {was.iloc[k]}, expected {now[k]}: "
                "pass the events, quantiles and edges of the earlier draw."
            )
    rows = np.r_[older, drawn]
    chosen = table.iloc[rows]
    verdicts = pd.DataFrame(
        {
            "file": chosen["audio_file"].to_numpy(),
            "start_time": chosen["peak_start_time"].to_numpy(),
            "end_time": chosen["peak_end_time"].to_numpy(),
            "label": chosen["annotation"].to_numpy(),
            "score": chosen["score"].to_numpy(),
            **{name: values[rows] for name, values in design.items()},
        }
    )
    said = pd.DataFrame(index=range(len(rows)), columns=_SAID, dtype=object)
    said[:] = None
    if checked is not None:
        for name in set(_SAID) & set(checked.columns):
            said.loc[: len(older) - 1, name] = checked[name].to_numpy(object)
    return pd.concat([verdicts, said], axis=1)[VERDICT_COLUMNS]


def _places(checked, events):
    """Return where among the events the rows of an earlier draw are."""
    if checked is None:
        return np.zeros(0, int)
    weighted_verdicts(checked)  # raises what is wrong
    names = ["audio_file", *_PEAK, "annotation"]
    places = {key: k for k, key in enumerate(window_keys(events[names]))}
    keys = window_keys(checked[["file", "start_time", "end_time", "label"]])
    unknown = [key for key in keys if key not in places]
    if unknown:
        file, start, end, label = unknown[0]
        raise ValueError(
            f"checked: {label} in {file} from {start:g} to {end:g} s is none of the "
            f"events ({len(unknown)} of {len(keys)} rows): expected verdicts of them."
        )
    return np.array([places[key] for key in keys], dtype=int)


def _increasing(name, values, low, high):
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not (
        (values > low).all() and (values < high).all() and (np.diff(values) > 0).all()
    ):
        raise ValueError(
            f"{name}={values.tolist()}: expected increasing numbers between {low} and "
            f"{high}."
        )
    return values


def _numbers(n_per_class, n, n_classes, n_strata):
    """Return how many to draw of each class: one of each stratum at least."""
    name, value = ("n_per_class", n_per_class) if n is None else ("n", n)
    least = n_strata if n is None else n_strata * n_classes
    if not (isinstance(value, Integral) and value >= least):
        raise ValueError(
            f"{name}={value!r}: expected a whole number, at least {least}: one event "
            f"of each of {n_strata} strata per class."
        )
    if n is None:
        return [n_per_class] * n_classes
    return [len(part) for part in np.array_split(np.arange(n), n_classes)]


def allocated(sizes, shares, n_wanted):
    """Divide checks among strata by their shares, one at a time, until all are full."""
    numbers = np.minimum(sizes, 1)
    for _ in range(min(n_wanted, sizes.sum()) - numbers.sum()):
        behind = np.where(numbers < sizes, (numbers + 1) / shares, np.inf)
        # Of equals the one of higher scores.
        k = len(sizes) - 1 - int(np.argmin(behind[::-1]))
        numbers[k] += 1
    return numbers


def pivotal_sample(files, n_drawn, rng):
    """Draw a sample that is spread over the files, each row with equal probability.

    Parameters
    ----------
    files : ndarray of shape (n,)
    n_drawn : int
    rng : RandomState

    Returns
    -------
    chosen : ndarray of int, shape (n_drawn,)
    """
    n_rows = len(files)
    if not n_drawn:
        return np.zeros(0, int)
    _, codes = np.unique(files, return_inverse=True)
    order = rng.permutation(n_rows)
    place = rng.permutation(codes.max(initial=0) + 1)[codes]
    order = order[np.argsort(place[order], kind="stable")]
    if n_drawn >= n_rows:
        return order
    # Each row has the chance n_drawn of n_rows, in whole numbers. Row by row, two
    # of them play: one leaves, drawn or not, the other goes on with the rest of both.
    order = order.tolist()
    chosen, holder, chance = [], order.pop(0), n_drawn
    for row, number in zip(order, rng.uniform(size=n_rows - 1).tolist(), strict=True):
        both = chance + n_drawn
        if both < n_rows:
            if number * both >= chance:
                holder = row
            chance = both
        else:
            rest = 2 * n_rows - both
            if number * rest < n_rows - n_drawn:
                chosen.append(holder)
                holder = row
            else:
                chosen.append(row)
            chance = both - n_rows
    return np.array(chosen, dtype=int)
