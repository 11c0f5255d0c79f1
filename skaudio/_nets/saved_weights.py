"""Pickles of estimators with a net inside: weights, and no data."""

import numpy as np
import torch

from skaudio._nets.devices import device_or_cpu
from skaudio._nets.seeding import seeded_torch
from skaudio._utils.version import check_saved_version, saved_version


class SavedWeights:
    """Mixin of estimators with a net inside.

    The estimator has the parameter `device`. `_net_name` is the attribute that holds
    the net, ``_new_net(device)`` builds a net with random weights, and
    ``_fitted_module()`` returns the torch module of the fitted net.
    """

    _net_name = None

    def __getstate__(self):
        """Keep weights, parameters, classes and history; no data, no optimiser."""
        state = dict(super().__getstate__())
        if state.pop(self._net_name, None) is not None:
            state["_weights"] = to_arrays(self._fitted_module().state_dict())
        return {**state, **saved_version()}

    def __setstate__(self, state):
        """Rebuild the net from its weights, on the CPU where the GPU is absent."""
        state = dict(state)
        check_saved_version(state, type(self).__name__)
        weights = state.pop("_weights", None)
        super().__setstate__(state)
        if weights is None:
            return
        with seeded_torch(0):
            net = self._new_net(device_or_cpu(self.device))
        setattr(self, self._net_name, net)
        self._fitted_module().load_state_dict(to_tensors(weights))


def to_arrays(state):
    """Turn the tensors of a nested state into arrays."""
    return _mapped(state, torch.is_tensor, lambda tensor: tensor.cpu().numpy())


def to_tensors(state):
    """Turn arrays back into tensors; copies, since joblib may give memory maps."""
    return _mapped(state, lambda x: isinstance(x, np.ndarray), torch.tensor)


def _mapped(state, chosen, change):
    if chosen(state):
        return change(state)
    if isinstance(state, dict):
        return {key: _mapped(value, chosen, change) for key, value in state.items()}
    if isinstance(state, list):
        return [_mapped(value, chosen, change) for value in state]
    return state
