"""Domain adaptation of batch normalisation to unlabelled clips (AdaBN)."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skaudio._utils.threads import limited_threads
from skaudio._utils.views import as_fitted_views, unreadable_rows
from skaudio._utils.warn import warn_user

# Large, since the mean of the batches' variances omits the variance between batches.
_BATCH_SIZE = 128


class BatchNormAdaptation:
    """Mixin of classifiers whose batch normalisation can be adapted to other clips.

    The classifier has `n_threads`, ``input_shape_`` and a method
    ``_fitted_module()``. If its rows are not log-mels, it overrides ``_as_log_mels``.
    """

    def _as_log_mels(self, X, reset):
        """Convert rows to the log-mels that the net takes."""
        return X

    def adapt(self, X_target):
        """Adapt batch normalisation to unlabelled clips of another domain (AdaBN).

        The mean and the variance of every channel, estimated on the training clips, are
        replaced by those of `X_target`. No label is needed, and no weight changes. For
        clips with another microphone, distance or noise than the training clips.
        Classes should be about as frequent as in training, since a change of class
        frequencies also changes the statistics.

        Parameters
        ----------
        X_target : float array of shape (n, n_mels, n_frames), or with views 4-D
            Log-mels, extracted as those of `fit`; tens of clips at least. All views
            count. Rows that are all NaN are left out with a warning.

        Returns
        -------
        self : the classifier itself, changed
            To keep the model before domain adaptation, use ``copy.deepcopy(model)`` or
            a saved file. Training clips ``adapt`` it back, except for the effect of
            augmentation.

        Raises
        ------
        ValueError
            If the net has no batch normalisation, fewer than 2 clips can be read, or
            the log-mels have another shape than in `fit`.

        Notes
        -----
        Earlier calls have no influence on the result. In a pipeline the steps before
        the classifier compute the log-mels::

            pipe[-1].adapt(pipe[:-1].transform(paths))

        References
        ----------
        Y. Li, N. Wang, J. Shi, J. Liu, X. Hou, "Revisiting batch normalization for
        practical domain adaptation", arXiv:1603.04779 (2016).
        """
        from torch.nn.modules.batchnorm import _BatchNorm

        check_is_fitted(self)
        X = as_fitted_views(self, self._as_log_mels(X_target, reset=False))
        module = self._fitted_module()
        layers = [layer for layer in module.modules() if isinstance(layer, _BatchNorm)]
        if not layers:
            raise ValueError(
                f"{type(self).__name__} has no batch normalisation to adapt: expected "
                "a net with layers such as torch.nn.BatchNorm2d, as "
                "AlexNetMelClassifier has."
            )
        missing = unreadable_rows(X)
        if missing.any():
            warn_user(
                f"{missing.sum()} of {len(X)} clips are NaN (they could not be read) "
                "and are left out of the domain adaptation: rows "
                f"{np.flatnonzero(missing).tolist()}."
            )
        log_mels = X[~missing].reshape(-1, *self.input_shape_)
        if len(log_mels) < 2:
            raise ValueError(
                f"X_target holds {len(log_mels)} clips that can be read: expected at "
                "least 2, better tens, to estimate statistics from."
            )
        with limited_threads(self.n_threads):
            _re_estimate(module, layers, log_mels)
        return self


def _re_estimate(module, layers, log_mels):
    import torch

    device = next(module.parameters()).device
    # Shuffled, so that batches are alike; of even sizes, so that all weigh the same.
    # The seed is fixed, so that repeated calls give the same result.
    order = np.random.default_rng(0).permutation(len(log_mels))
    n_batches = -(-len(log_mels) // _BATCH_SIZE)
    module.eval()
    momenta = [layer.momentum for layer in layers]
    try:
        for layer in layers:
            layer.train()
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean over batches
        with torch.inference_mode():
            for rows in np.array_split(order, n_batches):
                module(torch.from_numpy(log_mels[rows]).to(device))
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        module.eval()
