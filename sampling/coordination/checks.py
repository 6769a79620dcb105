"""What the tools of coordination accept: exact numbers, chances, counts."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from intake.findings import DesignError, Faults, Words

Number = Fraction | float | str


def exact(value: object) -> Fraction | None:
    """Return a finite number as the fraction that its decimal digits say, or ``None``."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        # A float says its shortest digits: 0.1 is 1/10.
        return value if isinstance(value, Fraction) else Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return None


def checked_chances(chances: Mapping[str, Number], path: str = "chances") -> dict[str, Fraction]:
    """Return inclusion probabilities as fractions.

    Raises
    ------
    DesignError
        ``coordination-chance-invalid``: with every value that is not from 0 to 1.
    """
    faults = Faults()
    found: dict[str, Fraction] = {}
    for unit, given in chances.items():
        value = exact(given)
        if value is None or not 0 <= value <= 1:
            nearest = "0" if value is None or value < 0 else "1"
            faults.add(
                "coordination-chance-invalid",
                Words(
                    f"Xác suất của {unit} là {given}, phải từ 0 đến 1.",
                    f"The probability of {unit} is {given}, not from 0 to 1.",
                ),
                Words(f"Giá trị gần nhất: {nearest}.", f"The nearest possible is {nearest}."),
                path=f"{path}.{unit}",
            )
        else:
            found[unit] = value
    faults.raise_as(DesignError)
    return found


def checked_count(value: object, path: str, least: int, most: int | None = None) -> int:
    """Return a whole number between two bounds.

    Raises
    ------
    DesignError
        ``coordination-count-invalid``.
    """
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and value >= least and (most is None or value <= most):  # type: ignore[operator]
        return int(value)  # type: ignore[call-overload, no-any-return]
    bounds = f"≥ {least}" if most is None else f"{least} … {most}"
    number = exact(value)
    nearest = least if number is None else max(least, int(number))
    raise number_refused(path, value, bounds, str(nearest if most is None else min(nearest, most)))


def number_refused(path: str, value: object, bounds: str, nearest: str) -> DesignError:
    """Return the refusal of a number that is out of its bounds."""
    code = "coordination-shift-invalid" if path == "shift" else "coordination-count-invalid"
    return DesignError.of(
        code,
        f"“{path}” là {value}, phải là {bounds}.",
        f"'{path}' is {value}; it must be {bounds}.",
        f"Giá trị gần nhất: {nearest}.",
        f"The nearest possible is {nearest}.",
        path=path,
    )
