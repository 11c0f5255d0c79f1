"""A skorch callback that moves a progress bar."""

from skorch.callbacks import Callback


class EpochProgress(Callback):
    """Show the epoch and its validation loss."""

    def __init__(self, bar, task):
        self.bar = bar
        self.task = task

    def on_epoch_end(self, net, **kwargs):
        """Move the bar by one epoch."""
        epoch = net.history[-1]
        now = f"train loss {epoch['train_loss']:.3f}"
        if "valid_loss" in epoch:
            now += f", validation loss {epoch['valid_loss']:.3f}"
        self.bar.update(self.task, advance=1, now=now)

    def __sklearn_clone__(self):
        """Stay the same where a network is cloned: there is one bar."""
        return self
