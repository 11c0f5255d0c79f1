"""Training an encoder in episodes."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy, normalize


def temperature(metric, n_components):
    """Give what squared distances are divided by before the softmax.

    Between unit vectors they end at 4. Others are as large as there are coordinates:
    their plain sum, as Snell et al. have it, makes a net too sure to learn at first.
    """
    return 0.1 if metric == "cosine" else float(n_components)


def train_in_episodes(
    module,
    X,
    episodes,
    augment,
    rng,
    *,
    n_episodes,
    metric,
    lr,
    weight_decay,
    verbose=0,
):
    """Teach an encoder to put query clips near the prototypes of their classes.

    Parameters
    ----------
    module : torch.nn.Module
        Pictures (n, n_bands, n_frames) to coordinates (n, n_components).
    X : ndarray of float32, shape (n, n_views, n_bands, n_frames)
    episodes : Episodes
    augment : BatchAugmentation
    rng : numpy.random.Generator
        Draws the episodes.
    n_episodes : int
        One step of AdamW each.
    metric : {"euclidean", "cosine"}
    lr, weight_decay : float
        The rate rises to `lr` and falls to nothing.
    verbose : int
        1 prints a line every 25 episodes.

    Returns
    -------
    history : list of dict
        One entry an episode.
    """
    optimizer = torch.optim.AdamW(module.parameters(), lr, weight_decay=weight_decay)
    # One more than there are episodes: the step after the last is taken, too.
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=n_episodes + 1
    )
    module.train()
    history = []
    for number in range(1, n_episodes + 1):
        episode = episodes.draw(rng)
        rows = np.concatenate([episode.support, episode.query])
        pictures, _ = augment(X, rows, None)
        loss, accuracy = _score(module, pictures, episode, metric)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        entry = {
            "epoch": number,
            "train_loss": loss.item(),
            "train_accuracy": accuracy,
            "lr": schedule.get_last_lr()[0],
        }
        history.append(entry)
        if verbose and number % 25 == 0:
            print(*(f"{name} {value:.4g}" for name, value in entry.items()))
    return history


def _score(module, pictures, episode, metric):
    """Give loss and accuracy of the query clips."""
    device = next(module.parameters()).device
    # Support and query in one batch: batch normalisation must not tell them apart.
    rows = module(torch.from_numpy(pictures).to(device))
    if metric == "cosine":
        rows = normalize(rows)
    n_support = len(episode.support)
    support, query = rows[:n_support], rows[n_support:]
    places = torch.from_numpy(episode.support_labels).to(device)
    labels = torch.from_numpy(episode.query_labels).to(device)
    counts = places.bincount()
    sums = torch.zeros(len(counts), rows.shape[1], device=device)
    prototypes = sums.index_add(0, places, support) / counts[:, None]
    if metric == "cosine":
        prototypes = normalize(prototypes)
    squares = (query[:, None] - prototypes).square().sum(dim=2)
    logits = -squares / temperature(metric, rows.shape[1])
    accuracy = (logits.argmax(dim=1) == labels).float().mean().item()
    return cross_entropy(logits, labels), accuracy
