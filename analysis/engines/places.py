"""Where sums are taken: in this process, by DuckDB, or where the rows already live.

Rows that are in memory are summed in memory. A file is read by DuckDB: up to some 25 million
rows its columns come here, made small; of a longer one only sums do. A table of a database
or a cluster is summed there and only the sums travel. The setting ``HAILONG_ENGINE``, or
``engine=``, overrules all of this.

An engine is ``auto``, ``memory``, ``duckdb``, or an address: ``duckdb://[file]``,
``postgres://user@host/database``, ``spark://host:port`` (a stand-alone master),
``spark://local[2]`` (this machine). Options follow a question mark, as in
``duckdb://?memory_limit=2GB&threads=2`` or ``spark://local[2]?spark.sql.shuffle.partitions=8``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pandas as pd
import pyarrow as pa

from intake.findings import EstimationError

SETTING = "HAILONG_ENGINE"
# Rows made small take 1 to 8 bytes a value (0.5 GB for 10 million rows of 25 answers), and
# summing them here costs less than their groups in an engine, above all where domains cut
# across clusters. Up to this many values they come here; beyond, only sums do.
MEMORY_VALUES = 800_000_000
# What a value takes in a file, about.
BYTES_PER_VALUE = {"csv": 4, "sqlite": 6}

ENDINGS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".gz": "csv",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
}


class Engine(NamedTuple):
    """An engine by name, where it is, and its options."""

    name: str
    address: str = ""
    options: tuple[tuple[str, str], ...] = ()


def kind_of(source: Any) -> str:  # noqa: ANN401 - any source
    """Return what a source is: frame, arrow, ibis, spark, parquet, csv, sqlite or name.

    ``name`` is a table of the engine that a text names which is no known kind of file.
    """
    if isinstance(source, pd.DataFrame):
        return "frame"
    if isinstance(source, pa.Table):
        return "arrow"
    module = type(source).__module__
    if module.startswith("ibis."):
        return "ibis"
    if module.startswith("pyspark."):
        return "spark"
    paths = paths_of(source)
    endings = {ENDINGS.get(Path(path).suffix.lower(), "name") for path in paths}
    if len(endings) == 1:
        return endings.pop()
    raise EstimationError.of(
        "data-kind",
        f"Không nhận dữ liệu kiểu {type(source).__name__}.",
        f"Data of type {type(source).__name__} are not taken.",
        "Dùng bảng pandas, pyarrow, Ibis, Spark, hoặc đường dẫn tới các tệp cùng loại "
        "Parquet, CSV, SQLite.",
        "Give a pandas, pyarrow, Ibis or Spark table, or paths of files of one kind: "
        "Parquet, CSV or SQLite.",
    )


def paths_of(source: Any) -> list[str]:  # noqa: ANN401 - any source
    """Return the paths or the table name that a source consists of; none for tables."""
    if isinstance(source, str | Path):
        return [str(source)]
    if isinstance(source, Sequence) and all(isinstance(one, str | Path) for one in source):
        return [str(one) for one in source]
    return []


def engine_for(
    source: Any,  # noqa: ANN401 - any source
    columns: int,
    engine: str = "auto",
    *,
    setting: str | None = None,
) -> Engine:
    """Return the engine that sums a source.

    Parameters
    ----------
    source
        A table, or the path of a file.
    columns
        How many columns the sums need.
    engine
        ``auto``, ``memory``, ``duckdb`` or an address as above.
    setting
        What ``auto`` means for files and names; the environment's ``HAILONG_ENGINE``
        where it is not given.

    Returns
    -------
    Engine
        ``memory``, ``duckdb``, ``postgres``, ``spark``, or ``home`` for a table that
        belongs to an engine already.

    Raises
    ------
    EstimationError
        ``engine-unknown``, ``engine-source``, ``data-kind``, ``data-unreadable``.

    Examples
    --------
    >>> engine_for(pd.DataFrame({"y": [1.0]}), 1).name
    'memory'
    >>> engine_for("round.parquet", 3, "spark://local[2]?spark.cores.max=2")
    Engine(name='spark', address='local[2]', options=(('spark.cores.max', '2'),))
    """
    kind = kind_of(source)
    if kind in {"ibis", "spark"}:
        if engine in {"auto", "home"}:
            return Engine("home")
        raise _not_there(kind, engine)
    if engine == "auto" and kind not in {"frame", "arrow"}:
        engine = os.environ.get(SETTING, "auto") if setting is None else setting
    if engine == "auto":
        engine = _by_size(source, kind, columns)
    chosen = read_engine(engine)
    here = chosen.name in {"memory", "duckdb"}
    file = kind in {"parquet", "csv"}
    takes = {
        "memory": kind != "name",
        "duckdb": kind != "name" or bool(chosen.address),
        "postgres": kind == "name",
        "spark": file or kind == "name",
        "trino": kind == "name",
    }[chosen.name]
    if not takes or (kind == "sqlite" and not here):
        raise _not_there(kind, engine)
    return chosen


def read_engine(engine: str) -> Engine:
    """Return the engine that a word or an address names.

    Examples
    --------
    >>> read_engine("duckdb://?threads=2")
    Engine(name='duckdb', address='', options=(('threads', '2'),))
    """
    name, _, rest = str(engine).partition("://")
    name = {"postgresql": "postgres"}.get(name, name)
    if name in {"postgres", "trino"} and rest:
        return Engine(name, f"{'postgresql' if name == 'postgres' else name}://{rest}")
    address, _, query = rest.partition("?")
    options = tuple(parse_qsl(query))
    if name == "spark" and address:
        master = address if address.startswith("local") else f"spark://{address}"
        return Engine("spark", master, options)
    if name == "duckdb" or (name == "memory" and not rest):
        return Engine(name, address, options)
    raise EstimationError.of(
        "engine-unknown",
        f"Không có máy tính toán “{engine}”.",
        f"There is no engine “{engine}”.",
        "Dùng: auto, memory, duckdb, duckdb://tệp, postgres://…, spark://máy:cổng, "
        "spark://local[2].",
        "Use auto, memory, duckdb, duckdb://file, postgres://…, spark://host:port, "
        "spark://local[2].",
    )


def _by_size(source: Any, kind: str, columns: int) -> str:  # noqa: ANN401 - any source
    if kind in {"frame", "arrow"}:
        return "memory"
    values = None if kind == "name" else values_in(source, columns)
    return "memory" if values is not None and values <= MEMORY_VALUES else "duckdb"


def values_in(source: Any, columns: int | None = None) -> int | None:  # noqa: ANN401 - files
    """Return about how many values files hold in so many columns, or in all; None if unknown."""
    kind, values = kind_of(source), 0
    for path in paths_of(source):
        if any(letter in path for letter in "*?["):
            return None
        try:
            if kind == "parquet":
                import pyarrow.parquet as pq

                about = pq.read_metadata(path)
                values += about.num_rows * (columns or about.num_columns)
            else:
                values += Path(path).stat().st_size // BYTES_PER_VALUE[kind]
        except (OSError, pa.ArrowException) as fault:
            raise unreadable(path, fault) from fault
    return values


def unreadable(path: str, fault: Exception) -> EstimationError:
    """Return the refusal of a file that cannot be read."""
    name = Path(path).name
    return EstimationError.of(
        "data-unreadable",
        f"Không đọc được {name}.",
        f"{name} cannot be read: {fault}.",
        "Cần tệp Parquet, CSV hoặc SQLite còn nguyên vẹn.",
        "Give an intact Parquet, CSV or SQLite file.",
        file=name,
    )


def _not_there(kind: str, engine: str) -> EstimationError:
    return EstimationError.of(
        "engine-source",
        f"“{engine}” không đọc được nguồn dữ liệu loại {kind}.",
        f"“{engine}” does not reach a source of kind {kind}.",
        "Bảng pandas, pyarrow, tệp SQLite: memory hoặc duckdb. Tệp Parquet, CSV: memory, "
        "duckdb, spark. Tên bảng: duckdb://tệp, postgres, spark. Bảng Ibis, Spark: auto.",
        "pandas, pyarrow, SQLite files: memory or duckdb. Parquet, CSV: memory, duckdb, "
        "spark. A table's name: duckdb://file, postgres, spark. Ibis, Spark tables: auto.",
    )
