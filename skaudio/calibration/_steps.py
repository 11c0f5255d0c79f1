"""Calibration as part of an exported model: see `skaudio._utils.convolutions`."""

import torch
from torch import nn

from skaudio.calibration._kernel_discriminant import DISTANCE
from skaudio.calibration._nonconformity import N_NEIGHBORS
from skaudio.calibration._outputs import LEAST

_SLACK = 1e-6  # of p-values, which have 32 bits


class TemperatureStep(nn.Module):
    """Divide the logarithms of probabilities by one number.

    Parameters
    ----------
    step : Module
        Of the classifier.
    temperature : float
    """

    def __init__(self, step, temperature):
        super().__init__()
        self.step, self.temperature = step, temperature

    def forward(self, flow):
        flow = {**flow, **self.step(flow)}
        flow.pop("logits", None)
        logs = _logs(flow["probabilities"]) / self.temperature
        return {**flow, "probabilities": logs.softmax(1)}


class PValueStep(nn.Module):
    """How many held-back clips are at least as unlike the classes: ``p_values``.

    Parameters
    ----------
    step : Module
        Of the classifier.
    method : str
    fitted : dict
        As of `nonconformity`.
    held : ndarray of shape (n_calibration,)
    as_class : (alpha, n_classes, places, place) or None
        Whether the unknown has a probability of its own: see `UnknownRejector`.
    """

    def __init__(self, step, method, fitted, held, as_class=None):
        super().__init__()
        self.as_class = as_class
        self.step, self.nonconformity = step, _nonconformity(method, fitted)
        self.register_buffer("held", torch.as_tensor(held, dtype=torch.float32))

    def forward(self, flow):
        flow = {**flow, **self.step(flow)}
        if "features" not in flow:
            logs = _logs(flow["probabilities"])
            flow["features"] = logs - logs.mean(1, keepdim=True)
        scores = self.nonconformity(flow)
        n_above = (self.held >= scores[:, None]).sum(1)
        flow["p_values"] = (1 + n_above) / (len(self.held) + 1)
        if self.as_class is not None:
            flow["probabilities"] = self._with_unknown(flow)
        return flow

    def _with_unknown(self, flow):
        alpha, n_classes, places, place = self.as_class
        p_values = flow["p_values"]
        unknown = torch.where(p_values < alpha - _SLACK, 1 - p_values, 0 * p_values)
        known = flow["probabilities"] * (1 - unknown[:, None])
        # Columns of the classes by a product: it may be one of the known ones, too.
        columns = torch.eye(n_classes)
        known = known.float() @ columns[places]
        return known + unknown[:, None] * columns[place]


class KernelDiscriminantStep(nn.Module):
    """`kernel_similarity`, negative."""

    def __init__(self, fitted):
        super().__init__()
        for name in ("rows", "coef", "intercept"):
            value = torch.as_tensor(fitted[name], dtype=torch.float32)
            self.register_buffer(name, value)
        self.gamma, self.scale = float(fitted["gamma"]), float(fitted["scale"])
        squares = self.rows.double().square().sum(1)
        self.register_buffer("squares", squares.float())

    def forward(self, flow):
        X = flow["features"]
        squares = X.square().sum(1, keepdim=True) + self.squares - 2 * X @ self.rows.T
        squares = self.gamma * squares.clamp(min=0)
        logits = (-squares).exp() @ self.coef + self.intercept
        energy = logits.logsumexp(1) / self.scale
        return DISTANCE * squares.amin(1) - energy


class NearestStep(nn.Module):
    """The mean cosine distance to the nearest training clips."""

    def __init__(self, fitted):
        super().__init__()
        self.register_buffer("rows", torch.as_tensor(fitted["rows"]))
        self.n_neighbors = min(N_NEIGHBORS, len(self.rows))

    def forward(self, flow):
        cosines = nn.functional.normalize(flow["features"]) @ self.rows.T
        return 1 - cosines.topk(self.n_neighbors, dim=1).values.mean(1)


class EnergyStep(nn.Module):
    """The negative logarithm of the sum of the exponentials of the logits."""

    def forward(self, flow):
        return -flow["logits"].logsumexp(1)


class MaxProbabilityStep(nn.Module):
    """What the highest probability lacks to 1."""

    def forward(self, flow):
        return 1 - flow["probabilities"].amax(1)


def _nonconformity(method, fitted):
    """Make the module that scores, from a flow, how unlike the classes rows are."""
    if method == "kernel_discriminant":
        return KernelDiscriminantStep(fitted)
    if method == "knn":
        return NearestStep(fitted)
    return {"energy": EnergyStep, "max_probability": MaxProbabilityStep}[method]()


def _logs(probabilities):
    return probabilities.clamp(min=LEAST).log()
