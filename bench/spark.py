"""A Spark cluster of one master and two workers on this machine, and what sums cost there.

Needs the extra ``spark`` and Java 17; `make spark` has both and runs the tests over it.
``python -m bench.spark 1000000`` prints seconds for DuckDB, Spark in this process, and Spark
on the cluster.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTED = re.compile(r"Starting Spark master at (spark://\S+)")
REGISTERED = "Registering worker"
SMALL = "spark.executor.memory=512m&spark.sql.shuffle.partitions=4"


@contextmanager
def standalone(workers: int = 2, seconds: float = 60.0) -> Iterator[str]:
    """Run a stand-alone master with workers on the loopback address; yield its address."""
    import pyspark

    home = Path(pyspark.__file__).parent
    command = str(home / "bin" / "spark-class")
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "PYSPARK_PYTHON": sys.executable,
    }
    place = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "master.log"
        running: list[subprocess.Popen[bytes]] = []

        def start(arguments: list[str], output: Path) -> None:
            with output.open("wb") as stream:
                running.append(
                    subprocess.Popen(
                        [command, *arguments],
                        stdout=stream,
                        stderr=subprocess.STDOUT,
                        env=environment,
                        cwd=folder,
                    )
                )

        def wait_for(found: object, what: str) -> None:
            if found:
                return
            if time.monotonic() > deadline or any(one.poll() is not None for one in running):
                raise RuntimeError(f"{what} did not start:\n{log.read_text()}")
            time.sleep(0.2)

        try:
            start(["org.apache.spark.deploy.master.Master", *place], log)
            deadline = time.monotonic() + seconds
            while not (said := STARTED.search(log.read_text())):
                wait_for(said, "the master")
            address = said.group(1)
            for number in range(workers):
                work = ["-c", "1", "-m", "1g", "-d", f"{folder}/work-{number}", address]
                start(
                    ["org.apache.spark.deploy.worker.Worker", *place, *work],
                    Path(folder) / f"worker-{number}.log",
                )
            while (ready := log.read_text().count(REGISTERED)) < workers:
                wait_for(ready >= workers, "a worker")
            yield address
        finally:
            for one in reversed(running):
                one.terminate()
            for one in running:
                one.wait(30)


def main() -> None:
    """Print what one call costs on each engine."""
    from pyspark.sql import SparkSession

    from analysis.engines import cell_tables
    from bench.analysis.generator import NAMES, write_parquet

    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder, standalone() as address:
        path = Path(folder) / "rows.parquet"
        write_parquet(rows, path)
        for name, engine in (
            ("DuckDB", "duckdb"),
            ("Spark, local[2]", f"spark://local[2]?{SMALL}"),
            ("Spark, master and two workers", f"{address}?{SMALL}"),
        ):
            for attempt in ("first call", "second call"):
                start = time.perf_counter()
                tables = cell_tables(
                    path,
                    items=NAMES,
                    by=[[], ["d12"]],
                    weights="w",
                    strata=["stratum"],
                    psu=["psu"],
                    squares=False,
                    engine=engine,
                )
                cells = sum(len(one) for one in tables)
                seconds = time.perf_counter() - start
                print(f"{name}, {attempt}: {rows:,} rows, {cells:,} cells, {seconds:.1f} s")
            session = SparkSession.getActiveSession()
            if session is not None:
                session.stop()


if __name__ == "__main__":
    main()
