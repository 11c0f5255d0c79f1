"""What a fit that fails leaves behind."""

import contextlib


@contextlib.contextmanager
def unfitted_if_it_fails(estimator):
    """Remove the fitted attributes of an estimator if the block raises.

    Otherwise the classes of a new fit would stand beside the weights of the last one.
    """
    try:
        yield
    except BaseException:
        for name in [*vars(estimator)]:
            if name.endswith("_") and not name.startswith("_"):
                delattr(estimator, name)
        raise
