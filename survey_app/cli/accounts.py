"""hailong accounts: who may take steps that need two people."""

from __future__ import annotations

import sys

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option


@click.group(no_args_is_help=True)
def accounts() -> None:
    """Add, disable and list the accounts of staff.

    Example: hailong accounts list
    """


@accounts.command()
@click.argument("name")
@click.option(
    "--role", required=True, help="operator, coordinator, home-affairs, statistician or auditor."
)
@click.option("--unit", default="", help="Code of the unit that its holder answers for.")
@click.option("--password-stdin", is_flag=True, help="Read it from the input, one line.")
@json_option
def add(name: str, role: str, unit: str, password_stdin: bool) -> Said:
    """Add an account; its holder types the password, of twelve characters at least.

    Example: hailong accounts add lan --role statistician
    """
    from survey_app.services.accounts import add_account

    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt(name, hide_input=True, confirmation_prompt=True, err=True)
    add_account(opened().engine, name, role, unit, password)
    return Said({"name": name, "role": role, "unit": unit}, f"{name} ({role})")


@accounts.command()
@click.argument("name")
@json_option
def disable(name: str) -> Said:
    """Let an account take no more steps; what it did stays in the log.

    Example: hailong accounts disable lan
    """
    from survey_app.services.accounts import disable_account

    disable_account(opened().engine, name)
    return Said({"name": name}, name)


@accounts.command("list")
@json_option
def list_command() -> Said:
    """List accounts: name, role, unit, and whether it is disabled.

    Example: hailong accounts list
    """
    from survey_app.services.accounts import list_accounts

    found = list_accounts(opened().engine)
    text = "\n".join(
        "\t".join((one.name, one.role, one.unit or "-", "-" if one.disabled else "+"))
        for one in found
    )
    return Said({"accounts": found}, text)
