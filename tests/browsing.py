"""A real server and a real browser for journeys: what is served, and how a page is waited for."""

from __future__ import annotations

import threading
from pathlib import Path

from builders import a_round, an_installation, some_codes
from sqlalchemy import Table, func, select
from werkzeug.serving import make_server

from survey_app.db import reading
from survey_app.web import make_app

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Site:
    """The server of one installation, with what its database holds."""

    def __init__(self, folder: Path) -> None:
        self.installation = an_installation(folder)
        a_round(self.installation)
        self.server = make_server("127.0.0.1", 0, make_app(self.installation), threaded=True)
        self.address = f"http://127.0.0.1:{self.server.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def link(self) -> str:
        self.code = some_codes(self.installation, "demo", {"demo.10507": 1})[0]
        return f"{self.address}/s/{self.code}"

    def count(self, table: Table) -> int:
        with reading(self.installation.engine) as connection:
            return connection.scalar(select(func.count()).select_from(table))

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.installation.engine.dispose()


def until(page, question: str) -> None:
    """Ask the page until it says yes. (The waiting of Playwright needs eval, which we forbid.)"""
    for _ in range(100):
        if page.evaluate(question):
            return
        page.wait_for_timeout(50)
    raise AssertionError(question)
