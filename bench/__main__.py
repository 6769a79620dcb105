"""Runs every measurement, or the parts that are named, and prints it: CPU time beside wall time.

``python -m bench`` runs all; ``python -m bench analysis means raking`` rows of one part.
"""

import os
import subprocess
import sys
import time

PARTS = {
    "page": "The questionnaire over the wire",
    "server": "The server: complete journeys beside a floor under the same server",
    "qr": "QR codes and letters",
    "lookups": "Wrong codes that share letters with an issued one",
    "analysis": "The analysis, beside the plain formulation and beside peers",
    "sampling": "Planning and drawing, beside the plain formulation and beside peers",
}
# Waiting threads of a linear algebra library count as CPU time, so there is but one.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run(part: str, arguments: list[str]) -> None:
    """Print one part."""
    print(f"\n== {PARTS[part]}", flush=True)
    if part == "page":
        from bench import page

        page.main()
    elif part == "server":
        from bench.loads.__main__ import ratio
        from bench.loads.sizes import WHOLE

        ratio(WHOLE)
    elif part == "qr":
        from bench import qr

        qr.main(900)
    elif part == "lookups":
        from bench import lookups

        lookups.main()
    elif part == "sampling":
        command = [sys.executable, "-m", "bench.sampling.report", *arguments]
        subprocess.run(command, env=os.environ | ONE_THREAD, check=True)
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
