"""A report on held-out clips, over several seeds."""

from sklearn.utils import check_consistent_length

from skaudio._utils.clips import lists_clips
from skaudio._utils.labels import as_groups
from skaudio._utils.multilabel import as_targets
from skaudio._utils.names import model_name
from skaudio._utils.random_state import first_seed
from skaudio.audit import group_clips
from skaudio.model_selection._model_reports import as_test, check_count, model_reports
from skaudio.model_selection._runs import check_cache_seed


def held_out_report(
    estimator,
    X,
    y,
    X_test,
    y_test,
    groups=None,
    groups_test=None,
    n_seeds=1,
    n_jobs=None,
    *,
    random_state=None,
    name=None,
    leaks=None,
    cache_dir=None,
    on_run=None,
    verbose=0,
):
    """Fit a model on all training clips, once per seed, and score held-out clips.

    Parameters
    ----------
    estimator : classifier or Pipeline
        Cloned for each seed.
    X, X_test : list of clips or array of shape (n, ...)
        What `estimator` takes, usually paths.
    y, y_test : array-like of shape (n,) or (n, n_classes)
        Labels, or indicator matrices where a clip may have several.
    groups : array-like of shape (n,) or None, default=None
        Of `X`, for the inner split of the classifier. None finds them with
        `group_clips` where `X` lists clips; else each row is a group.
    groups_test : array-like of shape (n_test,) or None, default=None
        Clips of one group are drawn together for the intervals. None works as for
        `groups`.
    n_seeds : int, default=1
        Fits, each with its own seed.
    n_jobs : int or None, default=None
        Fits that run at once, through joblib, each in one thread.
    random_state : int, RandomState or None, default=None
        The first seed s; the others are s + 1 and so on.
    name : str or None, default=None
        None is the class name of the classifier.
    leaks : DataFrame or None, default=None
        As from `find_leaks`. None calls it where both `X` and `X_test` list clips.
    cache_dir, on_run, verbose
        As in `cross_validated_report`.

    Returns
    -------
    report : Report or MultilabelReport
        Of ``n_seeds`` repeats.

    Raises
    ------
    ValueError
        Where `y_test` has classes that `y` lacks, or lengths differ.

    See Also
    --------
    report_on : Scores a model that is already fitted.

    Notes
    -----
    Nothing may be chosen on these clips: neither a model nor a seed. The summary is the
    median over the seeds; its interval covers the choice of clips, not of seeds.

    Examples
    --------
    >>> from skaudio import MFCCStatistics
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.model_selection import held_out_report
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> one, other = (
    ...     make_animal_sounds(6, n_classes=2, random_state=seed) for seed in (0, 1)
    ... )
    >>> model = make_pipeline(MFCCStatistics(), StandardScaler(), LogisticRegression())
    >>> report = held_out_report(
    ...     model, one.data, one.target, other.data, other.target, random_state=0
    ... )
    >>> report.kind, report.facts["n_clips"], report.facts["n_train"]
    ('held-out', 12, 12)
    """
    y = as_targets(y)
    check_consistent_length(X, y, groups)
    check_consistent_length(X_test, y_test, groups_test)
    check_count("n_seeds", n_seeds)
    check_cache_seed(cache_dir, random_state)
    test = as_test((X_test, y_test, groups_test), y, n_jobs)
    if groups is None:
        groups = group_clips(X, n_jobs=n_jobs) if lists_clips(X) else range(len(y))
    return model_reports(
        *({model_name(estimator, name): estimator}, X, y, as_groups(groups)),
        test=test,
        n_seeds=n_seeds,
        seed=first_seed(random_state),
        leaks=leaks,
        cache_dir=cache_dir,
        n_jobs=n_jobs,
        on_run=on_run,
        verbose=verbose,
    )[0]
