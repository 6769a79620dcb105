"""Whose step it is: which roles may ask for a step or agree to it, and which one must be there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from intake.findings import Finding, Words


@dataclass(frozen=True)
class Rule:
    """Roles that may take a step, and the role that one of the two people must have."""

    may: tuple[str, ...]
    one_of_them: str


RULES: Mapping[str, Rule] = {
    "freeze": Rule(("coordinator", "statistician", "auditor"), "statistician"),
    "correction": Rule(("home-affairs", "statistician", "auditor"), "statistician"),
    "exclude": Rule(("coordinator", "statistician", "auditor"), "statistician"),
    "release": Rule(("home-affairs", "statistician", "auditor"), "home-affairs"),
    "destroy-keys": Rule(("operator", "home-affairs", "auditor"), "operator"),
    "account": Rule(("home-affairs", "auditor"), "home-affairs"),
}


def refuse_role(action: str, role: str) -> Finding | None:
    """Return why an account of a role may not take a step, or None."""
    rule = RULES[action]
    if role in rule.may:
        return None
    listed = ", ".join(rule.may)
    return Finding(
        "role-may-not",
        Words(
            f"Vai trò {role} không được thực hiện bước này.",
            f"The role {role} may not take this step.",
        ),
        Words(
            f"Bước này dành cho: {listed}. Xem: hailong accounts list",
            f"It is for: {listed}. See: hailong accounts list",
        ),
        path=action,
    )


def refuse_pair(action: str, roles: Collection[str]) -> Finding | None:
    """Return why two accounts of these roles do not suffice for a step, or None."""
    needed = RULES[action].one_of_them
    if needed in roles:
        return None
    return Finding(
        "pair-lacks-role",
        Words(
            f"Một trong hai người phải có vai trò {needed}.",
            f"One of the two people must have the role {needed}.",
        ),
        Words(
            f"Yêu cầu vẫn được giữ: một tài khoản {needed} chạy cùng lệnh với --as của mình.",
            f"The request is kept: an account of {needed} gives the same command with their --as.",
        ),
        path=action,
    )
