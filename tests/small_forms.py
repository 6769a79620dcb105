"""Small definitions and XLSForm workbooks for tests, as plain values and as files."""

from __future__ import annotations

import io
import zipfile

import xlsxwriter

YES_NO = [
    {"value": "1", "label": {"vi": "Có", "en": "Yes"}},
    {"value": "2", "label": {"vi": "Không", "en": "No"}},
]

CHOICES = [
    {"list_name": "yn", "name": "yes", "label": "Có"},
    {"list_name": "yn", "name": "no", "label": "Không"},
]


def text(words: str) -> dict[str, str]:
    return {"vi": words, "en": words}


def single(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "type": "single", "label": text(name), "options": YES_NO, **more}


def form(*questions: object, **more: object) -> dict[str, object]:
    return {
        "id": "trial",
        "version": "2026-1",
        "languages": ["vi", "en"],
        "title": text("Phiếu"),
        "source": text("Bài kiểm tra"),
        "questions": list(questions or (single("q1"), single("q2"), single("q3"))),
        **more,
    }


def options(count: int) -> list[dict[str, object]]:
    return [{"value": str(number), "label": text(f"o{number}")} for number in range(count)]


def workbook(path, survey, choices=CHOICES, settings=None, **more):
    sheets = {"survey": survey, "choices": choices, "settings": [settings or {"form_id": "thu"}]}
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    for name, rows in {**sheets, **more}.items():
        sheet = book.add_worksheet(name)
        columns = list(dict.fromkeys(key for row in rows for key in row))
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column)
            for number, row in enumerate(rows, start=1):
                if row.get(column):
                    sheet.write_string(number, at, row[column])
    book.close()
    return path


def asked(name="a", type="select_one yn", label="Câu", **more):  # noqa: A002
    return {"type": type, "name": name, "label": label, **more}


def repacked(path, change):
    """Write the members of a workbook again, each changed by ``change(name, data)``."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, change(member, old.read(member)))
    path.write_bytes(made.getvalue())
    return path
