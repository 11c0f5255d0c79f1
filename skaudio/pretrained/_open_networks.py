"""Find out before any work whether published networks can run."""


def open_networks(*estimators):
    """Open the published networks of estimators, so that none fails later.

    Embedding many clips takes minutes, and a second network is first opened when the
    first one is done. A network is opened once per process: this costs nothing twice.

    Parameters
    ----------
    *estimators : estimator
        Such as a `Pipeline` with embedders or a `FineTunedClassifier`; those without a
        network pass.

    Raises
    ------
    ImportError
        Where a package is not installed; the message names it.
    OSError
        Where weights are not there and cannot be fetched.
    ValueError
        Where a file of weights is damaged, or a parameter is wrong.

    Examples
    --------
    >>> from skaudio.pipelines import audio_pipeline
    >>> from skaudio.pretrained import open_networks
    >>> open_networks(audio_pipeline("logistic", features="efficientat"))
    ... # doctest: +SKIP
    """
    for estimator in estimators:
        opened = []
        for name, part in {"": estimator, **estimator.get_params()}.items():
            # An estimator that opens its network sees to the parts of it, too.
            inside = any(name.startswith(f"{other}__") for other in opened)
            if hasattr(part, "_open_network") and not inside:
                part._open_network()
                if not name:
                    break
                opened.append(name)
