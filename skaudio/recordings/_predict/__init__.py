"""One label for each file."""
