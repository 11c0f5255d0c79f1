"""`python -m skaudio` is the `skaudio` command."""

from skaudio.cli import main

if __name__ == "__main__":
    main()
