"""`samplics` and `svy`, each in an environment outside this project's, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from bench.analysis import peers
from bench.sampling.clock import Timing

HERE = Path(__file__).parent
# The script of the analysis that runs a peer's job and prints its times.
TIMED = Path(peers.__file__).parent
SECONDS = 180


def python() -> Path:
    """Return the peers' Python; make their environment where there is none."""
    for place in (peers.HOME, peers.HOME / "common"):
        if (place / "bin" / "python").exists():
            return place / "bin" / "python"
    peers.prepare()
    return peers.HOME / "common" / "bin" / "python"


def run(peer: str, job: str, folder: Path) -> Timing:
    """Measure one job; the columns lie in the folder as ``sizes.npy`` and ``strata.npy``."""
    command = [str(python()), str(HERE / f"{peer}_jobs.py"), str(folder), job, "{}"]
    env = os.environ | {"PYTHONPATH": str(TIMED), "PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=env)
    except subprocess.TimeoutExpired:
        return Timing([], [], why_not=f"stopped after {SECONDS} s")
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["failed without a word"]
        return Timing([], [], why_not=lines[-1][:100])
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Timing([found["cpu"]], [found["wall"]], found["answer"], runs=found["runs"])
