"""Building and training the net of a classifier."""

import numpy as np

from skaudio import _nets
from skaudio._nets.architectures import net_class
from skaudio._nets.saved_weights import SavedWeights
from skaudio._nets.seeding import seeded_torch
from skaudio.classifiers._losses import loss_parameters


class NetFitting(SavedWeights):
    """Mixin that builds, trains and saves the skorch net of a classifier, ``net_``.

    The classifier supplies the parameters, `classes_`, `multilabel_` and
    `input_shape_`.
    """

    _net_name = "net_"
    _architecture = None

    @property
    def _module(self):
        return net_class(self._architecture)

    def _fit_net(self, X, y, targets, rows, random_state, device, fixmatch):
        seed = int(random_state.randint(2**31 - 1))
        rng = np.random.default_rng(seed)
        augmenters = _nets.batches.list_augmenters(self.augment)
        decibel = _nets.batches.unit_of_decibel(X[rows.train, 0])
        augment = _nets.batches.BatchAugmentation(X, rng, augmenters, decibel, device)
        views = augment.X
        training = _nets.batches.ViewBatches(views, y, targets, rows.train, augment)
        if len(rows.unlabelled):
            strong = _nets.fixmatch.strong_augmenters(augmenters)
            strong = augment.with_augmenters(strong)
            training = _nets.fixmatch.FixMatchBatches(
                training, rows.unlabelled, fixmatch.unlabelled_ratio, strong
            )
        validation = row_weights = None
        if rows.valid is not None:
            validation = _nets.batches.ViewBatches(views, y, targets, rows.valid)
        if self.sampler == "balanced":
            row_weights = 1 / np.bincount(y[rows.train])[y[rows.train]]
        seen = np.union1d(rows.train, rows.unlabelled)
        weights = self._starting_weights(X, seen, seed)
        with seeded_torch(seed, device):
            # Here, since the options of some networks draw from torch's generator.
            trainer = self._trainer(device)
            if fixmatch is not None:
                fixmatch.prepare(trainer, self.classes_)
            if len(rows.unlabelled):
                share = _nets.skorch_net.CriterionRecord("pseudo_share")
                trainer.callbacks.append(("pseudo_share", share))
            trainer.callbacks += self._net_callbacks() + (self.callbacks or [])
            self.net_ = trainer.fit(
                training, validation, row_weights=row_weights, weights=weights
            )
        module = self.net_.module_
        self.n_parameters_ = sum(weight.numel() for weight in module.parameters())
        self.history_ = [_epoch(entry) for entry in self.net_.history]

    def _trainer(self, device):
        gamma, _ = loss_parameters(self.loss)
        return _nets.trainer.Trainer(
            net_class=self._module,
            input_shape=self.input_shape_,
            n_classes=len(self.classes_),
            optimizer=self.optimizer,
            lr=self.lr,
            weight_decay=self.weight_decay,
            lr_schedule=self.lr_schedule,
            reduce_lr_patience=self.reduce_lr_patience,
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            patience=self.patience,
            device=device,
            verbose=self.verbose,
            criterion=self._loss(),
            criterion_options={
                "label_smoothing": self.label_smoothing,
                "gamma": gamma,
            },
            net_options=self._net_options(),
        )

    def _loss(self):
        losses = _nets.losses
        return losses.MultiLabelLoss if self.multilabel_ else losses.WeightedLoss

    def _starting_weights(self, X, rows, seed):
        """Weights that the net starts from, or None; a subclass may have others."""
        return _nets.encoder_weights.starting_weights(self, X, rows, seed)

    def _net_callbacks(self):
        """Callbacks that a subclass adds."""
        return []

    def _net_options(self):
        """Options for skorch that a subclass adds."""
        return {}

    def _new_module(self):
        return self._module_of(len(self.classes_))

    def _body(self):
        """Build the fitted net without its last layer."""
        trained = self.net_.module_.state_dict()
        with seeded_torch(0):  # its first weights are drawn, and replaced
            body = self._module_of(None)
        body.load_state_dict({name: trained[name] for name in body.state_dict()})
        return body.to(self.net_.device)

    def _module_of(self, n_classes):
        options = {
            name.removeprefix("module__"): value
            for name, value in self._net_options().items()
            if name.startswith("module__")
        }
        return self._module(*self.input_shape_, n_classes, **options)

    def _new_net(self, device):
        return self._trainer(device).build().initialize_to_predict()

    def _fitted_module(self):
        return self.net_.module_

    def _torch_step(self, step_of):
        """Give the part of an exported model that computes `predict_proba`."""
        return _nets.steps.NetStep(self._fitted_module(), self._loss().probabilities)


def _epoch(entry):
    names = ("train_loss", "valid_loss", "valid_accuracy", "lr", "pseudo_share")
    epoch = {"epoch": entry["epoch"]}
    epoch.update({name: float(entry[name]) for name in names if name in entry})
    return {**epoch, "seconds": float(entry["dur"])}
