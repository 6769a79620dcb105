"""Whether pyxform, the reader of ODK, takes a form: what it refuses is no XLSForm."""

from __future__ import annotations

import re
from collections.abc import Mapping

from intake.findings import Words
from questionnaires.exchange.columns import FormRow
from questionnaires.exchange.faults import FormFaults
from questionnaires.exchange.opening import Sheet

_ROW = re.compile(r"\[row : (\d{1,6})\]")


def check_accepted(sheets: Mapping[str, Sheet], faults: FormFaults) -> None:
    """Note what pyxform refuses in the sheets of a form."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    form: dict[str, object] = {"sheet_names": list(sheets), "fallback_form_name": "form"}
    for name, sheet in sheets.items():
        if sheet.header:
            form[f"{name}_header"] = [dict.fromkeys(sheet.header)]
            form[name] = _with_gaps(sheet)
    try:
        convert(form, validate=False, warnings=[])
    except PyXFormError as error:
        _say(" ".join(str(error).split()), faults)
    except (RecursionError, ValueError, KeyError, TypeError, AttributeError) as error:
        _say(type(error).__name__, faults)


def _with_gaps(sheet: Sheet) -> list[dict[str, str]]:
    """Return the rows with the empty ones between them, so that their numbers stay."""
    rows: list[dict[str, str]] = []
    for number, cells in sheet.rows:
        rows += [{} for _ in range(number - 2 - len(rows))]
        rows.append(dict(cells))
    return rows


def _say(reason: str, faults: FormFaults) -> None:
    found = _ROW.search(reason)
    sheet = "choices" if "'choices' sheet" in reason else "survey"
    row = FormRow(sheet, int(found[1]) if found else 1)
    faults.say(
        "xlsform-refused",
        row,
        "type",
        Words(
            f"pyxform không nhận biểu mẫu này: {reason[:300]}",
            f"pyxform does not take this form: {reason[:300]}",
        ),
        Words("Hãy sửa theo lời báo đó.", "Mend what it says."),
    )
