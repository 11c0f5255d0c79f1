"""One sentence on what the scores of a page say."""

_N_NAMED = 3  # models; more are counted


def verdict(splits):
    """Say which model is best, and what is a tie.

    Parameters
    ----------
    splits : list of Split

    Returns
    -------
    sentence : str
        Empty where several models were scored on different clips.
    """
    # Leaked clips decide nothing.
    has_clean = any(split.is_clean for split in splits)
    told = [
        split
        for split in splits
        if split.kind == "cross-validation" or split.is_clean or not has_clean
    ]
    parts = [part for split in told if (part := _of_split(split))]
    if not parts:
        return ""
    sentence = "; ".join(parts) + "."
    # The name of a model stays as it is.
    is_name = any(sentence.startswith(str(one.name)) for one in told[0].known)
    return sentence if is_name else sentence[0].upper() + sentence[1:]


def _of_split(split):
    is_cv = split.kind == "cross-validation"
    clean = "clean " if split.is_clean else ""
    where = f"on the {split.n_clips} {clean}test clips"
    if len(split.known) == 1:
        (report,) = split.known
        name = report.main_score.replace("_", " ")
        how = "by cross-validation" if is_cv else where
        return f"{name} {_score(report)} {how}"
    if not split.pairs:
        return ""
    best = max(split.known, key=lambda report: _value(report))
    ties = [str(best.name)]
    for report in split.known:
        pair = {str(best.name), str(report.name)}
        told = {
            row["verdict"]
            for row in split.pairs
            if {str(row["model"]), str(row["other"])} == pair
        }
        # One rule for the page: a tie here is a tie in its table of pairs.
        if told == {"tie"}:
            ties.append(str(report.name))
    if is_cv and ties[1:]:
        return (
            f"{ties[0]} scores highest by cross-validation, {_score(best)}, a tie with "
            f"{_listed(ties[1:])}"
        )
    if is_cv:
        return f"{ties[0]} is best by cross-validation, {_score(best)}"
    if ties[1:]:
        return f"{where} {_listed(ties)} are a tie"
    return f"{where} {ties[0]} is best, {_score(best)}"


def _value(report):
    value = report.summary.loc[report.main_score, "value"]
    return value if value == value else -1.0


def _score(report):
    row = report.summary.loc[report.main_score]
    dash = "\N{EN DASH}"
    return f"{row['value']:.2f} ({row['low']:.2f}{dash}{row['high']:.2f})"


def _listed(names):
    if len(names) > _N_NAMED:
        return f"{', '.join(names[:_N_NAMED])} and {len(names) - _N_NAMED} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
