"""hailong db: the state of the database, and copies of it."""

from __future__ import annotations

from pathlib import Path

import click

from survey_app.cli.opened import settings
from survey_app.cli.output import Said, json_option


@click.group(no_args_is_help=True)
def db() -> None:
    """Move the database to another state of its tables.

    Example: hailong db upgrade
    """


@db.command()
@json_option
def upgrade() -> Said:
    """Bring the tables to the newest state; answers stay as they are.

    Example: hailong db upgrade
    """
    from survey_app.services.installation import upgrade_database

    return _state(*upgrade_database(settings()))


@db.command()
@click.argument("to")
@click.option("--yes", is_flag=True, help="Do it although answers may be lost.")
@json_option
def downgrade(to: str, yes: bool) -> Said:
    """Take the tables back to the state TO (`base` removes them with all answers).

    Example: hailong db downgrade 0001 --yes
    """
    from survey_app.services.installation import downgrade_database

    return _state(*downgrade_database(settings(), to, confirmed=yes))


@db.command()
@json_option
def current() -> Said:
    """Show the state of the tables and the newest state this program knows.

    Example: hailong db current --json
    """
    from survey_app.services.installation import state_of_database

    return _state(*state_of_database(settings()))


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def backup(file: Path) -> Said:
    """Copy the database into FILE while it is in use, and its SHA-256 into FILE.sha256.

    Example: hailong db backup /backup/hailong-monday.db
    """
    from survey_app.services.backups import back_up

    copied = back_up(settings(), file)
    return Said(copied, f"{copied.sha256}  {copied.file}")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
def restore(file: Path) -> Said:
    """Bring the copy FILE back into a database that holds no round.

    Example: hailong db restore /backup/hailong-monday.db
    """
    from survey_app.services.backups import restore as bring_back

    copied = bring_back(settings(), file)
    return Said(copied, f"{copied.sha256}  {copied.file} ({copied.state})")


@db.command()
@click.option("--app", required=True, help="Role of the server of pages.")
@click.option("--mixer", required=True, help="Role of the commands: mix, close, freeze, accounts.")
@json_option
def grant(app: str, mixer: str) -> Said:
    """Give two roles of PostgreSQL their rights; none may change or remove a response or the log.

    Run it as the owner of the tables, and again after each upgrade or restore.

    Example: hailong db grant --app hailong_app --mixer hailong_mixer
    """
    from survey_app.services.rights import grant_rights

    grant_rights(settings(), app=app, mixer=mixer)
    return Said({"app": app, "mixer": mixer}, f"{app}, {mixer}")


def _state(found: str | None, newest: str) -> Said:
    return Said({"current": found, "newest": newest}, f"{found or '-'} ({newest})")
