"""Torch devices, and the CPU in place of an absent one."""


def present_device(name):
    """Return the torch device; raise ValueError where it is absent."""
    import torch

    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device={name!r} is not available here ({reason}): pass device='cpu'."
        ) from error
    return device


def device_or_cpu(name):
    """Return the torch device, or the CPU where it is absent."""
    try:
        return present_device(name)
    except ValueError:
        import torch

        return torch.device("cpu")
