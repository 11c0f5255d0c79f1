"""The training of an encoder, pass by pass, which can stop and continue."""

import contextlib
import copy

import numpy as np
import torch
from skorch.callbacks import Callback
from torch.utils.data import IterableDataset

from skaudio._nets.audio_net import AudioNet
from skaudio._nets.seeding import seeded_torch
from skaudio._nets.skorch_net import TrainedNet, whole_batches


class Training:
    """A body with its heads, its optimiser, and one seed for all passes.

    Each pass over a chunk of clips draws from generators of its own, seeded by the seed
    and the number of the pass. So the weights and the optimiser are all that has to be
    kept to continue with the same result as without a break.

    Parameters
    ----------
    make_objective : callable
        Returns the module whose output is the loss; its ``body`` is the encoder.
    weight_decay : float
    seed : int
    device : torch.device
    """

    def __init__(self, make_objective, weight_decay, seed, device):
        self.seed = seed
        self.device = device
        with seeded_torch(seed, device):
            self.net = _PairNet(
                make_objective(),
                torch.nn.Identity,
                optimizer=torch.optim.AdamW,
                optimizer__weight_decay=weight_decay,
                iterator_train=whole_batches,
                train_split=None,
                device=str(device),
                verbose=0,
                callbacks=[_AfterStep()],
            ).initialize()
        self.objective = self.net.module_

    def run_pass(self, X, draw_pairs, batch_size, lr, number):
        """Train on each row once; an interrupted pass is discarded.

        Parameters
        ----------
        X : ndarray of float32, shape (n, n_views, n_bands, n_frames)
        draw_pairs : callable
        batch_size : int
            At most; the batches of a pass are of nearly equal size.
        lr : float
        number : int
            Of the pass, from 0.

        Returns
        -------
        facts : dict
            ``loss`` (mean over the rows), ``n_clips``, ``seconds``.
        """
        before = copy.deepcopy(self.state())
        for weights in self.net.optimizer_.param_groups:
            weights["lr"] = lr
        rng = np.random.default_rng([self.seed, number])
        pairs = _Pairs(X, draw_pairs, batch_size, rng)
        try:
            with (
                seeded_torch(int(rng.integers(2**31)), self.device),
                _narrow(self.objective, draw_pairs.crop_frames),
            ):
                self.net.fit_loop(pairs, epochs=1)
        except BaseException:
            self.load(before)
            raise
        finally:
            self.objective.eval()
        epoch = self.net.history[-1]
        return {
            "loss": epoch["train_loss"],
            "n_clips": len(X),
            "seconds": epoch["dur"],
        }

    def state(self):
        """Return the weights and the optimiser's state."""
        return {
            "objective": self.objective.state_dict(),
            "optimizer": self.net.optimizer_.state_dict(),
        }

    def load(self, state):
        """Restore what `state` returned."""
        self.objective.load_state_dict(state["objective"])
        self.net.optimizer_.load_state_dict(state["optimizer"])


class _Pairs(IterableDataset):
    """The batches of one pass: two views of each row."""

    def __init__(self, X, draw_pairs, batch_size, rng):
        self.X = X
        self.draw_pairs = draw_pairs
        self.rng = rng
        order = rng.permutation(len(X))
        # A batch needs at least two rows.
        n_batches = max(1, min(-(-len(X) // batch_size), len(X) // 2))
        self.batches = np.array_split(order, n_batches)

    def __iter__(self):
        for rows in self.batches:
            first, second = self.draw_pairs(self.X, rows, self.rng)
            yield {"first": first, "second": second}, rows


class _PairNet(TrainedNet):
    def get_loss(self, y_pred, y_true, X=None, training=False):
        return y_pred


class _AfterStep(Callback):
    """Let the objective update what is no weight of the optimiser."""

    def on_batch_end(self, net, training=False, **kwargs):
        if hasattr(net.module_, "after_step"):
            net.module_.after_step()


@contextlib.contextmanager
def _narrow(objective, n_frames):
    """Limit the segments that nets take to the length of a crop."""
    nets = [net for net in objective.modules() if isinstance(net, AudioNet)]
    nets = [net for net in nets if net.segment is not None]
    widths = [net.segment for net in nets]
    try:
        for net in nets:
            net.segment = min(net.segment, n_frames)
        yield
    finally:
        for net, width in zip(nets, widths, strict=True):
            net.segment = width
