"""Sizes as they stand in the cells of a frame: whole numbers, nothing guessed away."""

from __future__ import annotations

import re

from intake.findings import Words
from sampling.frame.noting import Noting
from sampling.frame.sheets import Sheet
from sampling.units.cells import MAX_SIZE

_WHOLE = re.compile(r"^[0-9]{1,9}$")
_DIGITS = re.compile(r"^-?[0-9]+$")
_GROUPED = re.compile(r"^[0-9]{1,3}(?:[., \u00a0\u202f'’][0-9]{3})+$")
_POINTED = re.compile(r"^([0-9]{1,9})[.,]0+$")
_POWER = re.compile(r"^[0-9](?:\.[0-9]{1,8})?[eE]\+?[0-9]$")


def is_size(text: str) -> bool:
    """Tell whether a text is a whole number from 1 to 10,000,000 in plain digits."""
    return bool(_WHOLE.match(text)) and 1 <= int(text) <= MAX_SIZE


def note_sizes(sheet: Sheet, faults: Noting) -> None:
    """Note sizes that are missing, zero, negative, too large, or no whole number."""
    column = sheet.columns["size"]
    for row in column.rows_where(lambda text: not is_size(text)):
        code, message, advice = _told(column[row])
        faults.add(code, message, advice, row=sheet.lines[row], column="size")


def _told(text: str) -> tuple[str, Words, Words]:
    if not text:
        return (
            "frame-size-missing",
            Words("Thiếu quy mô.", "The size is missing."),
            Words("Ghi số nguyên từ 1.", "Write a whole number of at least 1."),
        )
    message = Words(
        f"“{text[:40]}” không phải số nguyên từ 1 đến {MAX_SIZE}.",
        f"'{text[:40]}' is not a whole number from 1 to {MAX_SIZE}.",
    )
    if _DIGITS.match(text) and text.isascii():
        if text.startswith("-") or not text.strip("0"):
            return (
                "frame-size-not-positive",
                message,
                Words(
                    "Ghi số đếm thật, hoặc bỏ đơn vị không có người khỏi khung.",
                    "Write what was counted, or take a unit without anybody out of the frame.",
                ),
            )
        return "frame-size-too-large", message, Words("Kiểm tra số này.", "Check the number.")
    return "frame-size-not-whole", message, _meant(text)


def _meant(text: str) -> Words:
    """Return what to do about a size that is no whole number, with what may have been meant."""
    plain = re.sub("[^0-9]", "", text)
    if _GROUPED.match(text) and is_size(plain):
        return Words(
            f"Viết không dấu phân cách hàng nghìn: {plain}, nếu ý là số đó.",
            f"Write digits only, without thousands separators: {plain}, if that is meant.",
        )
    found = _POINTED.match(text)
    if found or _POWER.match(text):
        number = int(found.group(1)) if found else float(text)
        if number == int(number) and is_size(str(int(number))):
            return Words(f"Viết bằng chữ số: {int(number)}.", f"Write it in digits: {int(number)}.")
    return Words(
        "Viết số bằng chữ số, không dấu phân cách hàng nghìn.",
        "Write digits only, without thousands separators.",
    )
