"""What the command prints: results to standard output, all else to standard error."""

import os
import shlex
import sys
from pathlib import Path

from skaudio._utils.counts import count, length_text

STDOUT = Path("-")  # as the name of a file to write
_N_LEAKS = 20  # listed


def _console(stderr=False):
    """Make a console: one that has met a closed pipe would be silent ever after.

    Paths and plain lines are printed as they are: no emoji codes or colours of numbers.
    """
    from rich.console import Console  # here, since no help should wait for it

    return Console(stderr=stderr, highlight=False, emoji=False)


def _print(text, stderr=False, style=None, title=""):
    """Print a line as it is, after a title with markup."""
    from rich.markup import escape

    from skaudio._utils.progress import beside_bars

    line = f"{title}{escape(str(text))}"
    with beside_bars():
        _console(stderr).print(line, style=style, soft_wrap=True)


def say(text):
    """Print a plain line."""
    _print(text)


def _say_table(table):
    """Print a table in full: rich would cut columns off in a narrow terminal."""
    import pandas as pd

    with pd.option_context("display.unicode.east_asian_width", True):
        say(table.to_string(float_format="{:.2f}".format))


def note(text):
    """Print a line about the work in progress."""
    _print(text, stderr=True, style="dim")


def write_output(path, text, what, kind):
    """Write a file whole and say so; to standard output where its name is ``-``."""
    from skaudio._utils.atomic import write_text

    if path == STDOUT:
        sys.stdout.write(text)
        return
    write_text(path, text, what, kind)
    note(f"wrote {path}")


def say_error(error):
    """Print the error that ends a command as one line."""
    reason = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror
        if error.filename is not None:
            reason = f"{os.fsdecode(error.filename)}: {reason}"
    if isinstance(error, UnicodeEncodeError):
        reason = f"{error.object}: a character cannot be written ({error.reason})"
    reason = " ".join(reason.splitlines())
    _print(reason, stderr=True, title="[bold red]error:[/] ")


def say_warning(message, *_, **__):
    """Print a warning without its place in the code; for `warnings.showwarning`."""
    _print(message, stderr=True, title="[yellow]warning:[/] ")


def command_line():
    """Return the command as it was typed."""
    return shlex.join(["skaudio", *sys.argv[1:]])


def show_evaluation(report, title):
    """Print the scores of labelled clips, and again without the leaked ones."""
    is_leaked = report.leaks is not None and not report.leaks.empty
    # Before the scores that they put in question.
    if report.leaks is None or not report.leaks.attrs["near"]:
        say(f"warning: {report.warnings[-1]}\n")
    if is_leaked:
        show_leaks(report.leaks, report.facts["n_clips"])
    show_scores(report, title)
    if not is_leaked:
        return
    rest = report.without_leaks()
    if rest is None:
        say("\nno clip is left to score without the leaked ones")
    else:
        show_summary(rest, f"\n{title}, without the leaked clips")


def show_leaks(leaks, n_clips):
    """Warn of test clips that training has seen."""
    say(
        f"warning: {len(leaks)} of {n_clips} test clips are leaked from training, "
        "which makes the scores of all clips too good:"
    )
    for row in leaks.head(_N_LEAKS).itertuples():
        say(f"  {row.test_file}: {row.relation}, {row.train_file}")
    if len(leaks) > _N_LEAKS:
        say(f"  and {len(leaks) - _N_LEAKS} more: skaudio audit lists them")
    say("")


def show_scores(report, title):
    """Print the overall scores and the table of classes."""
    show_summary(report, title)
    table = report.per_class.astype({"support": int}).rename(columns={"f1": "F1"})
    table = table[["precision", "recall", "F1", "support"]]
    # Zeros that are in no mean: there is nothing to score.
    is_nothing = (table["support"] == 0) & (report.confusion.sum() == 0)
    _say_table(table[~is_nothing].rename_axis(index=None, columns="class"))
    if is_nothing.any():
        names = ", ".join(map(str, table.index[is_nothing]))
        say(f"no clip is of {names}, or predicted as it")


