"""Several pipelines, by the names of their classifiers."""

from skaudio.pipelines._audio_pipeline import audio_pipeline
from skaudio.pipelines._default_classifier import default_classifier
from skaudio.pipelines._embedding_pipeline import HEADS


def named_pipelines(
    names=(),
    features=(),
    noise=None,
    *,
    calibration=None,
    random_state=None,
    n_jobs=None,
):
    """Build networks by name, and heads on each set of pretrained embeddings.

    Parameters
    ----------
    names : sequence of str, default=()
        Of `PIPELINES` and `HEADS`. If empty: `default_classifier`, with features
        "logistic".
    features : sequence of str or of list of str, default=()
        Sets of embeddings, such as ``["birdnet", ["birdnet", "yamnet"]]``; a string may
        list several, separated by commas.
    noise : folder, list of files or arrays, or None, default=None
        For the networks that mix noise in.
    calibration, random_state, n_jobs
        As in `audio_pipeline`.

    Returns
    -------
    pipelines : dict of str to Pipeline
        A head on embeddings has a name such as "birdnet+yamnet logistic". "fine_tuned"
        is left out on other sets where one of the sets is "yamnet" alone.

    Raises
    ------
    ValueError
        Where features come without a head, or a head without features.

    See Also
    --------
    audio_pipeline : Builds one.

    Examples
    --------
    >>> from skaudio.pipelines import named_pipelines
    >>> list(named_pipelines(["cnn1d", "logistic"], ["yamnet", "birdnet,yamnet"]))
    ['cnn1d', 'yamnet logistic', 'birdnet+yamnet logistic']
    """
    if not names and not features:
        name, own = default_classifier(noise)
        names, features = [name], [own] if own else []
    names = list(names) or ["logistic"]
    heads = [name for name in names if name in HEADS]
    if features and not heads:
        raise ValueError(
            f"features={' '.join(map(str, features))!r} with {', '.join(names)}, which "
            f"takes none: expected a head among the classifiers, such as {HEADS[0]!r}."
        )
    if heads and not features:
        example = "yamnet" if heads[0] == "fine_tuned" else "efficientat"
        raise ValueError(
            f"{heads[0]!r} is a head without features: add features, such as "
            f"{example!r}."
        )
    sets = [_feature_names(names) for names in features]
    options = dict(calibration=calibration, random_state=random_state, n_jobs=n_jobs)
    pipelines = {
        name: audio_pipeline(name, noise=noise, **options)
        for name in names
        if name not in heads
    }
    for own in sets:
        for head in heads:
            # Only YAMNet alone is fine-tuned; other sets beside it have other heads.
            if head != "fine_tuned" or own == ["yamnet"] or ["yamnet"] not in sets:
                name = f"{'+'.join(own)} {head}"
                pipelines[name] = audio_pipeline(head, features=own, **options)
    return pipelines


def _feature_names(names):
    if isinstance(names, str):
        names = names.split(",")
    return [name.strip() for name in names]
