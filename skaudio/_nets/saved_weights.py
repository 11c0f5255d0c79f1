"""Pickles of estimators with a net inside: weights, and no data."""

import numpy as np

from skaudio._nets.devices import device_or_cpu
from skaudio._nets.seeding import seeded_torch
from skaudio._utils.version import check_saved_version, saved_version

# Some nets take memory by the square of it, which a damaged file must not choose.
MOST_BANDS = 4096


class SavedWeights:
    """Mixin of estimators with a net inside.

    The estimator has the parameters `device` and `n_threads`. `_net_name` is the
    attribute that holds the net, ``_new_module()`` builds a torch module with random
    weights, ``_new_net(device)`` the net around such a module, and
    ``_fitted_module()`` returns the torch module of the fitted net.
    """

    _net_name = None
    n_threads = 1  # of models that were saved without this parameter

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
        check_weights(self, self._new_module, weights)
        with seeded_torch(0):
            net = self._new_net(device_or_cpu(self.device))
        setattr(self, self._net_name, net)
        self._fitted_module().load_state_dict(to_tensors(weights))


def check_weights(estimator, build, weights):
    """Raise where saved weights are not those of the net, before that takes memory.

    Parameters
    ----------
    estimator : SavedWeights
        Has ``input_shape_``.
    build : callable
        Builds the torch module.
    weights : dict of str to ndarray
    """
    name, n_bands = type(estimator).__name__, estimator.input_shape_[0]
    if not 0 < n_bands <= MOST_BANDS:
        raise ValueError(f"{name} has {n_bands} bands: expected 1 to {MOST_BANDS}")
    check_shapes(name, build, weights)


def check_shapes(name, build, weights):
    """Raise where weights have other names or shapes than those of a module.

    Parameters
    ----------
    name : str
        For the error.
    build : callable
        Builds the module; here on torch's meta device, where it takes no memory.
    weights : dict of str to ndarray
    """
    import torch

    with torch.device("meta"):
        expected = {
            key: tuple(weight.shape) for key, weight in build().state_dict().items()
        }
    saved = {key: np.shape(weight) for key, weight in weights.items()}
    if saved != expected:
        every = sorted(saved | expected)
        one = next(key for key in every if saved.get(key) != expected.get(key))
        raise ValueError(
            f"the weights of {name} do not fit its net: {one!r} has the shape "
            f"{saved.get(one)}, expected {expected.get(one)}"
        )


def to_arrays(state):
    """Turn the tensors of a nested state into arrays."""
    import torch

    return _mapped(state, torch.is_tensor, lambda tensor: tensor.cpu().numpy())


def to_tensors(state):
    """Turn arrays back into tensors; copies of the memory maps that joblib may give."""
    return _mapped(state, lambda x: isinstance(x, np.ndarray), _tensor)


def _tensor(array):
    import torch

    own = type(array) is np.ndarray and array.flags.writeable
    return torch.from_numpy(array) if own else torch.tensor(array)


def _mapped(state, chosen, change):
    if chosen(state):
        return change(state)
    if isinstance(state, dict):
        return {key: _mapped(value, chosen, change) for key, value in state.items()}
    if isinstance(state, list):
        return [_mapped(value, chosen, change) for value in state]
    return state
