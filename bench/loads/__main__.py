"""``make load``: all parts, or those that are named; ``--short`` tries them with few people.

``python -m bench.loads journeys mix --short``. The parts, in the order in which they run: ratio,
journeys, reading, workers, hosts, mix, day. The last reckons from figures that the others kept.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.loads import day, hosts, journeys, mixes, reading, workers
from bench.loads.servers import Postgres, postgres
from bench.loads.sizes import SHORT, WHOLE, Size

KEPT = Path("var/load.json")
Figures = dict[str, dict[str, float]]


def ratio(size: Size) -> Figures:
    journeys.print_head()
    return both(lambda name, server: journeys.ratios(name, server, size))


def many(size: Size) -> Figures:
    journeys.print_long_head()
    return both(lambda name, server: journeys.long_run(name, server, size))


def both(measure: Callable[[str, Postgres | None], dict[str, float]]) -> Figures:
    """Measure on SQLite, then on a PostgreSQL of its own."""
    found = {"SQLite": measure("SQLite", None)}
    with postgres() as server:
        found["PostgreSQL"] = measure("PostgreSQL", server)
    return found


PARTS: dict[str, Callable[[Size], Figures]] = {
    "ratio": ratio,
    "journeys": many,
    "reading": lambda size: both(reading.measure(size)),
    "workers": lambda size: both(workers.measure(size)),
    "hosts": hosts.measure,
    "mix": lambda size: both(mixes.measure(size)),
}


def main() -> None:
    asked = argparse.ArgumentParser(prog="make load", description=__doc__)
    asked.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, "day", []])
    asked.add_argument("--stored", type=int, metavar="N", help="one mix of N stored responses")
    asked.add_argument("--short", action="store_true", help="few people: to see that it runs")
    given = asked.parse_args()
    size = SHORT if given.short else WHOLE
    if given.stored:
        size = replace(size, stored=(given.stored,), night=0)
    kept = KEPT.with_suffix(".short.json") if given.short else KEPT
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.strftime('%d/%m/%Y')}"
        f"{', short: these figures are no measurement' if given.short else ''}",
        flush=True,
    )
    # Whoever stops a run stops its servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    begun, failed = time.monotonic(), list[str]()
    for name in given.parts or PARTS:
        if name != "day":
            print(f"\n== {name}", flush=True)
            try:
                keep(kept, name, PARTS[name](size))
            except Exception:
                failed.append(name)
                traceback.print_exc()
            print(f"   ({time.monotonic() - begun:.0f} s since the start)", flush=True)
    if not given.parts or "day" in given.parts:
        print("\n== day", flush=True)
        day.show(figures_of(kept))
    if failed:
        sys.exit(f"these parts failed: {', '.join(failed)}")


def figures_of(kept: Path) -> dict[str, Figures]:
    """Return what earlier runs have kept."""
    return json.loads(kept.read_text()) if kept.exists() else {}


def keep(kept: Path, name: str, found: Figures) -> None:
    """Keep the figures of one part for the arithmetic; mixes of other sizes stay."""
    figures = figures_of(kept)
    figures[name] = {on: figures.get(name, {}).get(on, {}) | found[on] for on in found}
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
