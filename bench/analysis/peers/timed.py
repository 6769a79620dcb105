"""What each peer's script shares: read the file, run one job in turn, print JSON. Standard library.

Runs in the peer's own environment, so it knows nothing of this project. A job that takes long is
run fewer times than asked, never more than ``SECONDS`` in all; the number of runs is stated.
"""

import json
import statistics
import sys
import time

RUNS, SECONDS = 5, 60.0
ITEMS = [f"y{item + 1}" for item in range(25)]
DRIVERS = [f"x{driver + 1}" for driver in range(8)]
MARGINS = ["sex", "age", "school", "district"]


def main(jobs):
    """``jobs``: name → function of (path, targets) that returns a callable to be timed."""
    path, name, targets = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    job = jobs[name](path, targets)
    spent = []
    while len(spent) < RUNS and (not spent or sum(wall for _, wall in spent) < SECONDS):
        cpu, wall = time.process_time(), time.perf_counter()
        answer = job()
        spent.append((time.process_time() - cpu, time.perf_counter() - wall))
    report = {
        "cpu": statistics.median(cpu for cpu, _ in spent),
        "wall": statistics.median(wall for _, wall in spent),
        "runs": len(spent),
        "answer": [float(value) for value in answer],
    }
    print(json.dumps(report))
