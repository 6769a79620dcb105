"""What can be drawn at all: counts that are held, probabilities between 0 and 1."""

from __future__ import annotations

from intake.findings import DesignError, Finding, Words


def check_count(n: int, held: int) -> None:
    """Refuse to draw more units than there are, or fewer than none."""
    if not 0 <= n <= held:
        raise refusal(
            "selection-count-invalid",
            Words(
                f"Không thể lấy {n} trong {held} đơn vị.",
                f"{n} units cannot be drawn from {held}.",
            ),
        )


def refusal(code: str, message: Words) -> DesignError:
    """Return the refusal of an impossible input."""
    return DesignError(
        Finding(code, message, Words("Hãy xem lại đầu vào.", "Look at what was passed."))
    )
