"""Ten million rows: overall and three sets of domains in one call, from Parquet and in memory.

Each way runs in a process of its own, so that its peak memory can be stated:
``python -m bench.analysis.big WAY FILE`` prints JSON. The same serves to show that cost grows
linearly in rows.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from bench.analysis import plain
from bench.analysis.clock import RUNS, Timing
from bench.analysis.generator import DOMAINS, NAMES

# No more runs are begun after this many seconds; the table states how many there were.
SECONDS = 150.0
CALL_BY = [[], *([name] for name in DOMAINS)]
WAYS = ("memory", "duckdb", "plain-memory", "plain-duckdb")


def measure(way: str, path: Path) -> Timing:
    """Measure one way in a new process."""
    command = [sys.executable, "-m", "bench.analysis.big", way, str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return Timing.absent((done.stderr.strip().splitlines() or ["failed"])[-1][:120])
    found = json.loads(done.stdout.splitlines()[-1])
    return Timing(found["cpu"], found["wall"], found["runs"], found["peak"], found["answer"])


def _ours(path: Path, engine: str):
    import pandas as pd

    from analysis import SurveyDesign, estimate

    data = pd.read_parquet(path) if engine == "memory" else path
    design = SurveyDesign(data, weights="w", strata="stratum", psu="psu")

    def job():
        # From the file the choice is left to size and place, as a user would.
        return estimate.mean(design, NAMES, by=CALL_BY).table[["value", "se"]]

    return job


def _plain_memory(path: Path):
    import pyarrow.parquet as pq

    names = ["psu", "stratum", "w", *DOMAINS]
    c = {name: pq.read_table(path, columns=[name])[name].to_numpy() for name in names}
    items = np.empty((len(c["w"]), len(NAMES)))
    for at, name in enumerate(NAMES):
        items[:, at] = pq.read_table(path, columns=[name])[name].to_numpy()
    labels, psu = np.unique(c["psu"], return_inverse=True)
    stratum = np.zeros(len(labels), dtype=np.int64)
    stratum[psu] = c["stratum"]

    def job():
        answers = [plain.means(psu, stratum, c["w"], items)]
        for name, size in DOMAINS.items():
            answers.append(plain.means(psu, stratum, c["w"], items, c[name], size))
        return np.vstack([np.column_stack([part.ravel() for part in one]) for one in answers])

    return job


def _plain_duckdb(path: Path):
    import duckdb

    connection = duckdb.connect()

    def job():
        answers = plain.duckdb_means(connection, path, NAMES, DOMAINS)
        return np.vstack([np.column_stack([part.ravel() for part in one]) for one in answers])

    return job


def peak_memory() -> float:
    """Return this process's peak in MB; ``ru_maxrss`` would count the parent's as well."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = (line.split() for line in status.read_text().splitlines())
        return next(int(words[1]) / 1024 for words in lines if words and words[0] == "VmHWM:")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(way: str, path: Path) -> None:
    """Run one way up to five times and print what it cost."""
    prepared = {
        "memory": lambda: _ours(path, "memory"),
        "duckdb": lambda: _ours(path, "duckdb"),
        "plain-memory": lambda: _plain_memory(path),
        "plain-duckdb": lambda: _plain_duckdb(path),
    }
    job = prepared[way]()
    spent: list[tuple[float, float]] = []
    while len(spent) < RUNS and (not spent or sum(wall for _, wall in spent) < SECONDS):
        cpu, wall = time.process_time(), time.perf_counter()
        answer = np.asarray(job())
        spent.append((time.process_time() - cpu, time.perf_counter() - wall))
    report = {
        "cpu": statistics.median(cpu for cpu, _ in spent),
        "wall": statistics.median(wall for _, wall in spent),
        "runs": len(spent),
        "peak": peak_memory(),
        "answer": [*answer[:: max(len(answer) // 50, 1)].ravel().tolist()],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
