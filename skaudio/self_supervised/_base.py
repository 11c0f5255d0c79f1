"""The base of the encoders that are fitted without labels."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skaudio import _nets
from skaudio._nets.architectures import ARCHITECTURES, make_body
from skaudio._nets.devices import device_or_cpu, present_device
from skaudio._nets.saved_weights import (
    SavedWeights,
    check_weights,
    to_arrays,
    to_tensors,
)
from skaudio._utils.sklearn_compat import Interval, StrOptions, validate_parameters
from skaudio._utils.threads import limited_threads
from skaudio._utils.views import (
    as_fitted_views,
    as_views,
    readable_rows,
)


class SelfSupervisedEncoder(
    SavedWeights, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    """Base of the encoders that learn from clips without labels.

    A subclass defines the loss in `_objective` and the views in `_pairs`.

    Parameters
    ----------
    architecture : {"alexnet_mel", "cnn1d", "enhanced_cnn1d", "resnet_mel", \
            "statistics_mel", "transformer_mel"}
        The net to train: that of the classifier of this name without its last layer.
    max_epochs : int, default=100
        Passes of `fit` over the clips. `partial_fit` makes one pass.
    batch_size : int, default=128
        Clips per batch, at most; of each there are two views.
    weight_decay : float, default=0.0001
        Decoupled L2 penalty (AdamW).
    device : str, default="cpu"
        Torch device, such as "cpu" or "cuda".
    n_threads : int or None, default=1
        Threads of torch and BLAS, as in `AlexNetMelClassifier`.
    random_state : int, RandomState or None, default=None
        Fixes weights, batches and views.
    verbose : int, default=0
        1 prints a line per pass.

    Attributes
    ----------
    body_ : torch.nn.Module
        The fitted net, from log-mels to features.
    input_shape_ : tuple (n_mels, n_frames)
        What `transform` expects.
    n_passes_ : int
        Passes made so far, over all clips or over chunks of them.
    history_ : list of dict
        One entry per pass: ``loss``, ``n_clips``, ``seconds``.
    n_parameters_ : int
        Number of trainable weights in `body_`.
    n_features_in_ : int
        Number of mel bands (of samples, where rows were 1-D).
    """

    _net_name = "body_"

    _parameter_constraints = {
        "architecture": [StrOptions(set(ARCHITECTURES))],
        "crop_frames": [Interval(Integral, 1, None, closed="left")],
        "projection_size": [Interval(Integral, 1, None, closed="left")],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 2, None, closed="left")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "device": [str],
        "n_threads": [None, Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def fit(self, X, y=None):
        """Train from new weights, `max_epochs` passes.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
            Trailing all-zero frames are padding, and no view is taken from it. If a row
            has several views, the two of a pair come from different ones. A 2-D X is
            taken as one-band signals. Rows that are all NaN (clips that could not be
            read) are left out with a warning.
        y : ignored

        Returns
        -------
        self : the fitted encoder

        Raises
        ------
        KeyboardInterrupt
            If it is interrupted. Completed passes are kept, the current one is
            discarded: `partial_fit` continues with the same result as without a break.
        """
        validate_parameters(self)
        X = self._rows(X, first=True)
        self._start(X)
        while self.n_passes_ < self.max_epochs:
            self._pass(X)
        self._may_go_on = False
        return self

    def partial_fit(self, X, y=None):
        """Make one pass over a chunk of clips, continuing from the last one.

        `max_epochs` calls with the same X equal one `fit`.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)
        y : ignored

        Returns
        -------
        self : the fitted encoder

        Raises
        ------
        ValueError
            If the encoder was saved after `fit`, without its optimiser.
        """
        validate_parameters(self)
        first = not hasattr(self, "body_")
        if not first and getattr(self, "_training", None) is None:
            raise ValueError(
                f"This {type(self).__name__} was saved after fit, without its "
                "optimiser, and cannot continue: call fit, which starts anew, or use "
                "partial_fit from the start."
            )
        X = self._rows(X, first)
        if first:
            self._start(X)
        self._may_go_on = True
        self._pass(X)
        return self

    def transform(self, X):
        """Compute the features of clips, from whole clips and not from crops.

        Parameters
        ----------
        X : float array of shape (n, n_mels, n_frames) or (n, n_views, n_mels, n_frames)

        Returns
        -------
        features : ndarray of float32, shape (n, n_features)
            Means over the views. NaN rows give NaN.
        """
        check_is_fitted(self)
        X = self._rows(X, first=False, fitting=False)

        def of_rows(log_mels):
            return _nets.batches.outputs_of(self.body_, log_mels).numpy()

        with limited_threads(self.n_threads):
            return _nets.batches.mean_over_views(
                X, self._n_features_out, np.float32, of_rows
            )

    @property
    def _n_features_out(self):
        return self.body_.n_features

    def _rows(self, X, first, fitting=True):
        """Check the rows; in a fit leave out those that are NaN."""
        X = as_views(self, X, reset=True)[0] if first else as_fitted_views(self, X)
        if not fitting:
            return X
        keep = readable_rows(X)
        X = X if keep is None else X[keep]
        if len(X) < 2:
            raise ValueError(
                f"{type(self).__name__} got 1 sample: expected at least 2 clips to "
                "compare."
            )
        return X

    def _start(self, X):
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self.input_shape_ = X.shape[2:]
        self._unit_of_decibel = float(_nets.batches.unit_of_decibel(X[:, 0]))
        self._training = self._new_training(seed, present_device(self.device))
        self.body_ = self._training.objective.body
        weights = self.body_.parameters()
        self.n_parameters_ = sum(weight.numel() for weight in weights)
        self.n_passes_, self.history_ = 0, []
        self._may_go_on = True

    def _new_training(self, seed, device):
        from skaudio.self_supervised._training import Training

        return Training(self._new_objective, self.weight_decay, seed, device)

    def _new_objective(self):
        return self._objective(self._new_module())

    def _pass(self, X):
        number = self.n_passes_
        crop_frames = min(self.crop_frames, self.input_shape_[1])
        pairs = self._pairs(crop_frames)
        with limited_threads(self.n_threads):
            facts = self._training.run_pass(X, pairs, self.batch_size, self.lr, number)
        self.n_passes_ += 1
        self.history_.append(facts)
        if self.verbose:
            print(
                f"pass {number + 1}: loss {facts['loss']:.4f}, {facts['n_clips']} "
                f"clips, {facts['seconds']:.1f} s"
            )

    def _new_module(self):
        return make_body(self.architecture, self.input_shape_)

    def _new_net(self, device):
        return self._new_module().to(device).eval()

    def _fitted_module(self):
        return self.body_

    def __getstate__(self):
        """Keep weights, parameters and history, and the training if it can continue."""
        state = super().__getstate__()
        training = state.pop("_training", None)
        if training is not None and self._may_go_on:
            del state["_weights"]  # the training state includes them
            state["_seed"] = training.seed
            state["_session"] = to_arrays(training.state())
        return state

    def __setstate__(self, state):
        """Rebuild the net from its weights, on the CPU where the GPU is absent."""
        state = dict(state)
        session, seed = state.pop("_session", None), state.pop("_seed", None)
        super().__setstate__(state)
        if session is not None:
            check_weights(self, self._new_objective, session["objective"])
            self._training = self._new_training(seed, device_or_cpu(self.device))
            self._training.load(to_tensors(session))
            self._training.objective.eval()
            self.body_ = self._training.objective.body

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
