"""How many of the events are calls, without any threshold."""

import numpy as np
import pandas as pd

from skaudio._utils.verdicts import weighted_verdicts

_N_DRAWS = 20000


def call_density(verdicts, confidence=0.95, *, random_state=0):
    """Estimate per class which share of the events is right, and how many they are.

    Parameters
    ----------
    verdicts : DataFrame
        As of `draw_for_review`, with verdicts; "unsure" counts as wrong.
    confidence : float, default=0.95
        Of the intervals.
    random_state : int, default=0
        Draws what the intervals are computed from.

    Returns
    -------
    density : DataFrame
        A row per class of which every stratum was judged: ``label``; ``density``,
        ``density_low``, ``density_high``, the share of its events that is right;
        ``n_calls``, ``n_calls_low``, ``n_calls_high``, their number; ``n_events`` of
        the class, ``n_checked`` of them, ``n_unsure``.

    Raises
    ------
    ValueError
        As of `PrecisionThresholds`.

    Notes
    -----
    The share of each stratum of the score counts as much as it has events. The interval
    is that of beta distributions of the strata (of Jeffreys' prior), drawn together
    (Navine et al. 2024). A stratum of which all events were checked is known. Calls
    that no event of the low threshold contains are not counted, two calls in one event
    count once, and the interval is for these recordings.

    References
    ----------
    A. K. Navine, T. Denton, M. J. Weldy, P. J. Hart, "All thresholds barred: direct
    estimation of call density in bioacoustic data", Frontiers in Bird Science 3 (2024).

    Examples
    --------
    >>> import pandas as pd
    >>> from skaudio.calibration import call_density
    >>> verdicts = pd.DataFrame(
    ...     {
    ...         "file": "dawn.wav",
    ...         "start_time": range(40),
    ...         "end_time": range(1, 41),
    ...         "label": "Frog",
    ...         "score": [0.2] * 20 + [0.9] * 20,
    ...         "stratum": [1] * 20 + [2] * 20,
    ...         "inclusion_probability": [0.1] * 20 + [0.4] * 20,
    ...         "verdict": ["yes"] * 2 + ["no"] * 18 + ["yes"] * 20,
    ...     }
    ... )
    >>> density = call_density(verdicts).iloc[0]
    >>> float(density["n_events"]), float(density["n_calls"])
    (250.0, 70.0)
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence!r}: expected between 0 and 1.")
    checked = weighted_verdicts(verdicts)
    rng = np.random.default_rng(random_state)
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    rows = []
    for label, own in checked.groupby("label"):
        calls, draws, n_events = 0.0, np.zeros(_N_DRAWS), 0.0
        for _, part in own.groupby("stratum"):
            n, x = len(part), int(part["right"].sum())
            size = n / part["inclusion_probability"].iloc[0]
            share = x / n
            calls += size * share
            n_events += size
            if n < size * (1 - 1e-9):
                share = rng.beta(x + 0.5, n - x + 0.5, _N_DRAWS)
            draws += size * share
        low, high = np.quantile(draws, ends)
        rows.append(
            {
                "label": label,
                "density": calls / n_events,
                "density_low": low / n_events,
                "density_high": high / n_events,
                "n_calls": calls,
                "n_calls_low": low,
                "n_calls_high": high,
                "n_events": n_events,
                "n_checked": len(own),
                "n_unsure": int(own["unsure"].sum()),
            }
        )
    columns = ["label", "density", "density_low", "density_high", "n_calls"]
    columns += ["n_calls_low", "n_calls_high", "n_events", "n_checked", "n_unsure"]
    return pd.DataFrame(rows, columns=columns)
