"""PostgreSQL with several application hosts, each in a network namespace of its own.

The whole part runs in a network and a process namespace of its own (``unshare``): a bridge with
PostgreSQL and the phones on it, and for each host a namespace with one end of a veth pair on that
bridge. Nothing there can reach another network, and when the first process of it ends, however it
ends, the kernel removes processes, bridge and hosts.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from bench.clients import Journey, walk
from bench.loads.journeys import HANDS, WARM, Respondents, faultless
from bench.loads.servers import Postgres, await_port, postgres
from bench.loads.sizes import Size
from bench.loads.workers import head, row
from bench.processes import machine_busy, spent, tree

NUMBERS = (1, 2, 3)
PORT = 8000
NETWORK, HUB = "10.77.0.0/24", "10.77.0.1"
APART = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
# Waits until its network is there, then becomes the server.
HOST = """
read _ && ip link set lo up && ip addr add "$0/24" dev eth0 && ip link set eth0 up && exec "$@"
"""


def measure(size: Size) -> dict[str, dict[str, float]]:
    """Run this part apart from the machine's network; nothing where that is not allowed."""
    missing = [one for one in ("unshare", "ip") if shutil.which(one) is None]
    allowed = not missing and subprocess.run([*APART, "true"], capture_output=True, check=False)
    if not allowed or allowed.returncode:
        print(f"left out: network namespaces are not to be had ({', '.join(missing) or 'rights'})")
        return {}
    with tempfile.NamedTemporaryFile("r", suffix=".json") as told:
        command = [*APART, sys.executable, "-m", "bench.loads.hosts", told.name]
        subprocess.run([*command, json.dumps(asdict(size))], check=True, timeout=300)
        return {"PostgreSQL": json.load(told)}


def _inside(size: Size) -> dict[str, float]:
    for words in (
        "link set lo up",
        "link add hub type bridge",
        f"addr add {HUB}/24 dev hub",
        "link set hub up",
    ):
        _ip(words)
    print(f"{size.steps} journeys each, one worker a host, {HANDS} phones that take hosts in turn")
    print(head("  hosts"), flush=True)
    found: dict[str, float] = {}
    with postgres() as server, tempfile.TemporaryDirectory() as at:
        server.listen(HUB, NETWORK)
        folder, url = Path(at) / "1", server.fresh(HUB)
        folder.mkdir()
        people = Respondents(folder, len(NUMBERS) * (size.steps + WARM), url)
        for number in NUMBERS:
            with ExitStack() as running:
                pids = [running.enter_context(host(one, folder, url)) for one in range(number)]
                hosts = [_address(one) for one in range(number)]
                for one in hosts:
                    await_port(PORT, one)
                walk(PORT, people.take(WARM), HANDS, hosts=hosts)
                found |= _step(server, pids, hosts, people.take(size.steps))
    return found


def _step(
    server: Postgres, pids: list[int], hosts: list[str], journeys: list[Journey]
) -> dict[str, float]:
    parts = [one for pid in pids for one in tree(pid)], server.pids()
    before, busy = [spent(one) for one in parts], machine_busy()
    seen = faultless(walk(PORT, journeys, HANDS, hosts=hosts))
    busy = machine_busy() - busy
    mine, beside = (spent(one) - old for one, old in zip(parts, before, strict=True))
    count, number = len(journeys), len(hosts)
    line = row(count, seen.wall, (mine, beside), seen.cpu, busy)
    print(f"{number:9}   {line}{1000 * seen.percentile(0.99):9.0f}", flush=True)
    return {
        f"rate_{number}": count / seen.wall,
        f"cpu_ms_{number}": 1000 * mine.total / count,
        f"database_ms_{number}": 1000 * beside.total / count,
    }


def _address(number: int) -> str:
    return f"10.77.0.{11 + number}"


@contextmanager
def host(number: int, folder: Path, url: str) -> Iterator[int]:
    """Run one application host with a copy of the keys; yield its process id."""
    own = folder.parent / f"host-{number}"
    shutil.copytree(folder, own, dirs_exist_ok=True)
    address = _address(number)
    serve = [sys.executable, "-m", "survey_app.cli", "serve", "--host", address]
    serve += ["--port", str(PORT), "--workers", "1"]
    process = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", HOST, address, *serve],
        env=os.environ | {"HAILONG_DATA": str(own), "DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    name = f"host{number}"
    try:
        _await_namespace(process.pid)
        _ip(f"link add {name} type veth peer name eth0 netns {process.pid}")
        _ip(f"link set {name} master hub up")
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.close()
        yield process.pid
    finally:
        process.terminate()
        process.wait(40)
        # It goes with the namespace, but the kernel takes its time for that.
        subprocess.run(["ip", "link", "delete", name], capture_output=True, check=False)


def _await_namespace(pid: int) -> None:
    """Wait until a process has left our network: a link given to it before would stay here."""
    ours = Path("/proc/self/ns/net").readlink()
    while Path(f"/proc/{pid}/ns/net").readlink() == ours:
        os.sched_yield()


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


if __name__ == "__main__":
    told, asked = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    figures = _inside(Size(**json.loads(asked)))
    Path(told).write_text(json.dumps(figures), encoding="utf-8")
