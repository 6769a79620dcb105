"""hailong accounts: who may take steps that need two people."""

from __future__ import annotations

import sys

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option
from survey_app.cli.two_person import as_option, signed_in, two_people


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
@as_option
@json_option
def add(name: str, role: str, unit: str, password_stdin: bool, account: str | None) -> Said:
    """Add an account; its holder types the password, of twelve characters at least.

    Example: hailong accounts add lan --role statistician

    Once there are two accounts that may do so, two of them have to agree: --as, like other steps
    for two people. The second call takes the password of the new account.
    """
    from intake.findings import InstallationError
    from survey_app.services.accounts import add_account, adding_takes_two, check_account

    installation = opened()
    engine = installation.engine
    if not (installation.settings.two_person and adding_takes_two(engine)):
        add_account(engine, name, role, unit, _new_password(name, password_stdin))
        return Said({"name": name, "role": role, "unit": unit}, f"{name} ({role})")
    person = signed_in(installation, account)
    if faults := check_account(engine, name, role):
        raise InstallationError(faults)
    with two_people(installation, person, "account", name, role=role, unit=unit) as pair:
        password = _new_password(name, password_stdin)
        add_account(engine, name, role, unit, password, actor=pair.agreed_by)
    return Said({"name": name, "role": role, "unit": unit}, f"{name} ({role})")


def _new_password(name: str, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt(name, hide_input=True, confirmation_prompt=True, err=True))


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
