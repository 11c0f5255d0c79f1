"""Parts of scikit-learn in an exported model, and the order of all parts."""

import numpy as np
import torch
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from skaudio._utils.leading_steps import is_skipped
from skaudio._utils.model_files import ModelFileError


def step_of(estimator, name="model"):
    """Make the torch module that does what a fitted estimator does in predict.

    Parameters
    ----------
    estimator : estimator
        One of skaudio's says itself how, in ``_torch_step(step_of)``.
    name : str
        Of the step, for errors.

    Returns
    -------
    step : Module
        From a flow to a flow: see `skaudio._utils.convolutions`.

    Raises
    ------
    ModelFileError
        Naming the part that cannot be exported.
    """
    estimator = getattr(estimator, "best_estimator_", estimator)
    if isinstance(estimator, FrozenEstimator):
        return step_of(estimator.estimator, name)
    if isinstance(estimator, Pipeline):
        return _Steps(
            [
                step_of(one, f"{name}.{own}")
                for own, one in estimator.steps
                # A sampler acts in fit alone.
                if not is_skipped(one) and not hasattr(one, "fit_resample")
            ]
        )
    if isinstance(estimator, StandardScaler):
        return _ScaleStep(estimator)
    if isinstance(estimator, LogisticRegression):
        return _LogisticStep(estimator)
    own = getattr(estimator, "_torch_step", None)
    kind = type(estimator).__name__
    if own is None:
        instead = _instead(estimator)
        raise ModelFileError(
            f"{name} is a {kind}, which cannot be exported to ONNX: {instead}"
        )
    try:
        return own(lambda inner: step_of(inner, f"{name}.{kind}"))
    except ModelFileError:
        raise
    except ValueError as error:
        raise ModelFileError(f"{name}, a {kind}: {error}") from error


def _instead(estimator):
    """Say what to take in the place of a part that cannot be exported."""
    module = type(estimator).__module__
    if module.startswith("skaudio.pretrained."):
        return "use EfficientATEmbedder instead (--features efficientat)"
    if "Prototypical" in type(estimator).__name__:
        return "use LogisticRegression instead (--classifier logistic)"
    return (
        "expected steps of skaudio that say how (log-mels and networks, EfficientAT, "
        "calibration), StandardScaler and LogisticRegression"
    )


class _Steps(nn.Module):
    """Steps one after the other."""

    def __init__(self, steps):
        super().__init__()
        self.steps = nn.ModuleList(steps)

    def forward(self, flow):
        for step in self.steps:
            flow = {**flow, **step(flow)}
        return flow


class _ScaleStep(nn.Module):
    def __init__(self, scaler):
        super().__init__()
        n_features = scaler.n_features_in_
        mean = scaler.mean_ if scaler.with_mean else np.zeros(n_features)
        scale = scaler.scale_ if scaler.with_std else np.ones(n_features)
        self.register_buffer("mean", torch.from_numpy(mean).float())
        self.register_buffer("scale", torch.from_numpy(scale).float())

    def forward(self, flow):
        return {"X": (flow["X"] - self.mean) / self.scale}


class _LogisticStep(nn.Module):
    def __init__(self, head):
        super().__init__()
        coef, intercept = head.coef_, head.intercept_
        if len(coef) == 1:
            # Of two classes: the log-odds of the second.
            coef = np.concatenate([-coef, coef]) / 2
            intercept = np.concatenate([-intercept, intercept]) / 2
        self.register_buffer("coef", torch.from_numpy(coef).float())
        self.register_buffer("intercept", torch.from_numpy(intercept).float())

    def forward(self, flow):
        logits = flow["X"] @ self.coef.T + self.intercept
        return {
            "features": flow["X"],
            "logits": logits,
            "probabilities": logits.softmax(1),
        }
