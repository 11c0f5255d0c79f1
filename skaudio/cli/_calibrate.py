"""`skaudio calibrate`."""

from pathlib import Path
from typing import Annotated

import typer

from skaudio._utils.counts import count
from skaudio.cli._console import note, say


def calibrate(
    found: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of `skaudio detect`.")
    ],
    verdicts: Annotated[
        Path,
        typer.Argument(
            metavar="VERDICTS", help="verdicts.csv of the page of `skaudio review`."
        ),
    ],
    precision: Annotated[
        float,
        typer.Option(metavar="SHARE", help="Share of the events that is to be right."),
    ] = 0.9,
    confidence: Annotated[
        float,
        typer.Option(metavar="SHARE", help="Probability that a promise is kept."),
    ] = 0.95,
):
    """Find thresholds from which on events are right, from verdicts.

    Per class the lowest threshold at or above which, in these recordings, at least 90 %
    of the events are right. Writes thresholds.json and events_checked.csv, the events
    that reach the thresholds, into the folder. Where too few were checked, it says how
    many more would do.

    Example: skaudio calibrate found verdicts.csv
    """
    from skaudio.recordings import calibrate as calibrate_found

    calibrated = calibrate_found(
        found, verdicts, precision=precision, confidence=confidence
    )
    for text in calibrated.promises["promise"]:
        say(text)
    elsewhere = calibrated.promises["new_recordings_low"]
    if calibrated.promises["threshold"].notna().any() and elsewhere.isna().all():
        say(
            "this holds for these recordings; for others nothing is known: an estimate "
            "needs checked events on 20 recordings or more"
        )
    for row in calibrated.density.itertuples():
        n_calls, n_events = round(row.n_calls), round(row.n_events)
        are = "is" if n_calls == 1 else "are"
        text = f"{n_calls} of {count(n_events, 'event')} at all scores {are} right"
        if row.n_calls_low < row.n_calls_high:
            text = (
                f"an estimated {text}, with {100 * confidence:g} % confidence "
                f"{row.n_calls_low:.0f} to {row.n_calls_high:.0f}"
            )
        else:
            text += " (known, for all were checked)"
        say(f"{row.label}: {text}")
    written = count(len(calibrated.events), "event")
    note(f"wrote {written} to {found / 'events_checked.csv'}")
