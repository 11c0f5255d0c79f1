"""Torch below the estimators: architectures, layers, losses, batches, training.

A class that fits a net is defined without torch, which takes seconds to import: its
file imports this folder, and the files of this folder where they are used, as in
``_nets.losses.class_weights``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "batches",
        "encoder_weights",
        "episodes",
        "episodic_training",
        "fixmatch",
        "losses",
        "skorch_net",
        "steps",
        "trainer",
    ],
)
