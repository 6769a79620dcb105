"""The production server around the application: gunicorn with threads, no access log.

An access log would hold paths with codes and the addresses of respondents, so none is
written; what goes wrong is logged without them.
"""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication

from survey_app.config import Settings
from survey_app.services.attempts import Limits
from survey_app.services.installation import open_installation
from survey_app.web.logs import ServerLog, write_json


class Server(BaseApplication):  # type: ignore[misc]
    """Serves one installation on one address until it is stopped."""

    def __init__(self, settings: Settings, host: str, port: int, workers: int) -> None:
        self.settings = settings
        # Made before the workers fork, so that they count together.
        self.limits = Limits()
        self.options: dict[str, Any] = {
            "bind": f"{host}:{port}",
            "workers": workers,
            "threads": 128,  # made when needed: most of them wait for slow phones
            "worker_class": "gthread",
            "accesslog": None,
            "logger_class": ServerLog,
            "loglevel": "info",
            "timeout": 30,
            "preload_app": False,
            "proc_name": "hailong",
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self.options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - a WSGI application
        """Make the application inside a worker."""
        from survey_app import create_app
        from survey_app.web import MAX_BODY
        from survey_app.web.turns import Turns

        app = create_app(self.settings.data, limits=self.limits)
        beside = not self.settings.database_url.startswith("sqlite")
        return Turns(app, MAX_BODY, at_once=3 if beside else 1)


def serve(settings: Settings, host: str, port: int, *, workers: int = 2) -> None:
    """Serve until stopped; an installation that cannot be served is refused first."""
    open_installation(settings, pages_only=True).engine.dispose()
    write_json()
    Server(settings, host, port, workers).run()
