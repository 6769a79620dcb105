"""Runs the parts that are asked for and prints them as one table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence

from bench.sampling import balanced, long_frames, planning, published, table

PARTS = ("pps", "balanced", "published", "planning")


def main(arguments: Sequence[str] = ()) -> None:
    """Print the table; see ``python -m bench sampling --help``."""
    parser = argparse.ArgumentParser(prog="python -m bench sampling")
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; all if none")
    parser.add_argument("--no-peers", action="store_true", help="leave other programs out")
    asked = parser.parse_args(list(arguments))
    parts = set(asked.parts or PARTS)
    if unknown := parts - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "not set")
    print(
        f"Python {platform.python_version()}, {platform.machine()}; OPENBLAS_NUM_THREADS {threads}"
    )
    print("CPU time of all threads, medians of 5 runs in turn after a warm-up; peers apart")
    table.head()
    if "pps" in parts:
        long_frames.main(with_peers=not asked.no_peers)
    if "balanced" in parts:
        balanced.main()
    if "published" in parts:
        published.main()
    if "planning" in parts:
        planning.main()


if __name__ == "__main__":
    main(sys.argv[1:])
