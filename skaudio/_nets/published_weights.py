"""Read published files of weights without executing code."""

import pickle

import numpy as np
import torch

_CORES = ("core", "_core")  # numpy 1 and 2


def read_weights(path):
    """Read the weights of a network.

    Parameters
    ----------
    path : str

    Returns
    -------
    weights : dict of name to Tensor

    Raises
    ------
    ValueError
        Where the file is damaged, or holds other objects.
    """
    # Some published files hold training state as arrays, beside the weights.
    array = np._core.multiarray._reconstruct
    allowed = [
        *((array, f"numpy.{core}.multiarray._reconstruct") for core in _CORES),
        *(np.ndarray, np.dtype, np.dtypes.Int64DType, np.dtypes.Float64DType),
    ]
    try:
        with torch.serialization.safe_globals(allowed):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(
            f"{path}: not a file of weights alone ({str(error).splitlines()[0]})"
        ) from error
    if not isinstance(content, dict):
        raise ValueError(
            f"{path}: holds a {type(content).__name__}, expected weights by name"
        )
    return content.get("model", content)
