"""Steps that two people take: the first call with ``--as`` records, a second account completes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from intake.findings import Finding, Words
from survey_app.cli.output import SecondPersonError

if TYPE_CHECKING:
    from survey_app.services.accounts import Account
    from survey_app.services.installation import Installation
    from survey_app.services.steps import Pair

as_option = click.option(
    "--as", "account", help="Account that takes the step; its password is asked for."
)


def password_of(prompt: str) -> str:
    """Ask for a password on a terminal; from elsewhere it is the first line of the input."""
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def signed_in(installation: Installation, account: str | None) -> Account | None:
    """Return the account of ``--as`` after its password; None without one, in a trial alone.

    Raises
    ------
    SecondPersonError
        No account was named, and the step takes two people.
    """
    from survey_app.services import accounts

    if account is not None:
        return accounts.signed_in(installation.engine, account, password_of(account))
    if installation.settings.two_person:
        raise SecondPersonError(
            Finding(
                "second-person-needed",
                Words("Bước này cần hai người cùng thực hiện.", "This step takes two people."),
                Words(
                    "Mỗi người chạy cùng một lệnh với --as TÀI_KHOẢN; tạo tài khoản: hailong "
                    "accounts add.",
                    "Each gives the same command with --as ACCOUNT; accounts are made by hailong "
                    "accounts add.",
                ),
            )
        )
    return None


@contextmanager
def two_people(
    installation: Installation,
    account: Account | None,
    action: str,
    about: str,
    **details: Any,  # noqa: ANN401 - whatever both must mean
) -> Iterator[Pair]:
    """Let a step happen once two accounts have asked for the same; in a trial one is enough.

    Raises
    ------
    SecondPersonError
        ``role-may-not``: it is no step of this role; ``second-person-waits``: it was noted, and a
        second account is needed; ``pair-lacks-role``: it takes an account of another role.
    """
    from survey_app.services import accounts, step_roles, steps
    from survey_app.services.trail.audit import OPERATOR

    step, day = steps.Step(action, about, details), installation.today()
    name = account.name if account else OPERATOR
    if not installation.settings.two_person:
        yield steps.Pair(name, name)
        return
    if account:
        _refuse(step_roles.refuse_role(action, account.role))
    pair = steps.take(installation.engine, step, name, day)
    if pair is None:
        raise SecondPersonError(
            Finding(
                "second-person-waits",
                Words(
                    f"Đã ghi yêu cầu của {name}; chưa có gì được thực hiện.",
                    f"What {name} asks for is noted; nothing was done yet.",
                ),
                Words(
                    f"Người thứ hai chạy cùng lệnh với --as của mình trong {steps.WAITS.days} "
                    "ngày.",
                    f"A second person gives the same command with their own --as within "
                    f"{steps.WAITS.days} days.",
                ),
            )
        )
    _refuse(step_roles.refuse_pair(action, accounts.roles_of(installation.engine, pair)))
    yield pair
    steps.settle(installation.engine, step, pair, day)


def _refuse(finding: Finding | None) -> None:
    if finding:
        raise SecondPersonError(finding)
