"""The losses of the encoders: of two views, over a body and its heads."""

import copy

import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize


class Contrast(nn.Module):
    """SimCLR's loss: find a view's partner among all other views of the batch.

    Parameters
    ----------
    body : Module
        From log-mels to ``body.n_features``.
    n_projected : int
    temperature : float
    """

    def __init__(self, body, n_projected, temperature):
        super().__init__()
        self.body = body
        self.project = nn.Sequential(
            nn.Linear(body.n_features, body.n_features),
            nn.ReLU(),
            nn.Linear(body.n_features, n_projected),
        )
        self.temperature = temperature

    def forward(self, first, second):
        """Compute the loss of a batch."""
        n = len(first)
        # One batch, so that both sides have the same batch normalisation.
        views = normalize(self.project(self.body(torch.cat([first, second]))), dim=1)
        similarity = views @ views.T / self.temperature
        itself = torch.eye(2 * n, dtype=torch.bool, device=views.device)
        partners = torch.arange(2 * n, device=views.device).roll(n)
        return cross_entropy(similarity.masked_fill(itself, -torch.inf), partners)


class BilinearContrast(nn.Module):
    """COLA's loss: find a crop's partner by a learned similarity.

    Parameters
    ----------
    body : Module
    n_projected : int
    """

    def __init__(self, body, n_projected):
        super().__init__()
        self.body = body
        self.project = nn.Sequential(
            nn.Linear(body.n_features, n_projected),
            nn.LayerNorm(n_projected),
            nn.Tanh(),
        )
        self.similarity = nn.Linear(n_projected, n_projected, bias=False)

    def forward(self, first, second):
        """Compute the loss of a batch."""
        n = len(first)
        views = self.project(self.body(torch.cat([first, second])))
        similarity = self.similarity(views[:n]) @ views[n:].T
        # Otherwise the first losses are far above chance level.
        similarity = similarity / views.shape[1] ** 0.5
        return cross_entropy(similarity, torch.arange(n, device=views.device))


class Bootstrap(nn.Module):
    """BYOL's loss: predict the output of a moving average for the other view.

    Parameters
    ----------
    body : Module
    n_projected : int
    n_hidden : int
    momentum : float
        Decay of the moving average.
    """

    def __init__(self, body, n_projected, n_hidden, momentum):
        super().__init__()
        self.body = body
        self.project = _perceptron(body.n_features, n_hidden, n_projected)
        self.predict = _perceptron(n_projected, n_hidden, n_projected)
        self.target = nn.Sequential(copy.deepcopy(body), copy.deepcopy(self.project))
        self.target.requires_grad_(False)
        self.momentum = momentum

    def forward(self, first, second):
        """Compute the loss of a batch."""
        views = torch.cat([first, second])
        predicted = normalize(self.predict(self.project(self.body(views))), dim=1)
        with torch.no_grad():
            wanted = normalize(self.target(views), dim=1)
        return 2 - 2 * (predicted * wanted.roll(len(first), dims=0)).sum(dim=1).mean()

    def after_step(self):
        """Update the moving average."""
        online = nn.ModuleList([self.body, self.project])
        with torch.no_grad():
            for slow, fast in zip(
                self.target.parameters(), online.parameters(), strict=True
            ):
                slow.lerp_(fast, 1 - self.momentum)


def _perceptron(n_in, n_hidden, n_out):
    return nn.Sequential(
        nn.Linear(n_in, n_hidden),
        nn.BatchNorm1d(n_hidden),
        nn.ReLU(),
        nn.Linear(n_hidden, n_out),
    )
