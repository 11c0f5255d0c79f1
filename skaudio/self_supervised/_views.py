"""Two views of each clip of a batch, for the encoders to bring together."""

from numbers import Real

import numpy as np

from skaudio.self_supervised._crops import crops, random_starts, resized_crops
from skaudio.self_supervised._log_mixup import log_mixup


def check_scale(scale):
    """Validate the range of `resized_crops`."""
    if scale is None:
        return None
    is_pair = len(scale) == 2 and all(isinstance(size, Real) for size in scale)
    if not is_pair or not 0 < scale[0] <= scale[1]:
        raise ValueError(
            f"crop_scale={scale!r}: expected None or a pair (low, high) with 0 < low "
            "<= high."
        )
    return tuple(scale)


class PairDrawer:
    """Draw two views per row, in the order crop, mixup, resizing, gain, masks.

    Parameters
    ----------
    crop_frames : int
        Frames of a view, from the part of the clip without padding.
    same_crop : bool
        Whether both views are of one crop, or each is of a crop of its own.
    mixup_ratio : float
        Largest share of another clip in the background; 0 turns it off.
    scale : pair of float or None
        For `resized_crops`.
    gain : float
        Largest gain, in the units of the log-mels.
    masks : object with ``redraw(log_mels, rng)`` or None
    """

    def __init__(
        self,
        crop_frames,
        same_crop=False,
        mixup_ratio=0.0,
        scale=None,
        gain=0.0,
        masks=None,
    ):
        self.crop_frames = crop_frames
        self.same_crop = same_crop
        self.mixup_ratio = mixup_ratio
        self.scale = scale
        self.gain = gain
        self.masks = masks

    def __call__(self, X, rows, rng):
        """Draw the pairs of a batch.

        Parameters
        ----------
        X : ndarray of float32, shape (n, n_views, n_bands, n_frames)
            If rows have several views, the two of a pair come from different ones.
        rows : ndarray of int, shape (n_batch,)
        rng : numpy.random.Generator

        Returns
        -------
        first, second : Tensor of shape (n_batch, n_bands, n_frames)
            The crops, and padding up to the width of X.
        """
        import torch

        n_views, n_frames = X.shape[1], X.shape[-1]
        chosen = rng.integers(n_views, size=len(rows))
        pair = []
        starts = None
        for _ in range(2):
            log_mels = X[rows, chosen]
            if starts is None or not self.same_crop:
                starts = random_starts(log_mels, self.crop_frames, rng)
            view = self._change(crops(log_mels, starts, self.crop_frames), rng)
            padded = np.zeros((*view.shape[:2], n_frames), np.float32)
            padded[..., : self.crop_frames] = view
            pair.append(torch.from_numpy(padded))
            if n_views > 1:
                chosen = (chosen + rng.integers(1, n_views, size=len(rows))) % n_views
        return pair

    def _change(self, view, rng):
        if self.mixup_ratio:
            view = log_mixup(view, rng, self.mixup_ratio)
        if self.scale is not None:
            view = resized_crops(view, rng, self.scale)
        if self.gain:
            view = view + rng.uniform(
                -self.gain, self.gain, size=(len(view), 1, 1)
            ).astype(np.float32)
        return view if self.masks is None else self.masks.redraw(view, rng)
