"""Our command as its next version: the same program with one migration more.

``NEXT`` names the folder of that migration. The program of this tree then is the version before,
and its real code meets real newer tables.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from survey_app import migrations
from survey_app.cli import main
from survey_app.db import writing

PROGRAM = (__file__,)
_own = migrations._config


def config_of(name: str) -> Config:
    """The migrations of this program, and those of a folder beside this file."""
    config = _own()
    folders = (Path(migrations.__file__).parent / "versions", Path(__file__).parent / "next" / name)
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(map(str, folders)))
    return config


def upgrade_to_next(engine: Engine, name: str) -> None:
    """Bring the tables to those of the next version."""
    config = config_of(name)
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


if __name__ == "__main__":
    migrations._config = lambda: config_of(os.environ["NEXT"])
    sys.exit(main())
