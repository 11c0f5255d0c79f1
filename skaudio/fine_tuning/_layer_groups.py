"""The layers of a net in their order, and what trains when."""

from skorch.callbacks import Callback
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

# What begins a layer of our nets; normalisation and positions go with what is before.
_BEGINS = (nn.Conv1d, nn.Conv2d, nn.Linear, nn.TransformerEncoderLayer)


def layer_groups(body):
    """List the weights of a net layer by layer.

    Parameters
    ----------
    body : Module
        As `make_body` builds it, or of a published network, which lists what begins a
        layer in `begins`. Where it has towers, these are laid side by side so that
        their last layers are level.

    Returns
    -------
    layers : list of list of str
        Names of weights, from the first layer to the last.
    """
    towers = getattr(body, "towers", None)
    if towers is None:
        return _layers(body)
    parts = [
        [[f"towers.{place}.{name}" for name in layer] for layer in _layers(tower)]
        for place, tower in enumerate(towers)
    ]
    depth = max(map(len, parts))
    parts = [[[]] * (depth - len(part)) + part for part in parts]
    levels = zip(*parts, strict=True)
    return [[name for layer in level for name in layer] for level in levels]


def _layers(net):
    begins_a_layer = getattr(net, "begins", _BEGINS)
    layers, begun, inside = [[]], False, None
    for name, module in net.named_modules():
        if inside is not None and name.startswith(inside):
            continue
        begins = isinstance(module, begins_a_layer)
        inside = f"{name}." if begins else None
        # What stands before the first layer goes with it.
        if begins and begun:
            layers.append([])
        begun = begun or begins
        prefix = f"{name}." if name else ""
        own = module.named_parameters(recurse=begins)
        layers[-1].extend(prefix + weight for weight, _ in own)
    return layers


class Thaw(Callback):
    """Train the last layer alone at first, then one layer more every few epochs.

    Parameters
    ----------
    layers : list of list of str
        As `layer_groups` gives them.
    n_frozen : int
        Layers, from the first, that never train.
    every : int
        Epochs; 0 trains all others from the start.
    """

    def __init__(self, layers, n_frozen, every):
        self.layers = layers
        self.n_frozen = n_frozen
        self.every = every

    def on_train_begin(self, net, **kwargs):
        self.hooks_ = []

    def on_epoch_begin(self, net, **kwargs):
        n_thawed = len(self.layers)
        if self.every:
            n_thawed = (len(net.history) - 1) // self.every
        n_frozen = max(self.n_frozen, len(self.layers) - n_thawed)
        frozen = {name for layer in self.layers[:n_frozen] for name in layer}
        for name, weight in net.module_.named_parameters():
            weight.requires_grad_(name not in frozen)
        for hook in self.hooks_:
            hook.remove()
        self.hooks_ = [
            module.register_forward_pre_hook(_rest)
            for module in _resting(net.module_, frozen)
        ]

    def on_train_end(self, net, **kwargs):
        for hook in self.hooks_:
            hook.remove()
        for weight in net.module_.parameters():
            weight.requires_grad_(True)


def _resting(net, frozen):
    """List the modules whose weights are all frozen, the outermost ones.

    They rest with all that is in them: dropout, and what batch normalisation has
    measured. Batch normalisation without weights goes with what follows.
    """
    resting, inside = [], None
    for name, module in net.named_modules():
        if inside is not None and name.startswith(inside):
            continue
        prefix = f"{name}." if name else ""
        own = [prefix + weight for weight, _ in module.named_parameters()]
        if own and frozen.issuperset(own):
            resting.append(module)
            inside = prefix
    follows = False
    for name, module in reversed([*net.named_modules()]):
        own = [weight for weight, _ in module.named_parameters(recurse=False)]
        if own:
            follows = f"{name}.{own[0]}" in frozen
        elif follows and isinstance(module, _BatchNorm):
            resting.append(module)
    return resting


def _rest(module, _):
    module.train(False)
