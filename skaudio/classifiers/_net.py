"""The skorch net inside a classifier, and the batches it sees."""

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import EarlyStopping, LRScheduler, PassthroughScoring
from skorch.helper import predefined_split
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import Dataset


class ViewBatches(Dataset):
    """Rows as batches of one view each.

    Parameters
    ----------
    X : ndarray of float32, shape (n, n_views, n_bands, n_frames)
    y : ndarray of int, shape (n,)
    weight : ndarray of float, shape (n,)
    rows : ndarray of int
        The rows of X that belong to this phase; no other is ever touched.
    draw : Generator or None
        Draws one view a row, uniformly. None is view 0, the clip itself.
    """

    def __init__(self, X, y, weight, rows, draw=None):
        self.X = X
        self.y = y
        self.weight = weight
        self.rows = rows
        self.draw = draw

    def __len__(self):
        return len(self.rows)

    def __getitems__(self, places):
        rows = self.rows[places]
        n_views = self.X.shape[1]
        views = 0 if self.draw is None else self.draw.integers(n_views, size=len(rows))
        return (
            torch.from_numpy(self.X[rows, views]),
            (torch.from_numpy(self.y[rows]), torch.from_numpy(self.weight[rows])),
        )


def as_batch(batch):
    """Collate nothing: `ViewBatches` gives whole batches."""
    return batch


class WeightedNet(NeuralNet):
    """A skorch net whose every row has a weight in the loss, and that logs accuracy."""

    interrupted_ = False

    def fit_loop(self, *args, **kwargs):
        """Train; remember an interruption, which skorch would pass over in silence."""
        try:
            return super().fit_loop(*args, **kwargs)
        except KeyboardInterrupt:
            # EarlyStopping ends a fit in the same way.
            self.interrupted_ = not any(
                isinstance(callback, EarlyStopping)
                and callback.misses_ >= callback.patience
                for _, callback in self.callbacks_
            )
            raise

    def get_loss(self, y_pred, y_true, X=None, training=False):
        labels, weight = (part.to(y_pred.device) for part in y_true)
        loss = self.criterion_(y_pred, labels) * weight
        return loss.sum() / weight.sum().clamp_min(1e-12)

    def validation_step(self, batch, **fit_params):
        step = super().validation_step(batch, **fit_params)
        labels = batch[1][0].to(step["y_pred"].device)
        correct = (step["y_pred"].argmax(dim=1) == labels).float().mean().item()
        self.history.record_batch("valid_accuracy", correct)
        return step


def schedule(has_validation, patience, reduce_lr_patience):
    """Build the callbacks of the study's schedule.

    ReduceLROnPlateau halves the rate down to 1e-6; EarlyStopping restores the weights
    of the best epoch. Without validation rows the training loss steers the rate.
    """
    monitor = "valid_loss" if has_validation else "train_loss"
    callbacks = []
    if has_validation:
        accuracy = PassthroughScoring("valid_accuracy", lower_is_better=False)
        callbacks.append(("valid_accuracy", accuracy))
    if reduce_lr_patience is not None:
        plateau = LRScheduler(
            policy=ReduceLROnPlateau,
            monitor=monitor,
            factor=0.5,
            patience=reduce_lr_patience,
            min_lr=1e-6,
        )
        callbacks.append(("reduce_lr", plateau))
    if has_validation:
        stopping = EarlyStopping(patience=patience, load_best=True, sink=_silent)
        callbacks.append(("early_stopping", stopping))
    return callbacks


def train(net, X, y, weight, train_rows, valid_rows, seed):
    """Fit the net: one view a row and epoch for training, view 0 for validation."""
    training = ViewBatches(X, y, weight, train_rows, np.random.default_rng(seed))
    if valid_rows is None:
        net.set_params(train_split=None)
    else:
        validation = ViewBatches(X, y, weight, valid_rows)
        net.set_params(train_split=predefined_split(validation))
    # A last batch of one row would leave batch normalisation without a variance.
    batch_size = net.batch_size
    while len(training) % batch_size == 1 and batch_size > 2:
        batch_size -= 1
    net.set_params(iterator_train__batch_size=batch_size)
    net.fit(training, None)
    if net.interrupted_:
        raise KeyboardInterrupt
    net.set_params(train_split=None)


def probabilities_of(net, X, batch_size=128):
    """Softmax of the net's output for float32 X (n, n_bands, n_frames), in float64."""
    net.module_.eval()
    parts = []
    with torch.inference_mode():
        for first in range(0, len(X), batch_size):
            batch = torch.from_numpy(X[first : first + batch_size]).to(net.device)
            parts.append(torch.softmax(net.module_(batch).double(), dim=1).cpu())
    return torch.cat(parts).numpy()


def _silent(*_):
    pass
