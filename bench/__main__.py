"""Runs every measurement, or the parts that are named, and prints it: CPU time beside wall time.

``python -m bench`` runs all; ``python -m bench analysis means raking`` rows of one part.
"""

import os
import sys
import time

PARTS = {
    "page": "The questionnaire over the wire",
    "server": "The server, per completed response",
    "qr": "QR codes and letters",
    "analysis": "The analysis, beside the plain formulation and beside peers",
}


def run(part: str, arguments: list[str]) -> None:
    """Print one part."""
    print(f"\n== {PARTS[part]}", flush=True)
    if part == "page":
        from bench import page

        page.main()
    elif part == "server":
        from bench import server

        server.main()
    elif part == "qr":
        from bench import qr

        qr.main(900)
    else:
        from bench.analysis import report

        report.main(arguments)


if __name__ == "__main__":
    part, *rest = sys.argv[1:] or ["all"]
    if part not in {"all", *PARTS}:
        sys.exit(f"No such part: {part}. There are {', '.join(PARTS)}.")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.strftime('%d/%m/%Y')}")
    for name in PARTS if part == "all" else [part]:
        run(name, rest)
