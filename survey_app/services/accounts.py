"""Accounts of staff: who may ask for a step that takes two people, or agree to one.

Passwords are kept as Argon2id (RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlalchemy import Engine, insert, select, update

from intake.findings import Finding, InstallationError, Words
from intake.text import ID_PATTERN
from survey_app.db import reading, writing
from survey_app.db.audit import account
from survey_app.services.step_roles import RULES
from survey_app.services.steps import Pair
from survey_app.services.trail.audit import OPERATOR, record

ROLES = ("operator", "coordinator", "home-affairs", "statistician", "auditor")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
COSTLY = partial(Argon2id, length=32, iterations=3, lanes=4, memory_cost=64 * 1024)
"""What a try of a password costs; the memory is KiB."""

NO_PASSWORD = "$argon2id$v=19$m=65536,t=3,p=4$" + "A" * 22 + "$" + "A" * 43
"""What an unknown name is compared with, so that it takes as long as a known one; it is also what
a disabled account keeps in place of its password."""


@dataclass(frozen=True)
class Account:
    """One account; ``unit`` is the code of the unit whose results its holder answers for."""

    name: str
    role: str
    unit: str
    disabled: bool


def adding_takes_two(engine: Engine) -> bool:
    """Tell whether there are accounts enough that two people have to agree to a further one."""
    rule = RULES["account"]
    roles = [one.role for one in list_accounts(engine) if one.role in rule.may and not one.disabled]
    return len(roles) > 1 and rule.one_of_them in roles


def roles_of(engine: Engine, pair: Pair) -> set[str]:
    """Return the roles of the two people of a step."""
    names = {pair.asked_by, pair.agreed_by}
    return {one.role for one in list_accounts(engine) if one.name in names}


def add_account(
    engine: Engine, name: str, role: str, unit: str, password: str, *, actor: str = OPERATOR
) -> None:
    """Add an account.

    Raises
    ------
    InstallationError
        Those of `check_account`, all at once.
    """
    findings = check_account(engine, name, role, password)
    if findings:
        raise InstallationError(findings)
    row = {"name": name, "role": role, "unit_code": unit or None, "disabled": False}
    kept = COSTLY(salt=secrets.token_bytes(16)).derive_phc_encoded(password.encode())
    with writing(engine) as connection:
        connection.execute(insert(account), row | {"password": kept})
        record(connection, "account-added", name, {"role": role, "unit": unit}, actor=actor)


def check_account(
    engine: Engine, name: str, role: str, password: str | None = None
) -> list[Finding]:
    """Return why there can be no such account.

    ``account-name``, ``role-unknown``, ``password-short`` where a password is given,
    ``account-exists``.
    """
    findings = []
    if not ID_PATTERN.fullmatch(name):
        findings.append(
            Finding(
                "account-name",
                Words(f"“{name}” không làm tên tài khoản được.", f"'{name}' cannot be a name."),
                Words(
                    "Dùng 1–40 chữ cái không dấu, chữ số, dấu chấm, gạch nối.",
                    "Use 1 to 40 plain letters, digits, dots and hyphens.",
                ),
            )
        )
    if role not in ROLES:
        findings.append(
            Finding(
                "role-unknown",
                Words(f"Không có vai trò {role}.", f"There is no role {role}."),
                Words(f"Dùng: {', '.join(ROLES)}.", f"Use one of: {', '.join(ROLES)}."),
            )
        )
    if password is not None and not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        findings.append(
            Finding(
                "password-short",
                Words(
                    f"Mật khẩu cần từ {SHORTEST_PASSWORD} đến {LONGEST_PASSWORD} ký tự.",
                    f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
                ),
                Words("Hãy dùng một câu dài.", "Use a long phrase."),
            )
        )
    if any(one.name.casefold() == name.casefold() for one in list_accounts(engine)):
        findings.append(
            Finding(
                "account-exists",
                Words(f"Đã có tài khoản {name}.", f"Account {name} exists already."),
                Words("Hãy đặt tên khác.", "Choose another name."),
            )
        )
    return findings


def disable_account(engine: Engine, name: str) -> None:
    """Let an account take no more steps; what it did stays in the log.

    Raises
    ------
    InstallationError
        ``account-unknown``.
    """
    with writing(engine) as connection:
        own = account.c.name == name
        if not connection.execute(update(account).where(own).values(disabled=True)).rowcount:
            raise InstallationError(
                Finding(
                    "account-unknown",
                    Words(f"Không có tài khoản {name}.", f"There is no account {name}."),
                    Words("Xem: hailong accounts list", "See: hailong accounts list"),
                )
            )
        record(connection, "account-disabled", name)


def list_accounts(engine: Engine) -> list[Account]:
    """Return all accounts by name."""
    with reading(engine) as connection:
        return [
            Account(row.name, row.role, row.unit_code or "", row.disabled)
            for row in connection.execute(select(account).order_by(account.c.name))
        ]


def signed_in(engine: Engine, name: str, password: str) -> Account:
    """Return the account of a name and its password.

    Raises
    ------
    InstallationError
        ``sign-in-refused``: unknown, disabled or the wrong password; it does not say which.
    """
    with reading(engine) as connection:
        row = connection.execute(select(account).where(account.c.name == name)).one_or_none()
    try:
        Argon2id.verify_phc_encoded(password.encode(), row.password if row else NO_PASSWORD)
    except InvalidKey:
        row = None
    if row is None or row.disabled:
        raise InstallationError(
            Finding(
                "sign-in-refused",
                Words(
                    f"Không đúng tài khoản {name} hoặc mật khẩu.",
                    f"The account {name} or its password is not right.",
                ),
                Words(
                    "Hãy gõ lại; xem các tài khoản: hailong accounts list",
                    "Type it again; for the accounts see: hailong accounts list",
                ),
            )
        )
    return Account(row.name, row.role, row.unit_code or "", row.disabled)
