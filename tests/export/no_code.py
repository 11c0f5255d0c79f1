"""Raise where a pickle is opened or a program started, for tests and the benchmark."""

import pickle
import sys
import warnings
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import joblib
import numpy as np
import torch
import torch._dynamo  # which torch imports late, and which looks for torch.load

_PROGRAMS = {"os.system", "subprocess.Popen", "os.exec", "os.spawn", "os.posix_spawn"}
_watching = []


def _watch(event, arguments):
    if _watching and (event in _PROGRAMS or event == "pickle.find_class"):
        _watching[-1].append((event, arguments))


sys.addaudithook(_watch)


class CodeRunError(BaseException):
    """Code ran; no handler of errors catches this."""


def _refuse(*arguments, **options):
    raise CodeRunError("a pickle is opened")


def _without_pickle(load):
    def wrapped(*arguments, allow_pickle=False, **options):
        if allow_pickle:
            raise CodeRunError("numpy may open a pickle")
        return load(*arguments, **options)

    return wrapped


@contextmanager
def no_code():
    """Within it no pickle may be opened and no program started."""
    events = []
    with ExitStack() as stack:
        for module, name in (
            *((pickle, name) for name in ("load", "loads", "Unpickler")),
            *((joblib, "load"), (torch, "load")),
        ):
            stack.enter_context(patch.object(module, name, _refuse))
        stack.enter_context(patch.object(np, "load", _without_pickle(np.load)))
        stack.enter_context(warnings.catch_warnings())
        # scikit-learn warns of another version, which a mutation may have made.
        warnings.simplefilter("ignore")
        _watching.append(events)
        try:
            yield
        finally:
            _watching.pop()
    if events:
        raise CodeRunError(f"code ran: {events}")
