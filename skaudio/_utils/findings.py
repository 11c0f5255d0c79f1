"""Findings and warnings: text that also gives its clips, and what to do about them."""

LEAVE_OUT = "Report the scores without these test clips"
CORRECT = "Correct these labels"
COMPARE = "Look for what gives a class away beside its animal"
KEEP_TOGETHER = "Keep related clips together, as skaudio's own groups do"
LISTEN = "Listen to these clips, and leave out or replace what is broken"
PASS_TRAINING = "Pass the training clips, or save them with the model"
COLLECT = "Collect clips of these classes"
OTHER = "Take note"
REMEDIES = (
    LEAVE_OUT,
    PASS_TRAINING,
    CORRECT,
    COMPARE,
    COLLECT,
    KEEP_TOGETHER,
    LISTEN,
    OTHER,
)


class Finding(str):
    """A sentence, and what to do.

    Parameters
    ----------
    text : str
    remedy : str, default=OTHER
        One of `REMEDIES`.
    names : sequence of str, default=()
        Of all clips concerned, as `text` shows some of them.
    head : str or None, default=None
        The text without them; None where it names no clips.
    """

    def __new__(cls, text, remedy=OTHER, names=(), head=None):
        """Build the text."""
        finding = super().__new__(cls, text)
        finding.remedy, finding.names = remedy, tuple(names)
        finding.head = text if head is None else head
        return finding

    def __getnewargs__(self):
        """Give pickle what it needs."""
        return str(self), self.remedy, self.names, self.head


def by_remedy(findings):
    """Group findings by what to do about them.

    Parameters
    ----------
    findings : iterable of str
        Plain text has the remedy `OTHER`.

    Returns
    -------
    groups : dict of str to list of Finding
        In the order of `REMEDIES`; each text once.
    """
    unique = [
        one if isinstance(one, Finding) else Finding(str(one))
        for one in dict.fromkeys(findings)
    ]
    groups = {
        remedy: [one for one in unique if one.remedy == remedy] for remedy in REMEDIES
    }
    return {remedy: found for remedy, found in groups.items() if found}
