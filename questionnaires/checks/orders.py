"""What stands in random order: questions of a section, rows of a matrix, options of a choice."""

from __future__ import annotations

from intake.findings import Words
from questionnaires.checks.entries import Look, Place, mappings_of, plain_text


def check_order(look: Look, part: dict[str, object], names: list[str], place: Place) -> None:
    """Look at the key ``order`` of a part that shuffles what bears these names."""
    if "order" not in part:
        return
    place = (*place, "order")
    if part["order"] != "random":
        look.refer("unknown-order", str(part["order"]), place, ["random"])
    elif len(names) < 2:
        look.say(
            "nothing-to-shuffle",
            place,
            Words(
                "Có ít hơn hai chỗ để xáo thứ tự.", "There are fewer than two places to shuffle."
            ),
            Words("Hãy bỏ khóa này hoặc bớt fixed.", "Leave this key out, or use fixed less."),
            "warning",
        )
    for name in names:
        if "," in name:
            look.say(
                "comma-in-order",
                place,
                Words(
                    f"Giá trị “{name}” có dấu phẩy nên không ghi được thứ tự.",
                    f"The value '{name}' has a comma, so that the order cannot be recorded.",
                ),
                Words("Hãy đổi giá trị này.", "Change that value."),
            )


def moving_options(question: dict[str, object]) -> list[str]:
    """Return the values of the options that move, by the rule of ``Option.moves``."""
    moving = [
        plain_text(option.get("value"))
        for option in mappings_of(question.get("options"))
        if not option.get("missing") and True not in (option.get("exclusive"), option.get("fixed"))
    ]
    return [value for value in moving if value is not None]
