"""What a setting may be where there is a list of choices, and the refusal of anything else."""

from __future__ import annotations

from collections.abc import Sequence

from intake.findings import EstimationError, HailongError


def one_of(
    code: str,
    name: str,
    value: object,
    choices: Sequence[str],
    kind: type[HailongError] = EstimationError,
) -> None:
    """Refuse a setting that is not one of the choices.

    Raises
    ------
    HailongError
        Of the kind asked for, with ``code`` and the choices.

    Examples
    --------
    >>> one_of("method-unknown", "method", "reml", ["ml", "reml"])
    """
    if value not in choices:
        listed = ", ".join(choices)
        raise kind.of(
            code,
            f"{name}={value!r} không có trong các lựa chọn.",
            f"{name}={value!r} is not one of the choices.",
            f"Các lựa chọn: {listed}.",
            f"The choices are: {listed}.",
        )
