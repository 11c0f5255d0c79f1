"""The tables of an audit, and their summary as text."""

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from skaudio._utils.counts import count, first_names
from skaudio._utils.findings import (
    COMPARE,
    CORRECT,
    KEEP_TOGETHER,
    LEAVE_OUT,
    LISTEN,
    Finding,
)
from skaudio._utils.labels import look_alikes
from skaudio._utils.tables import number_text
from skaudio.audit._related_clips import RELATIONS

_N_NAMED = 6  # files of a problem


@dataclass(repr=False)
class AuditReport:
    """The tables that `audit_dataset` returns.

    Attributes
    ----------
    clips : DataFrame
        One row per clip, in the order given: ``file, label, split`` and the columns of
        `inspect_clips` with groups.
    classes : DataFrame
        Clips, groups, durations (s), sample rates, channels and codecs of each class;
        ``above_8_khz``, how many clips have 95 % or more of their energy there.
    problems : DataFrame
        ``file, label, problem, detail``: unreadable, empty, silent, clipped, above 8
        kHz, cancelling in the mix, longer than announced, damaged, odd.
    exact_copies : DataFrame
        ``set, file, label, split``: clips of one set have the same decoded audio.
    near_copies : DataFrame
        Pairs, with ``similarity``, ``offset`` (s) and ``overlap`` (s).
    same_source : DataFrame
        ``source, file, label, split, source_from``: clips cut from one recording.
    label_conflicts : DataFrame
        Copies under two labels: ``relation, file, label, other_file, other_label``.
    leaks : DataFrame
        Test clips leaked from training: ``test_file, relation, train_file,
        n_related``.
    metadata_baseline : DataFrame or None
        Rows ``majority`` (guesses the largest class) and ``metadata`` (a forest on
        metadata only); None where the classes have too few groups to cross-validate.
    groups_ : ndarray of int, shape (n,)
        Groups of related clips, for ``StratifiedGroupKFold``.

    Examples
    --------
    >>> import tempfile
    >>> from skaudio.audit import audit_dataset
    >>> from skaudio.datasets import make_animal_sounds
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = make_animal_sounds(
    ...         4, n_classes=2, output_dir=folder, random_state=0
    ...     )
    ...     report = audit_dataset(clips.data, test=clips.data[::4], cv=2)
    >>> report.findings()[0]
    '2 test clips have an exact copy in training: cat/cat_000_000.wav, ...'
    """

    clips: pd.DataFrame
    classes: pd.DataFrame
    problems: pd.DataFrame
    exact_copies: pd.DataFrame
    near_copies: pd.DataFrame
    same_source: pd.DataFrame
    label_conflicts: pd.DataFrame
    leaks: pd.DataFrame
    metadata_baseline: pd.DataFrame | None
    groups_: np.ndarray

    @property
    def imbalance_ratio(self):
        """Number of training clips of the largest class over those of the smallest."""
        counts = self.classes.loc[self.classes["split"] == "train", "clips"]
        return float(counts.max() / counts.min()) if len(counts) else float("nan")

    def sizes(self):
        """Return the number of clips as text, by split where there are two."""
        counts = self.clips["split"].map({"train": "training"}.get).fillna("test")
        counts = counts.value_counts(sort=False)
        if len(counts) == 1:
            return str(len(self.clips))
        return " and ".join(f"{n} {split}" for split, n in counts.items())

    def findings(self):
        """Summarise the audit in sentences, the most severe finding first.

        Returns
        -------
        list of str
            Each with ``remedy``, what to do about it, and ``names``, the clips.
            Includes the score of the metadata only where it is above guessing.
        """
        found = []
        for relation in RELATIONS:
            clips = self.leaks.query("relation == @relation")
            if len(clips):
                found.append(self._leaks_in_words(relation, clips["test_file"]))
        if len(self.label_conflicts):
            conflicts = count(len(self.label_conflicts), "clip")
            found.append(Finding(f"{conflicts} under two labels", CORRECT))
        found += [
            Finding(f"the classes {names} differ only by case or space", CORRECT)
            for names in look_alikes(self.clips["label"])
        ]
        if self._metadata_beats_guessing():
            found.append(Finding(self._baseline_in_words(), COMPARE))
        n_sets = self.exact_copies["set"].nunique()
        if n_sets:
            text = f"{count(n_sets, 'set')} of exact copies"
            # Of a clip under two labels one label is wrong, and no copy is redundant.
            labels = self.exact_copies.groupby("set")["label"]
            of_one = self.exact_copies[labels.transform("nunique") == 1]
            if extra := len(of_one) - of_one["set"].nunique():
                are = "is" if extra == 1 else "are"
                text += f": {extra} of the clips {are} redundant"
            found.append(Finding(text, KEEP_TOGETHER))
        if len(self.near_copies):
            pairs = count(len(self.near_copies), "further pair")
            found.append(Finding(f"{pairs} of near copies", KEEP_TOGETHER))
        if len(self.same_source):
            n_sources = self.same_source["source"].nunique()
            recordings = count(n_sources, "source recording")
            text = f"{recordings} gave {len(self.same_source)} of the clips"
            found.append(Finding(text, KEEP_TOGETHER))
        for problem, clips in self.problems.groupby("problem", sort=False):
            files = clips["file"].unique()
            head, more = f"{count(len(files), 'clip')} {problem}", ""
            names = [self._cell(file) for file in files]
            if problem == "unreadable":
                reasons = clips.drop_duplicates("file")["detail"].tolist()
                if len(set(reasons)) == 1:
                    more = f" ({reasons[0]})"
                else:  # each file with its own
                    names = [
                        f"{name} ({reason})"
                        for name, reason in zip(names, reasons, strict=True)
                    ]
            if problem == "above 8 kHz":
                more = self._band_in_words()
            text = f"{head}: {first_names(names, _N_NAMED)}{more}"
            found.append(Finding(text, LISTEN, names, head + more))
        return found

    def _leaks_in_words(self, relation, files):
        have = "has" if len(files) == 1 else "have"
        what = {
            "exact copy": "an exact copy",
            "near copy": "a near copy",
            "same source": "a clip of the same source recording",
            "same group": "a clip of the same group of yours",
        }[relation]
        n_files = count(len(files), "test clip")
        head = f"{n_files} {have} {what} in training"
        names = [self._cell(file) for file in files]
        return Finding(f"{head}: {', '.join(names)}", LEAVE_OUT, names, head)

    def _metadata_beats_guessing(self):
        if self.metadata_baseline is None:
            return False
        scores = self.metadata_baseline
        return bool((scores.loc["metadata"] > scores.loc["majority"]).any())

    def _baseline_in_words(self):
        majority, metadata = (
            self.metadata_baseline.loc[name] for name in ("majority", "metadata")
        )
        text = (
            f"the metadata alone scores {metadata['accuracy']:.2f} (balanced "
            f"{metadata['balanced_accuracy']:.2f}) in grouped cross-validation; "
            f"the largest class has {majority['accuracy']:.2f} of the clips"
        )
        if "test_accuracy" in self.metadata_baseline:
            text += ". On the test clips the metadata alone scores "
            text += f"{metadata['test_accuracy']:.2f}"
        return text

    def _band_in_words(self):
        classes = self.classes[self.classes["above_8_khz"] > 0]
        counts = ", ".join(
            f"{row.above_8_khz} of {row.clips} of {row.label}"
            for row in classes.itertuples()
        )
        return f" ({counts}), which models at sample_rate=16000 do not use"

    @cached_property
    def root(self):
        """The common folder of all clips; empty where they have none."""
        try:
            return os.path.commonpath(
                [os.path.dirname(file) for file in self.clips["file"]]
            )
        except ValueError:
            return ""

    def _cell(self, value):
        if isinstance(value, float):
            return number_text(value)
        text = "" if value is None else str(value)
        return text.removeprefix(self.root + os.sep) if self.root else text

    def __str__(self):
        """Summarise as text, with paths relative to their common folder."""
        n_groups = self.clips["group"].nunique()
        lines = [
            f"{self.sizes()} clips of {self.clips['label'].nunique()} classes in "
            f"{n_groups} groups; the largest class has {self.imbalance_ratio:.1f} "
            "times the clips of the smallest",
            *(f"- {finding}" for finding in self.findings()),
        ]
        if self.metadata_baseline is not None and not self._metadata_beats_guessing():
            # As it should be, so no finding.
            lines.append(f"for information: {self._baseline_in_words()}")
        shown = {
            "leaks": self.leaks,
            "label_conflicts": self.label_conflicts,
            "classes": self.classes.drop(columns=["sample_rates", "codecs"]),
        }
        for name, table in shown.items():
            if len(table):
                text = table.map(self._cell).to_string(index=False)
                lines += ["", _TITLES[name], text]
        return "\n".join(lines)

    __repr__ = __str__


_TITLES = {
    "leaks": "Test clips leaked from training",
    "label_conflicts": "One clip, two labels",
    "classes": "Classes",
}
