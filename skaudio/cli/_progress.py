"""The progress of networks that are trained, perhaps in other processes."""

import threading
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from skorch.callbacks import Callback

from skaudio._utils.progress import progress_bar

_EVERY = 0.5  # s


class EpochProgress(Callback):
    """Write a line at the end of each epoch, with its losses."""

    def __init__(self, path):
        self.path = path

    def on_epoch_end(self, net, **kwargs):
        """Append a line."""
        epoch = net.history[-1]
        now = f"train loss {epoch['train_loss']:.3f}"
        if "valid_loss" in epoch:
            now += f", validation loss {epoch['valid_loss']:.3f}"
        with open(self.path, "a") as file:
            file.write(f"{now}\n")


@contextmanager
def epochs_bar(n_epochs):
    """Show a bar of epochs; yields the callback of all networks that train."""
    with (
        TemporaryDirectory(prefix="skaudio-") as folder,
        progress_bar("training", n_epochs, unit="epoch") as bar,
    ):
        path = Path(folder, "epochs")
        path.touch()
        done = threading.Event()

        def follow():
            is_last = False
            with open(path) as file:
                while not is_last:
                    is_last = done.wait(_EVERY)
                    if lines := file.readlines():
                        bar.set_postfix_str(lines[-1].strip(), refresh=False)
                        bar.update(len(lines))

        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        try:
            yield EpochProgress(path)
        finally:
            done.set()
            thread.join()
