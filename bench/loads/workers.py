"""What one to four workers bear on this machine's cores, on both databases."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.clients import walk
from bench.loads.journeys import HANDS, WARM, Respondents, faultless
from bench.loads.servers import Postgres, ours
from bench.loads.sizes import Size
from bench.processes import Spent, machine_busy, spent, tree

NUMBERS = (1, 2, 3, 4)


def head(of: str) -> str:
    """The heading of a table whose rows are CPU time by part."""
    return (
        f"{of:12}{'a second':>9}   CPU ms a journey: application (kernel's part)"
        "   PostgreSQL (kernel's)   client   all others   p99 ms"
    )


def row(count: int, wall: float, parts: tuple[Spent, Spent], client: float, busy: float) -> str:
    """One row of it; what the machine did beyond these parts stands apart."""
    mine, database = parts
    each = 1000 / count
    others = max(0.0, busy - mine.total - database.total - client)
    return (
        f"{count / wall:9.0f}{each * mine.total:29.2f} ({each * mine.kernel:.2f})"
        f"{each * database.total:27.2f} ({each * database.kernel:.2f})"
        f"{each * client:14.2f}{each * others:13.2f}"
    )


def measure(size: Size) -> Callable[[str, Postgres | None], dict[str, float]]:
    """Return what measures one database."""
    print(f"{size.steps} journeys each, {HANDS} phones at once")
    return lambda name, server: _one(name, server, size)


def _one(name: str, server: Postgres | None, size: Size) -> dict[str, float]:
    print(f"{name}\n{head('  workers')}")
    found = {}
    with tempfile.TemporaryDirectory() as at:
        folder, url = Path(at), server.fresh() if server else None
        people = Respondents(folder, len(NUMBERS) * (size.steps + WARM), url)
        for number in NUMBERS:
            with ours(folder, url, number) as (pid, port):
                walk(port, people.take(WARM), HANDS)
                journeys = people.take(size.steps)
                parts = tree(pid), server.pids() if server else []
                before, busy = [spent(one) for one in parts], machine_busy()
                seen = faultless(walk(port, journeys, HANDS))
                busy = machine_busy() - busy
                mine, beside = (spent(one) - old for one, old in zip(parts, before, strict=True))
            line = row(size.steps, seen.wall, (mine, beside), seen.cpu, busy)
            print(f"{number:9}   {line}{1000 * seen.percentile(0.99):9.0f}", flush=True)
            found |= {
                f"rate_{number}": size.steps / seen.wall,
                f"cpu_ms_{number}": 1000 * mine.total / size.steps,
                f"database_ms_{number}": 1000 * beside.total / size.steps,
            }
    return found
