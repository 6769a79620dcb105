"""Publication day: many read the released results while others still answer.

The site is that of a real release (`hailong release build`), the newest of ``var/demo`` or of a
demonstration that is made now. Readers ask for all its pages, its stylesheet and its script in
turn, at a rate, over kept connections; people answer at a rate beside them.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from pathlib import Path

from bench.clients import HOST, Journey, Seen, look, walk
from bench.loads.journeys import WARM, WORKERS, Respondents, waits
from bench.loads.servers import NGINX, Postgres, nginx, ours
from bench.loads.sizes import Size
from bench.processes import spent, tree
from survey_app.services.network import free_port

READS, ANSWERS = 500, 100
HANDS = 64
CORES = os.cpu_count() or 1
DEPLOYED = Path("deploy/nginx/hailong.conf")
# One address stands for all readers and the certificates are somebody else's.
_ELSEWHERE = ("limit_", "ssl_", "error_log", "access_log", "return 308", "return 444")


@dataclass(frozen=True)
class Day:
    """Readers, people who answer, and the CPU seconds of application and proxy."""

    readers: Seen
    people: Seen
    cpu: tuple[float, float]


@cache
def release() -> Path:
    """Return the folder of a real release."""
    made = sorted(Path("var/demo/releases").glob("*/manifest.json"))
    if not made:
        folder = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, folder)
        print("   making a release: hailong demo (about a minute)", flush=True)
        command = [sys.executable, "-m", "survey_app.cli", "demo", "--data", f"{folder}/demo"]
        subprocess.run([*command, "--responses", "100"], check=True, stdout=subprocess.DEVNULL)
        made = sorted(Path(folder).glob("demo/releases/*/manifest.json"))
    return made[-1].parent


def pages(site: Path) -> list[Journey]:
    """Return one look at each page of the site, and at what pages bring with them."""
    files = [*sorted(site.glob("*.html")), *sorted(site.glob("assets/*.css"))]
    files += sorted(site.glob("assets/*.js"))
    return [look(f"/ket-qua/{one.relative_to(site)}") for one in files]


def measure(size: Size) -> Callable[[str, Postgres | None], dict[str, float]]:
    """Return what measures one database."""
    site = release() / "site"
    count, weight = len(pages(site)), sum(one.stat().st_size for one in site.glob("*.html"))
    print(
        f"{READS} reads a second of {count} files ({weight / 1024:.0f} KiB of pages, unpacked)"
        f" beside {ANSWERS} answers a second, {WORKERS} workers; "
        f"nginx: {'as in deploy/nginx, without TLS' if NGINX else 'not installed'}\n"
        f"{'':11}{'read from':14}{'seconds':>8}   answers: p50/p95/p99 ms (< 1000), faults"
        "   reads: p50/p95/p99 ms, faults   CPU ms a read (part of all cores): application, nginx"
        "   clients"
    )
    return lambda name, server: _one(name, server, size)


def _one(name: str, server: Postgres | None, size: Size) -> dict[str, float]:
    times = {"nobody": max(3, size.reading // 6), "application": size.reading // 3 + 2}
    if NGINX:
        times["nginx"] = size.reading
    with tempfile.TemporaryDirectory() as at:
        folder, url = Path(at), server.fresh() if server else None
        people = Respondents(folder, ANSWERS * sum(times.values()) + WARM, url)
        newest = release()
        shutil.copytree(newest, folder / "releases" / newest.name)
        looks = pages(newest / "site")
        with ours(folder, url, WORKERS) as (pid, port):
            walk(port, people.take(WARM), 8)
            alone = 0.0
            for way, seconds in times.items():
                with proxied(port) if way == "nginx" else _straight(port) as (front, proxy):
                    reads = list(islice(cycle(looks), READS * seconds)) if way != "nobody" else []
                    answers = people.take(ANSWERS * seconds)
                    day = _day(front, (pid, proxy), answers, reads)
                if way == "nobody":
                    alone = day.cpu[0] / len(answers)
                found = _print(name, way, seconds, day, alone)
    return found


@contextmanager
def _straight(port: int) -> Iterator[tuple[int, int | None]]:
    yield port, None


@contextmanager
def proxied(port: int) -> Iterator[tuple[int, int]]:
    """Put nginx before a server, as it is deployed; yield its port and process id."""
    front = free_port()
    with nginx(site_of(DEPLOYED.read_text(encoding="utf-8"), front, port), front) as pid:
        yield front, pid


def site_of(text: str, front: int, behind: int) -> str:
    """Return the deployed configuration for a loopback port, without TLS, limits and logs."""
    kept, _, rest = text.partition("# Who asks for a name")
    last = rest[rest.rindex("\nserver {") :]
    lines = [
        line
        for line in (kept + last).splitlines()
        if not line.strip().startswith(_ELSEWHERE) and "Strict-Transport" not in line
    ]
    text = "\n".join(lines).replace("listen 443 ssl http2", f"listen {HOST}:{front}")
    for port in (8001, 8002):
        text = text.replace(f"{HOST}:{port}", f"{HOST}:{behind}")
    name = "server_name khaosat.example.vn"
    return text.replace(name, f"server_name {HOST}").replace("/var/lib/nginx", "FOLDER")


def _day(
    front: int,
    pids: tuple[int, int | None],
    answers: list[Journey],
    reads: list[Journey],
) -> Day:
    trees = [tree(pid) if pid else [] for pid in pids]
    before = [spent(one) for one in trees]
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    reader = context.Process(target=_read, args=(front, reads, theirs))
    reader.start()
    people = walk(front, answers, HANDS, ANSWERS)
    readers = mine.recv()
    reader.join()
    cpu = [(spent(one) - old).total for one, old in zip(trees, before, strict=True)]
    return Day(readers, people, (cpu[0], cpu[1]))


def _read(port: int, reads: list[Journey], answer: object) -> None:
    answer.send(walk(port, reads, HANDS, READS))  # type: ignore[attr-defined]


def _print(name: str, way: str, seconds: int, day: Day, alone: float) -> dict[str, float]:
    reads = len(day.readers.seconds)
    mine = max(0.0, day.cpu[0] - alone * len(day.people.seconds))
    print(
        f"{name:11}{way:14}{seconds:8}   {waits(day.people):28}{len(day.people.faults):5}"
        f"          {waits(day.readers):20}{len(day.readers.faults):5}      "
        + (f"{_part(mine, reads)}, {_part(day.cpu[1], reads)}" if reads else "–")
        + f"{100 * (day.people.cpu + day.readers.cpu) / day.people.wall:9.0f} % of a core",
        *{one.decode() for one in (day.people.faults + day.readers.faults)[:20]},
        flush=True,
    )
    wall = day.people.wall
    return {
        "read_ms": 1000 * (mine + day.cpu[1]) / max(1, reads),
        "part": (mine + day.cpu[1]) / wall / CORES,
        "p99_ms": 1000 * day.people.percentile(0.99),
    }


def _part(cpu: float, reads: int) -> str:
    return f"{1000 * cpu / reads:.2f} ({100 * cpu * READS / reads / CORES:.0f} %)"
