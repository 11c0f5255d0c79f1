"""Training an encoder in episodes."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy, normalize


def temperature(metric, n_components):
    """Return the temperature, by which squared distances are divided in the softmax.

    Between unit vectors squared distances are at most 4. Others grow with the number of
    coordinates: undivided, as in Snell et al., they make the first predictions so
    confident that training hardly starts.
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
    """Train an encoder to embed query clips near the prototypes of their classes.

    Parameters
    ----------
    module : torch.nn.Module
        Log-mels (n, n_bands, n_frames) to coordinates (n, n_components).
    X : ndarray of float32, shape (n, n_views, n_bands, n_frames)
    episodes : Episodes
    augment : BatchAugmentation
    rng : numpy.random.Generator
        Draws the episodes.
    n_episodes : int
        One step of AdamW each.
    metric : {"euclidean", "cosine"}
    lr, weight_decay : float
        The learning rate rises to `lr` and falls to almost 0.
    verbose : int
        1 prints a line every 25 episodes.

    Returns
    -------
    history : list of dict
        One entry per episode.
    """
    optimizer = torch.optim.AdamW(module.parameters(), lr, weight_decay=weight_decay)
    # One step more than episodes: the scheduler steps after the last one, too.
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=n_episodes + 1
    )
    module.train()
    history = []
    for number in range(1, n_episodes + 1):
        episode = episodes.draw(rng)
        rows = np.concatenate([episode.support, episode.query])
        log_mels, _ = augment(X, rows, None)
        loss, accuracy = _score(module, log_mels, episode, metric)
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


def _score(module, log_mels, episode, metric):
    """Return loss and accuracy of the query clips."""
    device = next(module.parameters()).device
    # One batch, so that batch normalisation treats support and query alike.
    rows = module(torch.from_numpy(log_mels).to(device))
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
