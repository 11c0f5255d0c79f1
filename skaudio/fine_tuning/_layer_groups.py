"""The layers of a net in their order, and when each is trained."""

from skorch.callbacks import Callback
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from skaudio._nets.audio_net import AudioNet


def layer_groups(body):
    """List the weights of a net layer by layer.

    Parameters
    ----------
    body : Module
        As `make_body` builds it, or of a published network. Its `layer_types` are the
        classes that begin a layer; normalisation and positions belong to the layer
        before.

    Returns
    -------
    layers : list of list of str
        Names of weights, from the first layer to the last.
    """
    layer_types = getattr(body, "layer_types", AudioNet.layer_types)
    layers, begun, inside = [[]], False, None
    for name, module in body.named_modules():
        if inside is not None and name.startswith(inside):
            continue
        begins = isinstance(module, layer_types)
        inside = f"{name}." if begins else None
        # Modules before the first layer belong to it.
        if begins and begun:
            layers.append([])
        begun = begun or begins
        prefix = f"{name}." if name else ""
        own = module.named_parameters(recurse=begins)
        layers[-1].extend(prefix + weight for weight, _ in own)
    return layers


class Unfreezing(Callback):
    """Train the last layer alone at first, then one more layer every few epochs.

    Parameters
    ----------
    layers : list of list of str
        As `layer_groups` gives them.
    n_frozen : int
        Layers, from the first, that never train.
    every : int
        Epochs from one layer to the next; 0 trains all others from the start.
    """

    def __init__(self, layers, n_frozen, every):
        self.layers = layers
        self.n_frozen = n_frozen
        self.every = every

    def on_train_begin(self, net, **kwargs):
        self.hooks_ = []

    def on_epoch_begin(self, net, **kwargs):
        n_unfrozen = len(self.layers)
        if self.every:
            n_unfrozen = (len(net.history) - 1) // self.every
        n_frozen = max(self.n_frozen, len(self.layers) - n_unfrozen)
        frozen = {name for layer in self.layers[:n_frozen] for name in layer}
        for name, weight in net.module_.named_parameters():
            weight.requires_grad_(name not in frozen)
        for hook in self.hooks_:
            hook.remove()
        self.hooks_ = [
            module.register_forward_pre_hook(_set_to_eval)
            for module in _frozen_modules(net.module_, frozen)
        ]

    def on_train_end(self, net, **kwargs):
        for hook in self.hooks_:
            hook.remove()
        for weight in net.module_.parameters():
            weight.requires_grad_(True)


def _frozen_modules(net, frozen):
    """List the outermost modules whose weights are all frozen.

    They run in evaluation mode with their submodules: no dropout, fixed statistics of
    batch normalisation. Batch normalisation without weights belongs to the layer after.
    """
    modules, inside = [], None
    for name, module in net.named_modules():
        if inside is not None and name.startswith(inside):
            continue
        prefix = f"{name}." if name else ""
        own = [prefix + weight for weight, _ in module.named_parameters()]
        # Lists of modules are never called, so that a hook on them would not run.
        called = not isinstance(module, (nn.ModuleList, nn.ModuleDict))
        if own and called and frozen.issuperset(own):
            modules.append(module)
            inside = prefix
    follows = False
    for name, module in reversed([*net.named_modules()]):
        own = [weight for weight, _ in module.named_parameters(recurse=False)]
        if own:
            follows = f"{name}.{own[0]}" in frozen
        elif follows and isinstance(module, _BatchNorm):
            modules.append(module)
    return modules


def _set_to_eval(module, _):
    module.train(False)
