"""The object that builds and trains the skorch net of a classifier."""

from dataclasses import dataclass, field

import torch

from skaudio._nets.batches import as_batch
from skaudio._nets.losses import WeightedLoss
from skaudio._nets.skorch_net import StartFrom, WeightedNet, schedule, train

_OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


@dataclass
class Trainer:
    """How a net is built and trained; skorch does the work.

    Attributes
    ----------
    net_class : subclass of AudioNet
    input_shape : tuple (n_bands, n_frames)
    n_classes : int
    optimizer : {"adam", "adamw"}
    lr, weight_decay : float
    lr_schedule : {"plateau", "one_cycle"} or None
    reduce_lr_patience, max_epochs, batch_size, patience : int
    device : torch.device
    verbose : int
    criterion : type of Module, default=WeightedLoss
    criterion_options : dict
        What the criterion is built with.
    net_options : dict
        Further options of skorch's NeuralNet.
    callbacks : list
        Further callbacks.
    """

    net_class: type
    input_shape: tuple
    n_classes: int
    optimizer: str
    lr: float
    weight_decay: float
    lr_schedule: str | None
    reduce_lr_patience: int
    max_epochs: int
    batch_size: int
    patience: int
    device: torch.device
    verbose: int
    criterion: type = WeightedLoss
    criterion_options: dict = field(default_factory=dict)
    net_options: dict = field(default_factory=dict)
    callbacks: list = field(default_factory=list)

    def build(self, callbacks=()):
        """Build the net; its weights are drawn when it is initialised."""
        n_bands, n_frames = self.input_shape
        criterion = {f"criterion__{k}": v for k, v in self.criterion_options.items()}
        return WeightedNet(
            module=self.net_class,
            module__n_bands=n_bands,
            module__n_frames=n_frames,
            module__n_classes=self.n_classes,
            criterion=self.criterion,
            **criterion,
            **self.net_options,
            optimizer=_OPTIMIZERS[self.optimizer],
            optimizer__weight_decay=self.weight_decay,
            optimizer__fused=True,
            lr=self.lr,
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            iterator_train__collate_fn=as_batch,
            iterator_valid__collate_fn=as_batch,
            device=str(self.device),
            verbose=self.verbose,
            callbacks=list(callbacks),
        )

    def fit(self, training, validation=None, *, row_weights=None, weights=None):
        """Train a net from new weights, or from given ones.

        Parameters
        ----------
        training : ViewBatches or FixMatchBatches
        validation : ViewBatches or None
        row_weights : ndarray of shape (n,) or None
            Draw the training rows with these weights.
        weights : dict of name to Tensor, or None
            Where the net starts.

        Returns
        -------
        net : WeightedNet
        """
        callbacks = schedule(
            validation is not None,
            self.patience,
            self.lr_schedule,
            self.reduce_lr_patience,
        )
        if weights is not None:
            callbacks.append(("start_from", StartFrom(weights)))
        net = self.build(callbacks + self.callbacks)
        train(net, training, validation, row_weights)
        return net
