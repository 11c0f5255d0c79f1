"""Batch statistics of another place, taken over without labels."""

import warnings

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch.nn.modules.batchnorm import _BatchNorm

from skaudio._utils.views import as_fitted_views, unreadable_rows

# Large, since what clips differ by between batches is lost to the variance.
_BATCH_SIZE = 128


class BatchNormAdaptation:
    """Mixin of classifiers whose nets can take over the statistics of other clips.

    The classifier has ``input_shape_`` and a method ``_fitted_module()``; where its
    rows are no pictures, ``_as_pictures`` makes them.
    """

    def _as_pictures(self, X, reset):
        """Make the pictures that the net sees, where rows are something else."""
        return X

    def adapt(self, X_target):
        """Re-estimate batch normalisation on unlabelled clips of another place (AdaBN).

        The mean and the variance of every channel, which training estimated on its own
        clips, are replaced by those of `X_target`, all else stays: no label is needed,
        and nothing is trained. For sounds of another microphone, distance or noise than
        the training clips'; the kinds of calls should be about as frequent as in
        training, or their frequencies pass for a change of place.

        Parameters
        ----------
        X_target : float array of shape (n, n_mels, n_frames), or with views 4-D
            Log-mels, made as those of `fit`; tens of clips at least. All views count.
            Rows that are NaN throughout are left out with a warning.

        Returns
        -------
        self : the classifier itself, changed
            As `fit`, and as a step of a pipeline needs it. Keep the model as it was by
            ``copy.deepcopy(model)`` or a saved file; clips of the training places
            ``adapt`` it back, but for the augmentation of training.

        Raises
        ------
        ValueError
            Where the net has no batch normalisation, fewer than 2 clips can be read, or
            the pictures have another size than in `fit`.

        Notes
        -----
        Each call starts from the weights alone: what an earlier call estimated has no
        influence. In a pipeline the steps before make the log-mels::

            pipe[-1].adapt(pipe[:-1].transform(paths))

        References
        ----------
        Y. Li, N. Wang, J. Shi, J. Liu, X. Hou, "Revisiting batch normalization for
        practical domain adaptation", arXiv:1603.04779 (2016).
        """
        check_is_fitted(self)
        X = as_fitted_views(self, self._as_pictures(X_target, reset=False))
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
            warnings.warn(
                f"{missing.sum()} of {len(X)} clips are NaN (they could not be read) "
                "and are left out of the adaptation: rows "
                f"{np.flatnonzero(missing).tolist()}.",
                stacklevel=2,
            )
        pictures = X[~missing].reshape(-1, *self.input_shape_)
        if len(pictures) < 2:
            raise ValueError(
                f"X_target holds {len(pictures)} clips that can be read: expected at "
                "least 2, better tens, whose statistics to take over."
            )
        _re_estimate(module, layers, pictures)
        return self


def _re_estimate(module, layers, pictures):
    device = next(module.parameters()).device
    # Shuffled, so that each batch holds some of all, and of even sizes, so that none
    # counts more than another. The seed is fixed: there is nothing to choose here.
    order = np.random.default_rng(0).permutation(len(pictures))
    n_batches = -(-len(pictures) // _BATCH_SIZE)
    module.eval()
    momenta = [layer.momentum for layer in layers]
    try:
        for layer in layers:
            layer.train()
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean over batches
        with torch.inference_mode():
            for rows in np.array_split(order, n_batches):
                module(torch.from_numpy(pictures[rows]).to(device))
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        module.eval()
