"""Seeded fits that restore torch's global generator."""

import contextlib
import threading

# Torch has one global generator, so that only one fit of a process runs at a time.
FIT_LOCK = threading.RLock()


@contextlib.contextmanager
def seeded_torch(seed, device="cpu"):
    """Seed torch's generator under a lock, and restore it afterwards.

    Parameters
    ----------
    seed : int
    device : torch.device or str
        Its generator is restored besides the CPU's.
    """
    import torch

    device = torch.device(device)
    gpus = [device] if device.type == "cuda" else []
    with FIT_LOCK, torch.random.fork_rng(devices=gpus):
        torch.manual_seed(seed)
        yield