def show_summary(report, title):
    """Print the overall scores."""
    from skaudio._utils.calibration_errors import calibration_text

    scores = report.summary["value"]
    low, high = report.summary.loc["accuracy", ["low", "high"]]
    say(
        f"{title}: {count(report.facts['n_clips'], 'clip')}\n"
        f"  accuracy           {scores['accuracy']:.3f}   "
        f"95 % interval {low:.3f} to {high:.3f}\n"
        f"  weighted F1        {scores['weighted_f1']:.3f}\n"
        f"  macro F1           {scores['macro_f1']:.3f}\n"
        f"  balanced accuracy  {scores['balanced_accuracy']:.3f}"
    )
    if report.reliability:
        say(f"  calibration error  {calibration_text(report.reliability)}")
    n_background = report.facts.get("n_background")
    if n_background is not None:
        share = n_background / report.facts["n_clips"]
        are = "is" if n_background == 1 else "are"
        clips = count(n_background, "clip")
        say(f"  background         {clips} {are} labelled so ({share:.0%})")
    if "accuracy_animals" in scores:
        say(f"  accuracy of the animals alone {scores['accuracy_animals']:.3f}")


def show_models(reports, below=()):
    """Print the scores of models, one row per model; `below` names those marked."""
    from skaudio.reports import scores_by_model

    table = scores_by_model(reports)
    _say_table(table.rename(lambda name: f"{name} *" if name in below else name))
    # Embeddings take most of the time, and no fold computes them again.
    say(
        "each accuracy with its 95 % interval; fit: median time of a fit, without what "
        "is computed once per clip before it (decoding, embeddings)"
    )
    if len(below):
        say("* no better than a baseline")


def show_events(events, run):
    """Print how many events of each class there are, and in how many recordings."""
    import pandas as pd

    length = length_text(3600 * run["hours_scored"])
    where = f"{length} of {count(run['recordings'], 'recording')}"
    say(f"{count(len(events), 'event')} in {where}")
    if events.empty:
        return
    by_class = events.groupby("annotation")
    table = pd.DataFrame(
        {
            "events": by_class.size(),
            "recordings": by_class["audio_file"].nunique(),
            "highest score": by_class["score"].max(),
        }
    )
    _say_table(table.rename_axis(index=None, columns="class"))


def show_promises(thresholds):
    """Print what is promised of the events that reach the thresholds."""
    say(f"thresholds of {thresholds['file']}:")
    for text in thresholds["promises"]:
        say(text)
    n_events = thresholds["events"]
    reach = "reaches" if n_events == 1 else "reach"
    say(
        f"{count(n_events, 'event')} {reach} the threshold of the class, in "
        "events_checked.csv"
    )


def show_event_scores(found, title):
    """Print the scores of events against annotations, per class and over all."""
    table, windows = found.event_scores, found.average_precision.attrs
    total = table.loc["micro"]
    say(
        f"{title}: {count(round(total['n_truth']), 'annotation')}, "
        f"{count(round(total['n_events']), 'event')} (one to one, by overlap)"
    )
    shown = table[["n_truth", "n_events", "precision", "recall", "f1"]].copy()
    shown["false positives per hour"] = table["false_positives_per_hour"]
    average = found.average_precision["average_precision"].reindex(table.index)
    shown["average precision"] = average
    names = {"n_truth": "annotations", "n_events": "events", "f1": "F1"}
    is_nothing = table[["n_truth", "n_events"]].sum(axis=1) == 0
    is_nothing &= ~table.index.isin(["micro", "macro"])
    shown = shown[~is_nothing]
    _say_table(shown.rename(columns=names).rename_axis(index=None, columns="class"))
    if is_nothing.any():
        say(f"neither annotations nor events of {', '.join(table.index[is_nothing])}")
    say(
        f"background: {windows['n_background']} of {windows['n_windows']} windows hold "
        "no annotated call"
    )
    say(
        "micro: all events as one, macro: mean over classes; average precision is of "
        "windows, without a threshold"
    )


def show_predictions(predictions):
    """Print label, probability and path, one line per file, never wrapped."""
    rows = predictions[predictions["prediction"] != ""]
    if rows.empty:
        return
    width = max(len("prediction"), *(len(str(label)) for label in rows["prediction"]))
    best = rows.iloc[:, 4:].max(axis=1)  # the columns of probabilities
    say(f"{'prediction':<{width}}  probability  file")
    for file, label, probability in zip(
        rows["file"], rows["prediction"], best, strict=True
    ):
        say(f"{label:<{width}}  {probability:11.2f}  {file}")
