from skaudio._utils.docstrings import documented_by


class Base:
    """A base.

    Parameters
    ----------
    a : int
        The first.
    b, c : float
        Two more.

    Attributes
    ----------
    fitted_ : int
        What a fit gives.
    """

    def __init__(self, a, b, c):
        pass


def test_entries_of_the_base_without_own_ones_and_without_absent_parameters():
    @documented_by(Base)
    class Child(Base):
        """A child.

        Parameters
        ----------
        d : int
            Its own.
        {parameters}

        Attributes
        ----------
        fitted_ : str
            Of another type.
        {attributes}

        Notes
        -----
        Some.
        """

        def __init__(self, d, b, c):
            pass

    assert Child.__doc__.split("\n", 2)[2] == (
        "Parameters\n----------\nd : int\n    Its own.\nb, c : float\n    Two more.\n"
        "\nAttributes\n----------\nfitted_ : str\n    Of another type.\n\n\n"
        "Notes\n-----\nSome."
    )


def test_without_docstrings():
    @documented_by(Base)
    class Silent(Base):
        pass

    assert Silent.__doc__ is None
