"""Fits that leave torch's global generator as they found it."""

import contextlib
import threading

import torch

# Fits seed the one generator that torch has, so that in a process they take turns.
FIT_LOCK = threading.RLock()


@contextlib.contextmanager
def seeded_torch(seed, device="cpu"):
    """Seed torch's generator, alone in the process, and put it back afterwards.

    Parameters
    ----------
    seed : int
    device : torch.device or str
        Whose generator is put back beside the CPU's.
    """
    device = torch.device(device)
    gpus = [device] if device.type == "cuda" else []
    with FIT_LOCK, torch.random.fork_rng(devices=gpus):
        torch.manual_seed(seed)
        yield
