"""The page of a run of `detect`."""
