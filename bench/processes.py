"""What the system accounts to processes: CPU time, memory, open handles, bytes written.

Parts of one measurement (server, database, proxy) are trees of processes, each counted with the
children that have ended.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_IDLE = (3, 4)  # of the fields of /proc/stat: idle, and waiting for a disk
_GUESTS = 8  # from this field on time is counted twice


@dataclass(frozen=True)
class Spent:
    """Seconds of CPU in programs and in the kernel on their behalf."""

    user: float = 0.0
    kernel: float = 0.0

    @property
    def total(self) -> float:
        return self.user + self.kernel

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.user - other.user, self.kernel - other.kernel)


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for parent in found:
        for task in _listed(parent, "task"):
            children = _text(f"/proc/{parent}/task/{task}/children")
            found += [int(one) for one in children.split()]
    return found


def children(pid: int) -> list[int]:
    """Children of a process: the workers of a server."""
    return [int(one) for one in _text(f"/proc/{pid}/task/{pid}/children").split()]


def spent(pids: Iterable[int]) -> Spent:
    """CPU time of processes, and of their children that have ended."""
    user = kernel = 0
    for pid in pids:
        fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
        if fields:
            user += int(fields[11]) + int(fields[13])
            kernel += int(fields[12]) + int(fields[14])
    return Spent(user / _TICKS, kernel / _TICKS)


def machine_busy() -> float:
    """Seconds that all cores were not idle since the start, interrupts among them."""
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    kept = [int(one) for at, one in enumerate(first[:_GUESTS]) if at not in _IDLE]
    return sum(kept) / _TICKS


@dataclass(frozen=True)
class Held:
    """Bytes of memory (each process in full; shared pages divided), and open handles."""

    rss: int
    pss: int
    handles: int


def held(pids: Iterable[int]) -> Held:
    """What processes hold now."""
    rss = pss = handles = 0
    for pid in pids:
        for line in _text(f"/proc/{pid}/smaps_rollup").splitlines():
            name, _, rest = line.partition(":")
            if name == "Rss":
                rss += 1024 * int(rest.split()[0])
            elif name == "Pss":
                pss += 1024 * int(rest.split()[0])
        handles += len(_listed(pid, "fd"))
    return Held(rss, pss, handles)


def high_water() -> int:
    """Most bytes of memory that this process has held since it became this program.

    What ``getrusage`` says begins with what its parent held.
    """
    (line,) = (one for one in _text("/proc/self/status").splitlines() if one.startswith("VmHWM:"))
    return 1024 * int(line.split()[1])


def written(pids: Iterable[int]) -> int:
    """Bytes that processes had written to disk."""
    total = 0
    for pid in pids:
        for line in _text(f"/proc/{pid}/io").splitlines():
            if line.startswith("write_bytes:"):
                total += int(line.split()[1])
    return total


def _text(path: str) -> str:
    """What a file of a process says; nothing where the process has just ended."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _listed(pid: int, folder: str) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/{folder}")  # noqa: PTH208 - names alone
    except (FileNotFoundError, ProcessLookupError):
        return []
