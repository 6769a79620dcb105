"""The peers, each in an environment outside this project's, in a process of its own.

A peer that cannot be installed or that fails is named with its reason. Environments are made
once, in ``.venv-peers``; remove that folder to make them anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.analysis.clock import Timing

HERE = Path(__file__).parent
HOME = HERE.parents[2] / ".venv-peers"
# `balance` wants NumPy 1 under Python 3.11, the others NumPy 2.
PLACES = {
    "common": {
        "svy": ["svy==0.35.0", "pyarrow"],
        "samplics": ["samplics==0.6.1"],
        "weightipy": ["weightipy==0.4.2"],
        "ipfn": ["ipfn==1.4.4"],
        "rimpy": ["rimpy==0.5.0"],
    },
    "balance": {"balance": ["balance==0.23.0", "pyarrow==18.1.0"]},
}
SECONDS = 400


def prepare() -> None:
    """Make the environments that are not there yet, and note what could not be installed."""
    HOME.mkdir(exist_ok=True)
    (HOME / ".gitignore").write_text("*\n")
    for place, peers in PLACES.items():
        folder = HOME / place
        if not folder.exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        for peer, wanted in peers.items():
            note = HOME / f"{peer}.txt"
            if note.exists():
                continue
            print(f"installing {peer} for comparison", file=sys.stderr)
            command = [folder / "bin" / "pip", "install", "-q", *wanted]
            done = subprocess.run(command, capture_output=True, text=True)
            note.write_text("" if done.returncode == 0 else _reason(done.stderr))


def run(peer: str, job: str, data: Path, targets: dict[str, list[float]]) -> Timing:
    """Measure one job with one peer; ``data`` is the file, or the folder for R, without suffix."""
    if peer == "R survey":
        if not shutil.which("Rscript"):
            return Timing.absent("R is not installed here")
        command = ["Rscript", HERE / "survey.R", data.with_suffix(".columns")]
    else:
        place = next(place for place, peers in PLACES.items() if peer in peers)
        note = HOME / f"{peer}.txt"
        if why := note.read_text() if note.exists() else "not installed":
            return Timing.absent(why)
        python = HOME / place / "bin" / "python"
        command = [python, HERE / f"{peer}_jobs.py", data.with_suffix(".parquet")]
    command = [*map(str, command), job, json.dumps(targets)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )
    except subprocess.TimeoutExpired:
        return Timing.absent(f"stopped after {SECONDS} s")
    if done.returncode:
        return Timing.absent(_reason(done.stderr))
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Timing(found["cpu"], found["wall"], found["runs"], answer=found["answer"])


def _reason(text: str) -> str:
    if "Requires-Python" in text:
        return "needs a newer Python than " + ".".join(map(str, sys.version_info[:2]))
    lines = [line.strip() for line in text.splitlines() if "rror" in line]
    return (lines or text.strip().splitlines() or ["failed without a word"])[-1][:120]
