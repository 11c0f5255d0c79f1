"""Training an encoder in episodes; skorch does the work."""

import numpy as np
import torch
from skorch.callbacks import PrintLog
from torch import nn
from torch.nn.functional import cross_entropy, normalize
from torch.utils.data import IterableDataset

from skaudio._nets.skorch_net import (
    CriterionRecord,
    OneCycle,
    TrainedNet,
    whole_batches,
)


def temperature(metric, n_components):
    """Return the temperature, by which squared distances are divided in the softmax.

    Between unit vectors squared distances are at most 4. Others grow with the number of
    coordinates: undivided, as in Snell et al., they make the first predictions so
    confident that training hardly starts.
    """
    return 0.1 if metric == "cosine" else float(n_components)


def train_in_episodes(
    module,
    episodes,
    augment,
    rng,
    *,
    n_episodes,
    metric,
    lr,
    weight_decay,
    device,
    verbose=0,
):
    """Train an encoder to embed query clips near the prototypes of their classes.

    Parameters
    ----------
    module : torch.nn.Module
        Log-mels (n, n_bands, n_frames) to coordinates (n, n_components).
    episodes : Episodes
    augment : BatchAugmentation
    rng : numpy.random.Generator
        Draws the episodes.
    n_episodes : int
        One step of AdamW each.
    metric : {"euclidean", "cosine"}
    lr, weight_decay : float
        The learning rate rises to `lr` and falls to almost 0.
    device : torch.device
    verbose : int
        1 prints a line every 25 episodes.

    Returns
    -------
    history : list of dict
        One entry per episode.
    """
    net = TrainedNet(
        module,
        EpisodeLoss,
        criterion__metric=metric,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=weight_decay,
        lr=lr,
        # One episode is an epoch of one batch.
        max_epochs=n_episodes,
        iterator_train=whole_batches,
        iterator_train__batch_size=1,
        train_split=None,
        device=str(device),
        verbose=verbose,
        callbacks=[OneCycle(), CriterionRecord("train_accuracy")],
        callbacks__print_log=_Every25(),
    )
    net.fit_or_raise(_EpisodeBatches(episodes, augment, rng))
    names = ("epoch", "train_loss", "train_accuracy", "lr")
    return [{name: entry[name] for name in names} for entry in net.history]


class _EpisodeBatches(IterableDataset):
    """One batch, which is drawn anew each time: the clips of an episode."""

    def __init__(self, episodes, augment, rng):
        self.episodes = episodes
        self.augment = augment
        self.rng = rng

    def __len__(self):
        return 1

    def __iter__(self):
        episode = self.episodes.draw(self.rng)
        # One batch, so that batch normalisation treats support and query alike.
        rows = np.concatenate([episode.support, episode.query])
        log_mels, _ = self.augment(rows)
        labels = (episode.support_labels, episode.query_labels)
        yield torch.as_tensor(log_mels), tuple(map(torch.from_numpy, labels))


class EpisodeLoss(nn.Module):
    """Cross-entropy of the query clips by their distances to the prototypes.

    Parameters
    ----------
    metric : {"euclidean", "cosine"}

    Attributes
    ----------
    train_accuracy : float
        Of the query clips of the last batch.
    """

    def __init__(self, metric):
        super().__init__()
        self.metric = metric

    def forward(self, rows, labels):
        """Give the loss of an episode.

        Parameters
        ----------
        rows : Tensor of shape (n_support + n_query, n_components)
        labels : (support_labels, query_labels)
            Tensors of int, shape (n_support,) and (n_query,).

        Returns
        -------
        loss : Tensor of no dimension
        """
        places, labels = labels
        if self.metric == "cosine":
            rows = normalize(rows)
        support, query = rows[: len(places)], rows[len(places) :]
        counts = places.bincount()
        sums = torch.zeros(len(counts), rows.shape[1], device=rows.device)
        prototypes = sums.index_add(0, places, support) / counts[:, None]
        if self.metric == "cosine":
            prototypes = normalize(prototypes)
        squares = (query[:, None] - prototypes).square().sum(dim=2)
        logits = -squares / temperature(self.metric, rows.shape[1])
        right = (logits.argmax(dim=1) == labels).float()
        self.train_accuracy = right.mean().item()
        return cross_entropy(logits, labels)


class _Every25(PrintLog):
    def on_epoch_end(self, net, **kwargs):
        if len(net.history) % 25 == 0:
            super().on_epoch_end(net, **kwargs)
