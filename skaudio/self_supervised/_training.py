"""The training of an encoder, pass by pass, which can stop and continue."""

import contextlib
import copy
import time

import numpy as np
import torch

from skaudio._nets.audio_net import AudioNet
from skaudio._nets.seeding import seeded_torch


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
            self.objective = make_objective().to(device)
        weights = [
            weight for weight in self.objective.parameters() if weight.requires_grad
        ]
        self.optimizer = torch.optim.AdamW(weights, weight_decay=weight_decay)

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
        start = time.perf_counter()
        before = copy.deepcopy(self.state())
        for weights in self.optimizer.param_groups:
            weights["lr"] = lr
        rng = np.random.default_rng([self.seed, number])
        order = rng.permutation(len(X))
        # A batch needs at least two rows.
        n_batches = max(1, min(-(-len(X) // batch_size), len(X) // 2))
        total = 0.0
        try:
            with (
                seeded_torch(int(rng.integers(2**31)), self.device),
                _narrow(self.objective, draw_pairs.crop_frames),
            ):
                self.objective.train()
                for rows in np.array_split(order, n_batches):
                    pair = draw_pairs(X, rows, rng)
                    total += len(rows) * self._step(pair)
        except BaseException:
            self.load(before)
            raise
        finally:
            self.objective.eval()
        seconds = time.perf_counter() - start
        return {"loss": total / len(X), "n_clips": len(X), "seconds": seconds}

    def _step(self, pair):
        loss = self.objective(*(view.to(self.device) for view in pair))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if hasattr(self.objective, "after_step"):
            self.objective.after_step()
        return loss.item()

    def state(self):
        """Return the weights and the optimiser's state."""
        return {
            "objective": self.objective.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def load(self, state):
        """Restore what `state` returned."""
        self.objective.load_state_dict(state["objective"])
        self.optimizer.load_state_dict(state["optimizer"])


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
