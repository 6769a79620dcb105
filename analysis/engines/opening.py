"""How a source becomes a table that an expression can be stated on, and is then asked.

Every engine is asked in SQL that Ibis writes in its dialect; answers come back as Arrow.
Engines are imported when they are opened, since they cost up to a second.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa

from analysis.engines.places import Engine, kind_of, paths_of, unreadable
from intake.findings import EstimationError

# DuckDB puts aside on disk what does not fit; a survey's sums hardly ever reach this.
DUCKDB_MEMORY = "2GB"
# What pandas takes for a missing value in a CSV file is one on every engine.
MISSING_WORDS = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
SPARK_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
_NUMBERS = count()
_BATCH = 500_000
LOOPBACK_SETTINGS = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


@dataclass(frozen=True, eq=False)
class Opened:
    """An Ibis table, and the way to have an expression over it carried out."""

    table: Any
    run: Callable[[Any], pa.Table]
    stream: Callable[[Any], Iterator[pa.RecordBatch]] | None = None

    def batches(self, expression: Any) -> Iterator[pa.RecordBatch]:  # noqa: ANN401
        """Yield the rows of an expression in blocks, without holding them all where possible."""
        if self.stream is None:
            yield from self.run(expression).to_batches()
        else:
            yield from self.stream(expression)


@contextmanager
def opened(
    source: Any,  # noqa: ANN401 - as for cell_table
    engine: Engine,
    *,
    table: str | None = None,
    in_order: bool = False,
) -> Iterator[Opened]:
    """Open a source on an engine, and close what was opened for it.

    ``in_order`` has DuckDB keep the order of rows, which sums do not need.
    """
    kind = kind_of(source)
    if engine.name == "home":
        yield from _at_home(source, kind)
    elif engine.name in {"duckdb", "memory"}:
        order = (("preserve_insertion_order", "true"),) if in_order else ()
        asked = engine._replace(options=order + engine.options)
        yield from _by_duckdb(source, kind, asked, table)
    elif engine.name == "postgres":
        yield from _by_postgres(source, engine)
    elif engine.name == "spark":
        yield from _by_spark(source, kind, engine)
    else:
        yield _by_trino(source, engine)


def _by_duckdb(source: Any, kind: str, engine: Engine, table: str | None) -> Iterator[Opened]:  # noqa: ANN401
    duckdb = _module("duckdb", "duckdb")
    settings: dict[str, Any] = {"memory_limit": DUCKDB_MEMORY, "preserve_insertion_order": False}
    try:
        with duckdb.connect(
            engine.address or ":memory:",
            read_only=bool(engine.address),
            config=settings | dict(engine.options),
        ) as connection:
            name = "rows_of_survey"
            if kind == "name":
                name = paths_of(source)[0]
            elif kind in {"frame", "arrow", "sqlite"}:
                connection.register(name, _arrow(source, kind, table))
            else:
                connection.execute(f"CREATE TEMP VIEW {name} AS {_scan(source, kind)}")
            yield _on_duckdb(connection, name)
    except duckdb.Error as fault:
        raise unreadable(paths_of(source)[0] if paths_of(source) else kind, fault) from fault


def _on_duckdb(connection: Any, name: str) -> Opened:  # noqa: ANN401
    import ibis

    # Ibis writes the SQL; DuckDB is asked directly, in the way that its newest version wants.
    quoted = '"' + name.replace('"', '""') + '"'
    none = connection.sql(f"SELECT * FROM {quoted} LIMIT 0").to_arrow_reader()  # noqa: S608
    table = ibis.table(ibis.Schema.from_pyarrow(none.schema), name=name)

    def run(expression: Any) -> pa.Table:  # noqa: ANN401
        query = str(ibis.to_sql(expression, dialect="duckdb"))
        return connection.sql(query).to_arrow_reader().read_all()

    def stream(expression: Any) -> Iterator[pa.RecordBatch]:  # noqa: ANN401
        query = str(ibis.to_sql(expression, dialect="duckdb"))
        yield from connection.sql(query).to_arrow_reader(_BATCH)

    return Opened(table, run, stream)


def _scan(source: Any, kind: str) -> str:  # noqa: ANN401
    paths = ", ".join(_quoted(path) for path in paths_of(source))
    if kind == "parquet":
        return f"SELECT * FROM read_parquet([{paths}])"  # noqa: S608 - quoted
    words = ", ".join(_quoted(word) for word in MISSING_WORDS)
    return f"SELECT * FROM read_csv([{paths}], nullstr=[{words}], sample_size=-1)"  # noqa: S608


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _arrow(source: Any, kind: str, table: str | None) -> pa.Table:  # noqa: ANN401
    if kind == "sqlite":
        return read_sqlite(paths_of(source), table)
    if kind == "frame":
        return pa.Table.from_pandas(source, preserve_index=False)
    return source


def read_sqlite(paths: Sequence[str], table: str | None) -> pa.Table:
    """Return a table of SQLite files; without a name, the only one of each file."""
    import sqlite3
    from contextlib import closing

    parts = []
    for path in paths:
        if not Path(path).is_file():
            raise unreadable(path, FileNotFoundError(path))
        try:
            with closing(sqlite3.connect(f"file:{Path(path).resolve()}?mode=ro", uri=True)) as file:
                name = table or _only_table(file, path)
                found = file.execute('SELECT * FROM "' + name.replace('"', '""') + '"')  # noqa: S608
                names = [column[0] for column in found.description]
                while block := found.fetchmany(100_000):
                    columns = list(zip(*block, strict=True))
                    parts.append(pa.table([pa.array(column) for column in columns], names=names))
        except (sqlite3.Error, pa.ArrowException) as fault:
            raise unreadable(path, fault) from fault
    return pa.concat_tables(parts, promote_options="permissive")


def _only_table(file: Any, path: str) -> str:  # noqa: ANN401
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    names = [str(row[0]) for row in file.execute(listed)]
    if len(names) == 1:
        return names[0]
    raise EstimationError.of(
        "table-unnamed",
        f"{Path(path).name} có {len(names)} bảng: {', '.join(names)}.",
        f"{Path(path).name} has {len(names)} tables: {', '.join(names)}.",
        "Hãy ghi table=.",
        "Say which with table=.",
        file=Path(path).name,
    )


def _by_postgres(source: Any, engine: Engine) -> Iterator[Opened]:  # noqa: ANN401
    psycopg = _module("psycopg", "postgres")
    ibis = _module("ibis", "postgres")
    with psycopg.connect(engine.address) as connection:
        backend = ibis.postgres.from_connection(connection)
        yield _on_postgres(backend.table(paths_of(source)[0]), connection)


def _on_postgres(table: Any, connection: Any) -> Opened:  # noqa: ANN401
    import ibis

    def run(expression: Any) -> pa.Table:  # noqa: ANN401
        query = str(ibis.to_sql(expression, dialect="postgres"))
        schema = expression.schema().to_pyarrow()
        with connection.cursor(binary=True) as cursor:
            columns = list(zip(*cursor.execute(query).fetchall(), strict=True))
        columns = columns or [() for _ in schema.names]
        arrays = [pa.array(column) for column in columns]
        return pa.table(
            [
                array if pa.types.is_decimal(array.type) else array.cast(field.type)
                for array, field in zip(arrays, schema, strict=True)
            ],
            names=schema.names,
        )

    return Opened(table, run)


def _by_spark(source: Any, kind: str, engine: Engine) -> Iterator[Opened]:  # noqa: ANN401
    session = spark_session(engine)
    if kind == "name":
        yield from _on_spark(session.table(paths_of(source)[0]))
    elif kind == "parquet":
        yield from _on_spark(session.read.parquet(*paths_of(source)))
    else:
        yield from _on_spark(session.read.csv(paths_of(source), header=True, inferSchema=True))


def spark_session(engine: Engine) -> Any:  # noqa: ANN401 - pyspark.sql.SparkSession
    """Return a Spark session on the master that an engine names; Spark keeps one at a time."""
    import os
    import tempfile

    module = _module("pyspark.sql", "spark")
    settings = dict(SPARK_SETTINGS)
    if engine.address.startswith(("local", "spark://127.", "spark://localhost")):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        # Spark would leave a folder of its own wherever the program was started.
        settings |= {"spark.sql.warehouse.dir": f"{tempfile.gettempdir()}/hailong-spark"}
        settings |= LOOPBACK_SETTINGS
    active = module.SparkSession.getActiveSession()
    if active is not None and active.sparkContext.master != engine.address:
        raise _in_use(active.sparkContext.master, engine.address)
    builder = module.SparkSession.builder.appName("hailong").master(engine.address)
    for name, value in (settings | dict(engine.options)).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _in_use(active: str, wanted: str) -> EstimationError:
    return EstimationError.of(
        "engine-in-use",
        f"Chương trình này đang dùng Spark ở {active}, không phải {wanted}.",
        f"This process uses Spark at {active}, not at {wanted}.",
        "Mỗi chương trình chỉ có một phiên Spark; gọi session.stop() trước.",
        "A process has one Spark session; call session.stop() first.",
    )


def _on_spark(frame: Any) -> Iterator[Opened]:  # noqa: ANN401
    ibis = _module("ibis", "spark")
    # The dialect has settings that Ibis makes when its backend is first named.
    _ = ibis.pyspark
    session = frame.sparkSession
    # A view that another source took over would answer from its rows.
    name = f"rows_of_survey_{next(_NUMBERS)}"
    frame.createTempView(name)
    table = ibis.table(_spark_schema(frame), name=name)

    def run(expression: Any) -> pa.Table:  # noqa: ANN401
        query = str(ibis.to_sql(expression, dialect="pyspark"))
        return session.sql(query).toArrow()

    try:
        yield Opened(table, run)
    finally:
        session.catalog.dropTempView(name)


def _spark_schema(frame: Any) -> Any:  # noqa: ANN401
    import ibis
    from pyspark.sql.pandas.types import to_arrow_schema

    return ibis.Schema.from_pyarrow(to_arrow_schema(frame.schema))


def _by_trino(source: Any, engine: Engine) -> Opened:  # noqa: ANN401
    ibis = _module("ibis", "trino")
    backend = ibis.connect(engine.address)
    return Opened(backend.table(paths_of(source)[0]), backend.to_pyarrow)


def _at_home(source: Any, kind: str) -> Iterator[Opened]:  # noqa: ANN401
    if kind == "spark":
        yield from _on_spark(source)
        return
    import ibis

    backends, _ = source._find_backends()
    # A table of values (memtable) belongs to nobody yet.
    backend = backends[0] if backends else ibis.duckdb.connect()
    if backend.name == "postgres":
        yield _on_postgres(source, backend.con)
        return

    def run(expression: Any) -> pa.Table:  # noqa: ANN401
        with warnings.catch_warnings():
            # Ibis 12 asks DuckDB and pandas in ways that their newest versions call old.
            warnings.simplefilter("ignore")
            return backend.to_pyarrow(expression)

    yield Opened(source, run)


def _module(name: str, extra: str) -> Any:  # noqa: ANN401
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as fault:
        raise EstimationError.of(
            "engine-not-installed",
            f"Chưa cài thư viện {fault.name or name}.",
            f"The library {fault.name or name} is not installed.",
            f"Cài phần mở rộng: pip install 'hailong[{extra}]'.",
            f"Install the extra: pip install 'hailong[{extra}]'.",
        ) from fault
