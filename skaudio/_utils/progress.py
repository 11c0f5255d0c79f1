"""One progress bar for terminals and notebooks."""

import sys


def progress_bar(what, total, **options):
    """Make a bar of tqdm on standard error, which vanishes at its end.

    It is shown in a terminal and in a notebook (without ipywidgets, too). A log file
    gets none.

    Parameters
    ----------
    what : str
    total : float
    **options : as tqdm takes them

    Returns
    -------
    bar : tqdm
        A context manager with ``update(n)``.
    """
    from tqdm import tqdm

    in_notebook = type(sys.stderr).__module__.startswith("ipykernel")
    return tqdm(
        desc=what,
        total=total,
        leave=False,
        dynamic_ncols=True,
        disable=not (sys.stderr.isatty() or in_notebook),
        **options,
    )
