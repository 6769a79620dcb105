"""The commands with which a witness checks a draw by hand, for any POSIX shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping


def check_commands(record: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return the commands by what they check, in the order in which they are typed.

    They are typed in the folder of the draw, and need ``sha256sum``, ``cut`` and ``sort``.
    The keys are those of the sentences that introduce them.
    """
    secret = shlex.quote(str(record.get("secret", "")))
    public = shlex.quote(str(record.get("public", "")))
    algorithm = shlex.quote(str(record.get("algorithm", "")))
    commands: dict[str, tuple[str, ...]] = {
        "check_files": ("sha256sum frame.csv design.json sample.csv reserves.csv",),
        "check_secret": (f"s={secret}", 'printf %s "$s" | sha256sum'),
        "check_seed": (
            "F=$(sha256sum < frame.csv | cut -c1-64)",
            "D=$(sha256sum < design.json | cut -c1-64)",
            f"p={public}",
            f'S=$(printf %s {algorithm} "$F" "$D" "$s" "$p" | sha256sum | cut -c1-64)',
            'echo "$S"',
        ),
        "check_order": (
            "tail -n +2 frame.csv | cut -d, -f1 | while read -r u",
            'do echo "$(printf %s "$S|$u" | sha256sum | cut -c1-64) $u"; done | sort',
        ),
        "check_redraw": ("python3 redraw.py .",),
        "check_verify": ("hailong sample verify .",),
    }
    if not _in_hash_order(record):
        del commands["check_order"]
    return commands


def _in_hash_order(record: Mapping[str, object]) -> bool:
    """Tell whether some stratum of stage 1 takes the first rows of the frame in hash order."""
    design = record.get("design")
    stages = design.get("stages") if isinstance(design, Mapping) else None
    first = stages[0] if isinstance(stages, list) and stages else {}
    if not isinstance(first, Mapping) or first.get("id") or first.get("coordination"):
        return False
    strata = record.get("strata")
    told = strata if isinstance(strata, list) else []
    return any(isinstance(one, Mapping) and one.get("method") == "srs" for one in told)
