"""Runs the parts that are asked for and prints them as one table."""

from __future__ import annotations

import argparse
import platform
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from bench.analysis import big, generator, jobs, peers, table
from bench.analysis.clock import Timing, in_turn

PARTS = ("means", "domains", "raking", "replicates", "models", "big", "growth", "spark")
GIGABYTE = 1024.0


def main(arguments: Sequence[str] = ()) -> None:
    """Print the table; see ``python -m bench analysis --help``."""
    parser = argparse.ArgumentParser(prog="python -m bench analysis")
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; all if none")
    parser.add_argument("--rows", default="10M", help="rows of part 'big', such as 1M or 10M")
    parser.add_argument("--no-peers", action="store_true", help="leave other programs out")
    asked = parser.parse_args(list(arguments))
    parts = set(asked.parts or PARTS)
    if unknown := parts - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if not asked.no_peers:
        peers.prepare()
    print(f"Python {platform.python_version()}, {platform.machine()}; CPU time of all threads,")
    print("medians of 5 runs in turn unless stated; peers in their own processes, their defaults")
    table.head()
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        for work in jobs.all_work(parts):
            show(work, folder, with_peers=not asked.no_peers)
        if "big" in parts:
            ten_million(number(asked.rows), folder)
        if "growth" in parts:
            growth(folder)
    if "spark" in parts:
        spark()


def number(text: str) -> int:
    """Read ``10M``, ``100k`` or a plain number."""
    units = {"k": 1_000, "M": 1_000_000}
    return int(text[:-1]) * units[text[-1]] if text[-1] in units else int(text)


def show(work: jobs.Work, folder: Path, *, with_peers: bool) -> None:
    """Measure one row with its plain formulation and its peers."""
    try:
        timings = in_turn({"ours": work.ours, "plain": work.plain})
    except Exception as fault:  # one row that fails must not hide the others
        print(f"{work.title:60}{work.rows:>11,}  FAILED: {type(fault).__name__}: {fault}")
        return
    table.row(work, timings["ours"], timings["plain"])
    if not with_peers or "one block" in work.title:
        return
    data = folder / f"survey{work.rows}"
    targets = written(work.rows, data) if work.peers else {}
    for name, limit in work.peers.items():
        found = peers.run(name, work.peer_job, data, targets)
        table.peer(name, timings["ours"], found, limit)


def written(rows: int, data: Path) -> dict[str, list[float]]:
    """Write the survey for the peers, once; return the margins for raking."""
    survey = generator.make(rows)
    if not data.with_suffix(".parquet").exists():
        survey.frame("columns").to_parquet(data.with_suffix(".parquet"))
        generator.write_columns(survey, data.with_suffix(".columns"))
    return {name: total.tolist() for name, total in jobs.targets_of(survey).items()}


def ten_million(rows: int, folder: Path) -> None:
    """All four tables in one call, from Parquet by DuckDB and in memory, with peak memory."""
    path = folder / f"rows{rows}.parquet"
    generator.write_parquet(rows, path)
    for way, plain_way, limit in (
        ("duckdb", "plain-duckdb", 2.0),
        ("memory", "plain-memory", 1.5),
    ):
        found, plain = big.measure(way, path), big.measure(plain_way, path)
        title = "overall, 12, 300 and 3,000 domains in one call, " + (
            "DuckDB" if way == "duckdb" else "memory"
        )
        work = jobs.Work(title, rows, lambda: None, lambda: None, limit)
        if found.why_not or plain.why_not:
            print(f"{title:60}{rows:>11,}  FAILED: {found.why_not or plain.why_not}")
            continue
        table.row(work, found, plain)
        print(f"{'':91}{peaks(found, plain, way)}")


def peaks(found: Timing, plain: Timing, way: str) -> str:
    """State the peak memory of both, and the limit of 4 GB where the file is not read whole."""
    have, other = (found.peak or 0) / GIGABYTE, (plain.peak or 0) / GIGABYTE
    kept = f" (≤ 4: {'yes' if have <= 4 else 'NO'})" if way == "duckdb" else ""
    runs = f"; {found.runs} and {plain.runs} runs"
    return f"peak {have:.1f} GB{kept}, plain {other:.1f} GB{runs}"


def growth(folder: Path) -> None:
    """Cost for 100k, 1M and 10M rows, in memory: linear where the last column stays."""
    for rows in (100_000, 1_000_000, 10_000_000):
        path = folder / f"rows{rows}.parquet"
        if not path.exists():
            generator.write_parquet(rows, path)
        found = big.measure("memory", path)
        title = "growth: all four tables in memory"
        if found.why_not:
            print(f"{title:60}{rows:>11,}  FAILED: {found.why_not}")
            continue
        each = found.cpu / rows * 1e6
        print(
            f"{title:60}{rows:>11,}{found.cpu:>9.3f}{found.wall:>9.3f}  "
            f"{each:.3f} s per million rows, peak {(found.peak or 0) / GIGABYTE:.1f} GB"
        )


def spark() -> None:
    """Say where the Spark figures come from; they need PySpark and Java."""
    if find_spec("pyspark") is None:
        print("Spark: PySpark is not installed here; `make spark` makes its environment")
    else:
        print("Spark: see `make spark`, which compares its tables and prints its times")
