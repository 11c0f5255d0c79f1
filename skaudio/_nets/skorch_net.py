"""The skorch nets inside estimators, their schedules and their training."""

import math

import torch
from skorch import NeuralNet
from skorch.callbacks import Callback, EarlyStopping, LRScheduler, PassthroughScoring
from skorch.helper import predefined_split
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau
from torch.utils.data import WeightedRandomSampler

from skaudio._nets.batches import outputs_of


class _NoOptimizer(torch.optim.Optimizer):
    """What a net that only predicts has in place of an optimiser."""

    def __init__(self):
        # Without that of the base class, which imports the compiler.
        self.defaults, self.state, self.param_groups = {}, {}, []


class TrainedNet(NeuralNet):
    """A skorch net that stops where skorch would go on in silence."""

    interrupted_ = False
    only_predicts_ = False

    def initialize_to_predict(self):
        """Initialise the net without its optimiser, for weights that are trained.

        With its first optimiser a process imports the compiler of torch: 1.5 s.
        """
        self.only_predicts_ = True
        return self.initialize()

    def initialize_optimizer(self, *args, **kwargs):
        """Make the optimiser of a net that trains."""
        if not self.only_predicts_:
            return super().initialize_optimizer(*args, **kwargs)
        self.optimizer_ = _NoOptimizer()
        return self

    def fit_loop(self, *args, **kwargs):
        """Train; record an interruption, which skorch would silence."""
        try:
            return super().fit_loop(*args, **kwargs)
        except KeyboardInterrupt:
            # EarlyStopping raises KeyboardInterrupt, too.
            self.interrupted_ = not any(
                isinstance(callback, EarlyStopping)
                and callback.misses_ >= callback.patience
                for _, callback in self.callbacks_
            )
            raise

    def fit_or_raise(self, X):
        """Fit on a data set.

        Raises
        ------
        KeyboardInterrupt
            After an interruption.
        ValueError
            Where a loss or a weight is not finite.
        """
        self.fit(X, None)
        if self.interrupted_:
            raise KeyboardInterrupt
        for weight in self.module_.state_dict().values():
            wrong = weight[~torch.isfinite(weight)]
            if len(wrong):  # the last step may have been the one
                self._refuse_infinite("a weight of the network", wrong[0].item())
        return self

    def on_batch_end(self, net, batch=None, training=False, **kwargs):
        super().on_batch_end(net, batch=batch, training=training, **kwargs)
        # The number that skorch recorded: a GPU is not waited for once more.
        name = "train_loss" if training else "valid_loss"
        loss = self.history[-1]["batches"][-1][name]
        if not math.isfinite(loss):
            kind = "training" if training else "validation"
            self._refuse_infinite(f"the {kind} loss", loss)

    def _refuse_infinite(self, what, value):
        raise ValueError(
            f"In epoch {len(self.history)}, at lr={self._rate():.3g}, {what} is "
            f"{value:g}: expected finite numbers. Lower lr, or look for clips with "
            "extreme values."
        )

    def on_epoch_end(self, net, **kwargs):
        super().on_epoch_end(net, **kwargs)
        self.history.record("lr", self._rate())

    def _rate(self):
        # Of the last layer, if layers have different rates.
        return max(weights["lr"] for weights in self.optimizer_.param_groups)


class WeightedNet(TrainedNet):
    """A net over labels and weighted targets that logs accuracy."""

    def get_loss(self, y_pred, y_true, X=None, training=False):
        _, targets = y_true
        return self.criterion_(y_pred, targets.to(y_pred.device))

    def validation_step(self, batch, **fit_params):
        step = super().validation_step(batch, **fit_params)
        labels = batch[1][0].to(step["y_pred"].device)
        correct = self.criterion_.correct(step["y_pred"], labels).float().mean()
        self.history.record_batch("valid_accuracy", correct.item())
        return step


