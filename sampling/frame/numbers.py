"""The numbers in a column of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.findings import Faults, FrameError, Words
from sampling.frame.cells import NUMBER
from sampling.frame.columns import Whole
from sampling.frame.rows import Listed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_LONGEST = 18


def numbers_of(listed: Listed, name: str) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return the numbers of a column in the order of the units; see ``Frame.numbers``."""
    import numpy as np

    held = listed.columns[name]
    if isinstance(held, Whole):
        return np.array(held.numbers, dtype=np.int64)
    texts = held.texts()
    if all(text.isascii() and text.isdecimal() and len(text) <= _LONGEST for text in texts):
        return np.array(texts, dtype=np.int64) if texts else np.zeros(0, dtype=np.int64)
    wrong = [row for row, text in enumerate(texts) if not NUMBER.match(text) or len(text) > 40]
    if wrong:
        raise FrameError(_no_numbers(listed, name, texts, wrong).findings)
    if all("." not in text and len(text) <= _LONGEST for text in texts):
        return np.array(texts, dtype=np.int64)
    return np.array(texts, dtype=np.float64)


def _no_numbers(listed: Listed, name: str, texts: list[str], rows: list[int]) -> Faults:
    faults = Faults(listed.file)
    for row in rows:
        unit_id = listed.text("unit_id", row)
        faults.add(
            "frame-number-invalid",
            Words(
                f"Đơn vị {unit_id}: “{texts[row]}” ở cột {name} không phải số.",
                f"The unit {unit_id} holds '{texts[row]}' under '{name}', which is no number.",
            ),
            Words(
                "Ghi chữ số, dấu chấm thập phân, không bỏ trống.",
                "Write digits with a decimal point and leave no cell empty.",
            ),
            row=listed.line(row),
            column=name,
        )
    return faults
