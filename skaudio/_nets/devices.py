"""Torch devices: there, absent, or fallen back from."""

import torch


def present_device(name):
    """Give the torch device, or say that it is not there."""
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device={name!r} is not to be had here ({reason}): pass device='cpu'."
        ) from error
    return device


def device_or_cpu(name):
    """Give the torch device, or the CPU where it is absent."""
    try:
        return present_device(name)
    except ValueError:
        return torch.device("cpu")
