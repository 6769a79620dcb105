"""Complete journeys a second, beside the floor measured in the same run, on both databases.

A journey asks for the document and sends 60 answers. The floor (``bench.floor``) does so against
a bare application under the same server. Both are run in turn, the median of the rounds counts.
CPU time is what the system accounts to the workers. Then very many journeys on one server: what
memory, handles and disk they take.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.clients import Journey, Seen, journey, walk
from bench.installed import links_of_open_round
from bench.loads.servers import Postgres, floor, ours
from bench.loads.sizes import Size
from bench.processes import Held, children, held, spent, written

WARM = 60
HANDS = 8
WORKERS = 2
CALM = 0.7
FORM = [("gioi_tinh", "2"), ("do_tuoi", "3"), ("hoc_van", "5")]
FORM += [(f"cau_9_{number:02}", "4") for number in range(1, 40)]
FORM += [(f"cau_1_{number:02}", "2") for number in range(1, 10)]
FORM += [(f"cau_10_{number:02}", "3") for number in range(1, 10)]


class Respondents:
    """An installation with one open round, and people who have not answered yet."""

    def __init__(self, folder: Path, count: int, url: str | None) -> None:
        self._links = iter(links_of_open_round(folder, count, url))

    def take(self, count: int) -> list[Journey]:
        """Return the journeys of so many of them."""
        return list(journeys_of([next(self._links) for _ in range(count)]))


def journeys_of(links: list[str]) -> Iterator[Journey]:
    for link in links:
        yield journey(link.rsplit("/", 1)[1], FORM, secrets.token_urlsafe(12))


@dataclass
class Rounds:
    """Rates, CPU seconds a journey and waits of the rounds of one server."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    waits: Seen = field(default_factory=Seen)

    def add(self, pid: int, port: int, journeys: list[Journey]) -> None:
        before = spent(children(pid))
        seen = faultless(walk(port, journeys, HANDS))
        self.cpu.append((spent(children(pid)) - before).total / len(journeys))
        self.rates.append(len(journeys) / seen.wall)
        self.waits.seconds += seen.seconds
        self.waits.wall += seen.wall
        self.waits.cpu += seen.cpu


def faultless(seen: Seen) -> Seen:
    """Return what was seen, unless an answer was wrong: figures of a broken server mislead."""
    if seen.faults:
        raise AssertionError(f"{len(seen.faults)} faults: {seen.faults[:3]}")
    return seen


def beside_the_floor(folder: Path, url: str | None, size: Size) -> tuple[Rounds, Rounds, Seen]:
    """Return the rounds of our server and of the floor, and a calm walk at 70 % of the rate."""
    people = Respondents(folder, (size.rounds + 1) * size.journeys + WARM, url)
    imagined = list(journeys_of(["/0"] * size.journeys))
    mine, bare = Rounds(), Rounds()
    with floor(folder, url, WORKERS) as (under, lowest), ours(folder, url, WORKERS) as (pid, port):
        walk(port, people.take(WARM), HANDS)
        walk(lowest, imagined[:WARM], HANDS)
        for _ in range(size.rounds):
            bare.add(under, lowest, imagined)
            mine.add(pid, port, people.take(size.journeys))
        calm = walk(port, people.take(size.journeys), 2 * HANDS, CALM * median(mine.rates))
    return mine, bare, calm


def print_head() -> None:
    print(f"journeys of {len(FORM)} answers, {WORKERS} workers, {HANDS} phones at once, own client")
    print(
        f"{'':11}{'a second':>9}{'floor':>7}  ratio (asked ≥ 0.5)   CPU ms (≤ 5)    floor"
        "   p50/p95/p99 ms    floor          at 70 %        faults  client"
    )


def print_row(name: str, mine: Rounds, bare: Rounds, calm: Seen) -> None:
    ratios = [one / lowest for one, lowest in zip(mine.rates, bare.rates, strict=True)]
    share = 100 * mine.waits.cpu / mine.waits.wall
    print(
        f"{name:11}{median(mine.rates):9.0f}{median(bare.rates):7.0f}"
        f"{median(ratios):7.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        f"{1000 * median(mine.cpu):9.1f} ({1000 * min(mine.cpu):.1f}–{1000 * max(mine.cpu):.1f})"
        f"{1000 * median(bare.cpu):7.1f}   {waits(mine.waits):15}{waits(bare.waits):15}"
        f"{waits(calm):15}{len(calm.faults):6}{share:6.0f} % of a core",
        flush=True,
    )


