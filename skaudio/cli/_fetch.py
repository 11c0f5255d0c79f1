"""`skaudio fetch`."""

from skaudio.cli._console import say


def run(*, name, data_home, base_url, verify):
    """Fetch the whole data set, print where it is and what it holds."""
    from skaudio import datasets

    # The widest choice of each, where there is one.
    everything = {"animals_sounds": {"split": "all"}, "esc50": {"classes": "all"}}
    bunch = getattr(datasets, f"fetch_{name}")(
        data_home=data_home,
        base_url=base_url,
        verify=verify,
        **everything.get(name, {}),
    )
    # The files lie at the end of their paths within the data set.
    first = bunch.frame.iloc[0]
    folder = first["file"].removesuffix(first["path"]).rstrip("/\\")
    say(f"{len(bunch.data)} clips of {len(bunch.target_names)} classes in {folder}")
