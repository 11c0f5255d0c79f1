"""How a classifier makes its net, trains it, and saves and loads it."""

import numpy as np
import torch

from skaudio._version import check_saved_version, saved_version
from skaudio.classifiers._batches import (
    BatchAugmentation,
    ViewBatches,
    as_batch,
    unit_of_decibel,
)
from skaudio.classifiers._devices import device_or_cpu
from skaudio.classifiers._encoders import starting_weights
from skaudio.classifiers._losses import WeightedLoss
from skaudio.classifiers._net import StartFrom, WeightedNet, schedule, train
from skaudio.classifiers._seeding import seeded


class NetInside:
    """The part of a classifier that deals with its skorch net, ``net_``.

    Parameters, `classes_` and `input_shape_` are the classifier's.
    """

    def _fit_net(self, X, y, weight, train_rows, valid_rows, random_state, device):
        seed = int(random_state.randint(2**31 - 1))
        n_classes = len(self.classes_)
        augment = BatchAugmentation(
            np.random.default_rng(seed),
            self.augment,
            self.mixup_alpha,
            self.time_shift,
            self.gain_db and self.gain_db * unit_of_decibel(X[train_rows, 0]),
            keep_unmasked=getattr(self._module, "takes_unmasked", False),
        )
        training = ViewBatches(X, y, weight, n_classes, train_rows, augment)
        validation = row_weights = None
        if valid_rows is not None:
            validation = ViewBatches(X, y, weight, n_classes, valid_rows)
        if self.sampler == "balanced":
            row_weights = 1 / np.bincount(y[train_rows])[y[train_rows]]
        weights = starting_weights(self, X[train_rows], seed)
        with seeded(seed, device):
            callbacks = schedule(
                validation is not None,
                self.patience,
                self.lr_schedule,
                self.reduce_lr_patience,
            )
            if weights is not None:
                callbacks.append(("start_from", StartFrom(weights)))
            net = self._make_net(device, callbacks + (self.callbacks or []))
            train(net, training, validation, row_weights)
        self.net_ = net
        self.n_parameters_ = sum(weight.numel() for weight in net.module_.parameters())
        self.history_ = [_epoch(entry) for entry in net.history]

    def _make_net(self, device, callbacks):
        n_bands, n_frames = self.input_shape_
        optimizer = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
        return WeightedNet(
            module=self._module,
            module__n_bands=n_bands,
            module__n_frames=n_frames,
            module__n_classes=len(self.classes_),
            criterion=WeightedLoss,
            criterion__label_smoothing=self.label_smoothing,
            criterion__gamma=self.focal_gamma if self.loss == "focal" else 0.0,
            optimizer=optimizer[self.optimizer],
            optimizer__weight_decay=self.weight_decay,
            lr=self.lr,
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            iterator_train__collate_fn=as_batch,
            iterator_valid__collate_fn=as_batch,
            device=str(device),
            verbose=self.verbose,
            callbacks=callbacks,
        )

    def __getstate__(self):
        """Keep weights, parameters, classes and history; no data, no optimiser."""
        state = dict(super().__getstate__())
        net = state.pop("net_", None)
        if net is not None:
            weights = net.module_.state_dict()
            state["_weights"] = {key: w.cpu().numpy() for key, w in weights.items()}
        return {**state, **saved_version()}

    def __setstate__(self, state):
        """Rebuild the net from its weights, on the CPU where the GPU is absent."""
        state = dict(state)
        check_saved_version(state, type(self).__name__)
        weights = state.pop("_weights", None)
        super().__setstate__(state)
        if weights is None:
            return
        with seeded(0):
            net = self._make_net(device_or_cpu(self.device), callbacks=[]).initialize()
        # Copies, since joblib may hand out read-only memory maps.
        weights = {key: torch.tensor(value) for key, value in weights.items()}
        net.module_.load_state_dict(weights)
        self.net_ = net


def _epoch(entry):
    names = ("train_loss", "valid_loss", "valid_accuracy", "lr")
    epoch = {"epoch": entry["epoch"]}
    epoch.update({name: float(entry[name]) for name in names if name in entry})
    return {**epoch, "seconds": float(entry["dur"])}
