"""Leading steps that all folds and variants share, precomputed once."""

import joblib
from sklearn.pipeline import FeatureUnion, Pipeline

from skaudio._utils.leading_steps import is_skipped, n_leading_steps

# Parameters that change no output.
_NO_FACTS = ("n_jobs", "verbose")


class Precomputed:
    """Decoded clips, log-mels or embeddings, computed once for all folds and variants.

    Holds the outputs of the leading row-by-row steps of the last pipeline only, so that
    memory is that of one fit.
    """

    def __init__(self):
        self._outputs = {}

    def apply(self, estimator, X):
        """Compute the leading steps of a pipeline.

        Parameters
        ----------
        estimator : estimator
        X : list of clips, or other input of the estimator
            The same X in every call.

        Returns
        -------
        rest : estimator
            The remaining steps; the estimator itself where no step is precomputed.
        X : array or list
            The rows that `rest` takes.
        """
        n_leading = n_leading_steps(estimator)
        if not n_leading:
            return estimator, X
        steps = estimator.steps
        wanted = {}
        for place in range(n_leading):
            step = steps[place][1]
            key = joblib.hash([_facts(step) for _, step in steps[: place + 1]])
            if key not in self._outputs:
                # Pipelines would fit; these steps only check parameters in `fit`.
                self._outputs[key] = X if is_skipped(step) else step.fit_transform(X)
            X = wanted[key] = self._outputs[key]
        self._outputs = wanted
        return Pipeline(steps[n_leading:]), X


def _facts(step):
    """Return what the output of a step depends on, without step names."""
    if isinstance(step, Pipeline):
        return "Pipeline", [_facts(part) for _, part in step.steps]
    if isinstance(step, FeatureUnion):
        parts = [(name, _facts(part)) for name, part in step.transformer_list]
        return "FeatureUnion", parts, step.transformer_weights
    if is_skipped(step):
        return None
    if isinstance(step, str):  # a branch that is dropped
        return step
    parameters = step.get_params()
    for name in _NO_FACTS:
        parameters.pop(name, None)
    return type(step).__name__, parameters
