"""Building and training the net of a classifier."""

from typing import NamedTuple

import numpy as np
import torch

from skaudio._nets.batches import (
    BatchAugmentation,
    ViewBatches,
    as_batch,
    unit_of_decibel,
)
from skaudio._nets.encoder_weights import starting_weights
from skaudio._nets.fixmatch import FixMatchBatches, FixMatchLoss, thresholds
from skaudio._nets.losses import WeightedLoss
from skaudio._nets.saved_weights import SavedWeights
from skaudio._nets.seeding import seeded_torch
from skaudio._nets.skorch_net import (
    PseudoShare,
    StartFrom,
    WeightedNet,
    schedule,
    train,
)
from skaudio.augment import SpecAugmenter


class FitRows(NamedTuple):
    """The rows of X that a fit uses for training and validation, and the unlabelled."""

    train: np.ndarray
    valid: np.ndarray | None
    unlabelled: np.ndarray


class NetFitting(SavedWeights):
    """Mixin that builds, trains and saves the skorch net of a classifier, ``net_``.

    The classifier supplies the parameters, `classes_` and `input_shape_`.
    """

    _net_name = "net_"

    def _fit_net(self, X, y, weight, rows, random_state, device):
        seed = int(random_state.randint(2**31 - 1))
        n_classes = len(self.classes_)
        rng = np.random.default_rng(seed)
        options = {
            "masks": self.augment,
            "mixup_alpha": self.mixup_alpha,
            "time_shift": self.time_shift,
            "gain": self.gain_db and self.gain_db * unit_of_decibel(X[rows.train, 0]),
            "keep_unmasked": getattr(self._module, "takes_unmasked", False),
        }
        augment = BatchAugmentation(rng, **options)
        training = ViewBatches(X, y, weight, n_classes, rows.train, augment)
        if len(rows.unlabelled):
            masks = SpecAugmenter() if self.augment is None else self.augment
            unmixed = options | {"masks": masks, "mixup_alpha": 0.0}
            strong = BatchAugmentation(rng, **unmixed)
            ratio = self.unlabelled_ratio
            training = FixMatchBatches(training, rows.unlabelled, ratio, strong)
        validation = row_weights = None
        if rows.valid is not None:
            validation = ViewBatches(X, y, weight, n_classes, rows.valid)
        if self.sampler == "balanced":
            row_weights = 1 / np.bincount(y[rows.train])[y[rows.train]]
        seen = np.union1d(rows.train, rows.unlabelled)
        weights = self._starting_weights(X, seen, seed)
        with seeded_torch(seed, device):
            callbacks = schedule(
                validation is not None,
                self.patience,
                self.lr_schedule,
                self.reduce_lr_patience,
            )
            if len(rows.unlabelled):
                callbacks.append(("pseudo_share", PseudoShare()))
            if weights is not None:
                callbacks.append(("start_from", StartFrom(weights)))
            callbacks += self._own_callbacks() + (self.callbacks or [])
            net = self._make_net(device, callbacks)
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
            criterion__label_smoothing=self.label_smoothing,
            criterion__gamma=self.focal_gamma if self.loss == "focal" else 0.0,
            **self._criterion(),
            **self._own_net_options(),
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

    def _starting_weights(self, X, rows, seed):
        return starting_weights(self, X, rows, seed)

    def _own_callbacks(self):
        """Callbacks that a subclass adds."""
        return []

    def _own_net_options(self):
        """Options for skorch that a subclass adds."""
        return {}

    def _criterion(self):
        if self.semi_supervised is None:
            return {"criterion": WeightedLoss}
        return {
            "criterion": FixMatchLoss,
            "criterion__thresholds": thresholds(self.confidence, self.classes_),
            "criterion__unlabelled_weight": self.unlabelled_weight,
        }

    def _new_net(self, device):
        return self._make_net(device, callbacks=[]).initialize()

    def _fitted_module(self):
        return self.net_.module_


def _epoch(entry):
    names = ("train_loss", "valid_loss", "valid_accuracy", "lr", "pseudo_share")
    epoch = {"epoch": entry["epoch"]}
    epoch.update({name: float(entry[name]) for name in names if name in entry})
    return {**epoch, "seconds": float(entry["dur"])}
