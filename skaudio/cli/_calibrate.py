"""`skaudio calibrate`."""

from pathlib import Path
from typing import Annotated

import typer

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
    """Find thresholds above which events are right, from verdicts.

    Per class the lowest threshold above which, in these recordings, at least 90 % of
    the events are right. Writes thresholds.json and events_checked.csv, the events
    above the thresholds, into the folder. Where too few were checked, it says how many
    more would do.

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
        say(
            f"{row.label}: {row.n_calls:.0f} of {row.n_events:.0f} events are right "
            f"({row.n_calls_low:.0f} to {row.n_calls_high:.0f}), at all scores"
        )
    note(f"wrote {len(calibrated.events)} events to {found / 'events_checked.csv'}")
