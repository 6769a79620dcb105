"""The findings about an XLSForm: each names the sheet, the row and the column it is about."""

from __future__ import annotations

from typing import Protocol

from intake.findings import Faults, Words


class Placed(Protocol):
    """A row of a sheet."""

    @property
    def sheet(self) -> str:
        """The name of the sheet."""

    @property
    def number(self) -> int:
        """The number of the row in its sheet, the header being 1."""

    def header(self, key: str) -> str:
        """Return the header of a key as it is written in the sheet."""


class FormFaults(Faults):
    """Collects the findings about one XLSForm."""

    def say(
        self,
        code: str,
        row: Placed,
        key: str,
        message: Words,
        advice: Words,
        severity: str = "error",
    ) -> None:
        """Note a finding at a cell of a sheet."""
        self.add(
            code,
            message,
            advice,
            row=row.number,
            column=row.header(key),
            path=row.sheet,
            severity=severity,
        )

    def refuse(self, code: str, row: Placed, key: str, read: str, why: Words, do: Words) -> None:
        """Refuse what was read in a cell: what it is, why it cannot be held, what to do."""
        shown = read if len(read) <= _SHOWN else f"{read[:_SHOWN]}…"
        self.say(
            code,
            row,
            key,
            Words(f"“{shown}”: {why.vi}.", f"'{shown}': {why.en}."),
            do,
        )

    def leave_out(self, row: Placed, key: str, read: str, why: Words) -> None:
        """Warn that something is left out because it changes no answer."""
        shown = read if len(read) <= _SHOWN else f"{read[:_SHOWN]}…"
        self.say(
            "xlsform-left-out",
            row,
            key,
            Words(f"Bỏ qua “{shown}”: {why.vi}.", f"'{shown}' is left out: {why.en}."),
            Words("Không cần làm gì nếu đúng ý.", "Nothing to do if that is meant."),
            "warning",
        )


_SHOWN = 80


def say_no_survey(faults: Faults) -> None:
    """Report a workbook without questions."""
    faults.add(
        "xlsform-no-survey",
        Words("Tệp không có trang survey nào có dòng.", "There is no sheet survey with rows."),
        Words("Hãy dùng mẫu XLSForm có trang survey.", "Use an XLSForm with a sheet survey."),
    )


def say_no_workbook(faults: Faults, *, xml: bool) -> None:
    """Report a file that is no workbook; the XForm that a program made of one is XML."""
    advice = Words("Hãy lưu thành .xlsx rồi thử lại.", "Save it as .xlsx and try again.")
    if xml:
        advice = Words(
            "Đây là XML; hãy đưa vào bảng XLSForm mà tệp này được tạo ra từ đó.",
            "This is XML; give the XLSForm workbook that it was made from.",
        )
    faults.add(
        "xlsform-not-a-workbook",
        Words("Tệp không phải bảng tính Excel.", "The file is no Excel workbook."),
        advice,
    )


def say_hidden(name: str, faults: Faults) -> None:
    """Report a sheet that nobody would see."""
    faults.add(
        "xlsx-hidden",
        Words(f"Trang “{name}” bị ẩn.", f"The sheet '{name}' is hidden."),
        Words("Cho hiện trang đó.", "Show it."),
        path=name,
    )


def refuse_workbook(faults: Faults, reason: Words, name: str | None = None) -> None:
    """Refuse a workbook that must not be read."""
    faults.add(
        "xlsx-refused",
        reason,
        Words(
            "Hãy lưu lại bảng thành tệp .xlsx mới, không macro, không liên kết ngoài.",
            "Save the table as a new .xlsx file without macros or external links.",
        ),
        path=name,
    )


def say_broken(faults: Faults) -> None:
    """Report a workbook that no reader takes."""
    faults.add(
        "xlsx-broken",
        Words("Không đọc được bảng tính.", "The workbook cannot be read."),
        Words("Hãy lưu lại thành tệp .xlsx mới.", "Save it as a new .xlsx file."),
    )
