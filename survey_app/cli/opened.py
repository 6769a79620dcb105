"""The installation a command works on, opened when the command needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from survey_app.config import Settings
    from survey_app.services.installation import Installation


def settings() -> Settings:
    """Return the settings of this call's data folder."""
    from survey_app.config import read_settings

    return read_settings(click.get_current_context().find_root().obj.data)


def opened(*, pages_only: bool = False) -> Installation:
    """Return this call's installation: migrated, with all its keys.

    Whoever only serves pages also takes newer tables that allow it.
    """
    from survey_app.services.installation import open_installation

    installation = open_installation(settings(), pages_only=pages_only)
    click.get_current_context().find_root().call_on_close(installation.engine.dispose)
    return installation