def schedule(has_validation, patience, lr_schedule, reduce_lr_patience):
    """Build the callbacks for learning rate and early stopping.

    "plateau" is the study's: ReduceLROnPlateau halves the rate down to 1e-6, by the
    validation loss, or by the training loss without validation rows. "one_cycle" raises
    the rate to `lr` and lowers it to almost 0 over the whole fit. EarlyStopping
    restores the weights of the best epoch.
    """
    callbacks = []
    if has_validation:
        accuracy = PassthroughScoring("valid_accuracy", lower_is_better=False)
        callbacks.append(("valid_accuracy", accuracy))
    if lr_schedule == "plateau":
        plateau = LRScheduler(
            policy=ReduceLROnPlateau,
            monitor="valid_loss" if has_validation else "train_loss",
            factor=0.5,
            patience=reduce_lr_patience,
            min_lr=1e-6,
            event_name=None,
        )
        callbacks.append(("lr_schedule", plateau))
    if lr_schedule == "one_cycle":
        callbacks.append(("lr_schedule", OneCycle()))
    if has_validation:
        stopping = EarlyStopping(patience=patience, load_best=True, sink=_silent)
        callbacks.append(("early_stopping", stopping))
    return callbacks


class OneCycle(Callback):
    """Raise and lower the learning rate over the whole fit, one step per batch.

    References
    ----------
    L. N. Smith, N. Topin, "Super-convergence", arXiv:1708.07120 (2017).
    """

    def on_train_begin(self, net, X=None, **kwargs):
        n_batches = -(-len(X) // net.iterator_train__batch_size)
        # One step more than batches: the scheduler steps after the last one, too.
        n_steps = n_batches * net.max_epochs + 1
        rates = [weights["lr"] for weights in net.optimizer_.param_groups]
        self.scheduler_ = OneCycleLR(net.optimizer_, rates, total_steps=n_steps)

    def on_batch_end(self, net, training=False, **kwargs):
        if training:
            self.scheduler_.step()


class CriterionRecord(Callback):
    """Record the mean of an attribute of the criterion over the batches of an epoch.

    Parameters
    ----------
    name : str
    """

    def __init__(self, name):
        self.name = name

    def on_epoch_begin(self, net, **kwargs):
        self.values_ = []

    def on_batch_end(self, net, training=False, **kwargs):
        if training:
            self.values_.append(getattr(net.criterion_, self.name))

    def on_epoch_end(self, net, **kwargs):
        net.history.record(self.name, sum(self.values_) / len(self.values_))


class StartFrom(Callback):
    """Start from given weights instead of random ones.

    Parameters
    ----------
    weights : dict of name to Tensor
        Of all weights of the module, or of some; the others stay random.
    """

    def __init__(self, weights):
        self.weights = weights

    def on_train_begin(self, net, **kwargs):
        net.module_.load_state_dict(self.weights, strict=False)


def train(net, training, validation=None, row_weights=None):
    """Fit the net.

    Parameters
    ----------
    net : WeightedNet
    training : ViewBatches
    validation : ViewBatches or None
    row_weights : ndarray of float, shape (n_training_rows,), or None
        Weights by which rows are drawn with replacement, as many per epoch as there
        are rows. None takes each row once.
    """
    net.set_params(
        train_split=None if validation is None else predefined_split(validation)
    )
    # A last batch of one row would leave batch normalisation without a variance.
    batch_size = net.batch_size
    while len(training) % batch_size == 1 and batch_size > 2:
        batch_size -= 1
    net.set_params(iterator_train__batch_size=batch_size)
    if row_weights is None:
        net.set_params(iterator_train__shuffle=True)
    else:
        sampler = WeightedRandomSampler(row_weights, len(training))
        net.set_params(iterator_train__sampler=sampler)
    net.fit_or_raise(training)
    net.set_params(train_split=None)


def whole_batches(dataset, **_):
    """Iterate over a data set that gives batches by itself."""
    return dataset


def probabilities_of(net, X, batch_size):
    """Compute float64 probabilities (n, n_classes) of X (n, n_bands, n_frames)."""
    outputs = outputs_of(net.module_, X, batch_size)
    return net.criterion_.probabilities(outputs.double()).numpy()


def _silent(*_):
    pass
