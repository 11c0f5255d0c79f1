"""What skaudio costs: against an earlier revision of itself, or against a peer.

    python benchmarks/speed FOLDER [NAME...] [--before REVISION] [--repeats 3]
    python benchmarks/speed FOLDER --profile NAME

FOLDER holds the clips of a study in a folder per class. NAME is a comparison; without
one all run, and `--list` lists them. `--before` is a git revision: without it only the
figures of this checkout are printed.

Each figure is taken in a process of its own, the two sides in turn, and the median of
the repeats is printed. Unless its title says otherwise a figure is processor time in
seconds, of the process and those that it starts: that hardly depends on what else the
machine does.

`--profile` prints the largest parts of a fit or of `predict` instead, of this checkout.

To add a comparison, write a function of the folder that prepares and returns what is
measured, and decorate it with `compare`.
"""

import argparse
import tempfile
from pathlib import Path

# Each registers its comparisons.
import commands  # noqa: F401
import fits  # noqa: F401
import log_mels  # noqa: F401
import memory  # noqa: F401
import near_copies  # noqa: F401
from harness import COMPARISONS, checkout_of, measured, row_of
from profiles import PROFILES, print_profile


def main():
    """Print a table of the figures and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="clips, a folder per class")
    parser.add_argument("names", nargs="*", metavar="NAME", help="comparisons")
    parser.add_argument("--before", metavar="REVISION", help="of git")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--list", action="store_true", help="list the comparisons")
    parser.add_argument("--profile", choices=PROFILES, help="print the largest parts")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if arguments.list:
        for name, (title, *_) in COMPARISONS.items():
            print(f"{name:24} {title}")
        return
    if arguments.profile is not None:
        print_profile(arguments.profile, folder)
        return
    names = arguments.names or list(COMPARISONS)
    for name in names:
        if name not in COMPARISONS:
            parser.error(f"{name}: no such comparison: see --list")
    if arguments.side is not None:
        _, function, peer, _ = COMPARISONS[names[0]]
        print(measured(peer if arguments.side == "peer" else function, folder))
        return
    with tempfile.TemporaryDirectory() as scratch:
        before = None
        if arguments.before is not None:
            before = checkout_of(arguments.before, scratch)
        print("| what | before, or the peer | after | ratio |\n|---|---|---|---|")
        for name in names:
            print(row_of(name, before, folder, arguments.repeats), flush=True)


if __name__ == "__main__":
    main()