def waits(seen: Seen) -> str:
    """The middle, the 95th and the 99th of a hundred waits, in milliseconds."""
    if not seen.seconds:
        return "–"
    return "/".join(f"{1000 * seen.percentile(share):.0f}" for share in (0.5, 0.95, 0.99))


def ratios(name: str, server: Postgres | None, size: Size) -> dict[str, float]:
    """Measure and print one database beside the floor."""
    with tempfile.TemporaryDirectory() as folder:
        mine, bare, calm = beside_the_floor(Path(folder), server.fresh() if server else None, size)
    print_row(name, mine, bare, calm)
    return {"rate": median(mine.rates), "cpu_ms": 1000 * median(mine.cpu)}


def long_run(name: str, server: Postgres | None, size: Size) -> dict[str, float]:
    """Let very many answer one server; print what grew and what each response left on disk."""
    warm = size.submits // 25
    with tempfile.TemporaryDirectory() as at:
        folder, url = Path(at), server.fresh() if server else None
        people = Respondents(folder, size.submits + warm, url)
        with ours(folder, url, WORKERS) as (pid, port):
            walk(port, people.take(warm), HANDS)
            workers = children(pid)
            disk = Disk(folder, server, url, [*workers, *(server.pids() if server else [])])
            first, cpu = held(workers), spent(workers)
            database = spent(server.pids()) if server else cpu - cpu
            seen = Seen()
            for _ in range(5):
                part = faultless(walk(port, people.take(size.submits // 5), HANDS))
                seen.seconds += part.seconds
                seen.wall += part.wall
                seen.cpu += part.cpu
            last, left = held(workers), disk.each(size.submits)
            if children(pid) != workers:
                raise AssertionError("a worker was replaced")
            mine = (spent(workers) - cpu).total
            beside = (spent(server.pids()) - database).total if server else 0.0
    _print_long(name, seen, first, last, left, (mine, beside))
    return left | {"memory_mb": last.rss / 2**20}


class Disk:
    """What lies on disk, and how much is written, from one moment on."""

    def __init__(
        self, folder: Path, server: Postgres | None, url: str | None, pids: list[int]
    ) -> None:
        self._folder, self._server, self._url, self._pids = folder, server, url, pids
        self._first = self._now()

    def _now(self) -> dict[str, float]:
        if self._server is None:
            kept = (self._folder / "hailong.sqlite3").stat().st_size
            return {"stored": kept, "log": 0.0, "written": written(self._pids)}
        kept = int(self._server.ask("SELECT pg_database_size(current_database())", self._url))
        return {"stored": kept, "log": self._server.logged(), "written": written(self._pids)}

    def each(self, count: int) -> dict[str, float]:
        """Return bytes a response: stored (sealed, before a mix), logged, written in all."""
        now = self._now()
        return {name: (now[name] - self._first[name]) / count for name in now}


def _print_long(
    name: str,
    seen: Seen,
    first: Held,
    last: Held,
    left: dict[str, float],
    cpu: tuple[float, float],
) -> None:
    count = len(seen.seconds)
    log = f"{left['log'] / 1024:.1f}" if left["log"] else "–"
    print(
        f"{name:11}{count:7}{count / seen.wall:8.0f}  {waits(seen):14}"
        f"{(last.rss - first.rss) / 2**20:+8.1f} of {last.rss / 2**20:.0f}"
        f"{(last.pss - first.pss) / 2**20:+8.1f} of {last.pss / 2**20:.0f}"
        f"{last.handles - first.handles:+7} of {last.handles}"
        f"{1000 * cpu[0] / count:8.2f}{1000 * cpu[1] / count:11.2f}"
        f"{left['stored'] / 1024:9.1f}{log:>6}{left['written'] / 1024:9.1f}",
        flush=True,
    )


def print_long_head() -> None:
    print("\nvery many journeys on one server, memory and handles of its workers")
    print(
        f"{'':11}{'number':>7}{'a sec.':>8}  p50/p95/p99 ms  RSS MiB (< +50)  PSS MiB      handles"
        "   CPU ms  PostgreSQL   KiB a response: stored, log, written"
    )
