"""What a report is turned into: text, a dict for JSON, a figure, a page."""

from html import escape

import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay

from skaudio._utils.calibration_errors import calibration_text
from skaudio._utils.counts import count
from skaudio._utils.interval_text import interval_text
from skaudio._utils.plotting import new_axes
from skaudio.reports._write_html import write_html


class ReportOutput:
    """The outputs of `Report`, which supplies the data."""

    # Those of a class; the last one is drawn.
    class_score_names = ("precision", "recall", "f1")

    def to_dict(self):
        """Return the scores as plain Python objects, ready for JSON.

        Returns
        -------
        scores : dict
            ``name``, ``kind``, ``n_clips``, ``n_background`` (see ``facts``); each
            score of `summary` and, as ``<score>_interval``, its [low, high];
            ``calibration_error``, with the keys of `reliability`; ``per_class``;
            ``leaks``, one dict per leaked test clip, or None where the training clips
            are not known; ``near_copies_checked``; ``unleaked``, the same scores
            without the leaked clips, or None where no clip is left or `leaks` is None;
            ``warnings``.
        """
        scores = {
            "name": self.name,
            "kind": self.kind,
            "n_clips": self.facts["n_clips"],
            "n_background": self.facts.get("n_background"),
        }
        for score in self.summary.itertuples():
            scores[score.Index] = plain_number(score.value)
            interval = [plain_number(score.low), plain_number(score.high)]
            scores[f"{score.Index}_interval"] = interval
        scores["per_class"] = {
            str(label): {
                **{key: plain_number(row[key]) for key in self.class_score_names},
                "support": int(row["support"]),
            }
            for label, row in self.per_class.iterrows()
        }
        scores["calibration_error"] = {
            name: bins.attrs["error"] for name, bins in self.reliability.items()
        }
        leaks = near = unleaked = None
        if self.leaks is not None:
            leaks = self.leaks.to_dict("records")
            near = bool(self.leaks.attrs["near"])
            rest = self.without_leaks()
            unleaked = None if rest is None else rest.to_dict()
        return scores | {
            "leaks": leaks,
            "near_copies_checked": near,
            "unleaked": unleaked,
            "warnings": list(self.warnings),
        }

    def plot_confusion(self, ax=None, *, normalize=False, **options):
        """Draw the confusion matrix.

        Parameters
        ----------
        ax : matplotlib axes or None, default=None
            None makes a figure.
        normalize : bool, default=False
            Shares of each true class instead of counts.
        **options
            Passed to scikit-learn's ``ConfusionMatrixDisplay.plot``.

        Returns
        -------
        display : sklearn.metrics.ConfusionMatrixDisplay
            With ``ax_`` and ``figure_``.
        """
        counts = self.confusion.to_numpy()
        if normalize:
            counts = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        if ax is None:
            side = max(4.0, 1.6 + 0.42 * len(self.classes))
            ax = new_axes((side, side))
        options = {
            "cmap": "Blues",
            "colorbar": False,
            "xticks_rotation": "vertical",
            "values_format": ".2f" if normalize else "d",
        } | options
        options["text_kw"] = {"fontsize": 8} | options.get("text_kw", {})
        display = ConfusionMatrixDisplay(counts, display_labels=self.classes)
        display.plot(ax=ax, **options)
        if display.text_ is not None:
            # Zeros are left blank, so that the errors stand out.
            for text in display.text_[counts == 0]:
                text.set_text("")
        return display

    def to_html(self, path, *, title=None, n_hardest=12):
        """Write the report as one self-contained HTML page.

        Parameters
        ----------
        path : str or path-like
        title : str or None, default=None
            None takes the name of the model.
        n_hardest : int, default=12
            Number of clips to embed, with spectrogram and sound: the most confident
            wrong predictions.

        Returns
        -------
        path : pathlib.Path

        See Also
        --------
        write_html : Several reports in one page.
        """
        return write_html(self, path, title=title, n_hardest=n_hardest)

    def __str__(self):
        """Summarise for the terminal."""
        # The warnings first: they put the scores in question.
        lines = [self._headline()]
        lines += [f"  warning: {warning}" for warning in self.warnings]
        width = 1 + max(17, *(len(name) for name in self.summary.index))
        for score in self.summary.itertuples():
            name = score.Index.replace("_", " ").replace("f1", "F1")
            interval = f"[{score.low:.3f}, {score.high:.3f}]"
            lines.append(f"  {name:<{width}}{score.value:.3f}  {interval}")
        lines.append(f"  {interval_text(self.summary.index)}")
        if self.reliability:
            error = calibration_text(self.reliability)
            lines.append(f"  {'calibration error':<{width}}{error}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        scores = self.summary.to_html(float_format="{:.3f}".format, border=0)
        warnings = "".join(f"<li>{escape(warning)}</li>" for warning in self.warnings)
        return f"<p>{escape(self._headline())}</p><ul>{warnings}</ul>{scores}"

    def _headline(self):
        facts = self.facts
        clips = count(facts["n_clips"], "clip")
        counts = f"{clips} in {count(facts['n_groups'], 'group')}"
        if facts.get("n_background") is not None:
            share = facts["n_background"] / facts["n_clips"]
            counts += f", {facts['n_background']} of them background ({share:.0%})"
        if facts["n_repeats"] > 1:
            counts += f", {facts['n_repeats']} repeats"
        return f"{self.name}: {self.kind}, {counts}, {len(self.classes)} classes"


def plain_number(value):
    """Return a number ready for JSON, which has no NaN: None where it is not known."""
    return None if np.isnan(value) else float(value)
