"""The floor of the load: a bare Flask application under the same server that checks nothing.

It sends a document of the same length and, for a form, inserts one row with one commit. What
the questionnaire costs beyond it is what checking, sealing and counting once cost.
"""

import os
import sys

from flask import Flask, request
from sqlalchemy import create_engine, text

from survey_app.config import Settings
from survey_app.db import open_database, writing
from survey_app.web.server import Server

ROW = text("INSERT INTO floor (id, body) VALUES (:id, :body)")


def make_floor(engine, size: int) -> Flask:
    app, page = Flask(__name__), b"x" * size

    @app.get("/<path:_any>")
    def document(_any: str) -> bytes:
        return page

    @app.post("/<path:_any>")
    def form(_any: str) -> tuple[str, int]:
        with writing(engine) as connection:
            connection.execute(ROW, {"id": os.urandom(16), "body": request.get_data()})
        return "{}", 201

    return app


class Floor(Server):
    """The production server around the floor."""

    def __init__(self, settings: Settings, port: int, workers: int, size: int) -> None:
        self.size = size
        super().__init__(settings, "127.0.0.1", port, workers)

    def load(self) -> Flask:
        return make_floor(plainly_opened(self.settings.database_url), self.size)


def plainly_opened(url: str):
    """Open a database as SQLAlchemy does; on SQLite with the settings that keep a commit."""
    if url.startswith("sqlite"):
        return open_database(url)
    return create_engine(url, pool_size=8, pool_use_lifo=True)


def make_table(url: str) -> None:
    engine = open_database(url)
    kind, rest = (
        ("BYTEA", "") if engine.dialect.name == "postgresql" else ("BLOB", " WITHOUT ROWID")
    )
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE IF EXISTS floor"))
        connection.execute(text(f"CREATE TABLE floor (id {kind} PRIMARY KEY, body {kind}){rest}"))
    engine.dispose()


if __name__ == "__main__":
    from pathlib import Path

    from bench.installed import settings_of

    folder, url, port, workers, size = sys.argv[1:]
    Floor(settings_of(Path(folder), url or None), int(port), int(workers), int(size)).run()
