"""Hailong's web application: questionnaires behind QR codes, and the published results."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from flask import Flask

    from survey_app.services.attempts import Limits


def create_app(
    data: Path | None = None,
    *,
    today: Callable[[], date] | None = None,
    limits: Limits | None = None,
) -> Flask:
    """Return the application of one installation.

    Parameters
    ----------
    data
        Its data folder; ``HAILONG_DATA`` or ``var/hailong`` where not given.
    today
        Where the day comes from, which opens and expires codes; the calendar of this machine
        where not given.
    limits
        What the workers of a server count together, such as wrong codes; counts of its own
        where not given.

    Raises
    ------
    InstallationError
        The database is not migrated or has settings that may lose answers, or a key file of
        a round is missing: nothing is served until it is mended.
    """
    from survey_app.config import read_settings
    from survey_app.services.installation import local_day, open_installation
    from survey_app.web import make_app

    installation = open_installation(read_settings(data), today or local_day, pages_only=True)
    return make_app(installation, limits)
