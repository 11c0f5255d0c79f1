"""The losses against their formulas, computed view by view."""

import numpy as np
import torch
from torch import nn

from skaudio.self_supervised._objectives import BilinearContrast, Bootstrap, Contrast


class Body(nn.Linear):
    n_features = 6

    def __init__(self):
        super().__init__(5, 6)


def pair(n=4):
    return torch.randn(2, n, 5, generator=torch.Generator().manual_seed(0))


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def test_contrast_is_the_loss_of_simclr():
    first, second = pair()
    objective = Contrast(Body(), n_projected=3, temperature=0.2)
    loss = objective(first, second).item()
    views = objective.project(objective.body(torch.cat([first, second])))
    views = views.detach().numpy()
    terms = []
    for i, view in enumerate(views):
        scores = {
            j: np.exp(cosine(view, other) / 0.2)
            for j, other in enumerate(views)
            if j != i
        }
        terms.append(-np.log(scores[(i + 4) % 8] / sum(scores.values())))
    np.testing.assert_allclose(loss, np.mean(terms), rtol=1e-5)


def test_bilinear_contrast_is_the_loss_of_cola():
    first, second = pair()
    objective = BilinearContrast(Body(), n_projected=3)
    loss = objective(first, second).item()
    a, b = (
        objective.project(objective.body(side)).detach().numpy()
        for side in (first, second)
    )
    W = objective.similarity.weight.detach().numpy()
    terms = []
    for i in range(4):
        scores = np.exp([b[j] @ W @ a[i] / np.sqrt(3) for j in range(4)])
        terms.append(-np.log(scores[i] / scores.sum()))
    np.testing.assert_allclose(loss, np.mean(terms), rtol=1e-5)


def test_bootstrap_is_the_loss_of_byol_and_updates_its_average():
    first, second = pair()
    objective = Bootstrap(Body(), n_projected=3, n_hidden=7, momentum=0.75)
    online = nn.Sequential(objective.body, objective.project)
    with torch.no_grad():
        objective.target[0].weight.add_(0.5)  # not the same net any more
        views = torch.cat([first, second])
        predicted = objective.predict(online(views)).numpy()
        wanted = objective.target(views).numpy()
    loss = objective(first, second)
    terms = [2 - 2 * cosine(predicted[i], wanted[(i + 4) % 8]) for i in range(8)]
    np.testing.assert_allclose(loss.item(), np.mean(terms), rtol=1e-5)
    loss.backward()
    assert all(weight.grad is None for weight in objective.target.parameters())
    expected = 0.75 * objective.target[0].weight + 0.25 * objective.body.weight
    objective.after_step()
    torch.testing.assert_close(objective.target[0].weight, expected)
