"""Two files keyed independently, or one that was scanned and decided: compared, then counted.

Each file is a table with ``form_number`` and a column for each field (see `keying`). Everything
that is wrong is said at once; a form is counted when its row is whole and agreed, and one that was
counted before stays as it is, so the same files can be given again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from intake.findings import Finding, ResponseError, Words
from intake.tables import Row, Table, read_table
from questionnaires import Questionnaire, load
from survey_app.db import reading
from survey_app.services.codes import CodeError, read_code
from survey_app.services.installation import Installation
from survey_app.services.paper import entry, remarks
from survey_app.services.paper.keying import (
    DOUBT,
    LEFT_BLANK,
    check,
    differences,
)
from survey_app.services.paper.layout import Asked, PaperError
from survey_app.services.paper.remarks import NUMBER
from survey_app.services.paper.words import Form
from survey_app.services.rounds import require_round

MOST_COLUMNS = 600
DECISION_COLUMNS = (NUMBER, "field", "value")


@dataclass
class Entered:
    """What became of the forms of two files.

    ``submitted`` were counted now, ``again`` had been counted before, ``differing`` were keyed
    differently, ``refused`` have another fault. Each has a finding but the first two.
    """

    submitted: int = 0
    again: int = 0
    differing: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class _Desk:
    """Where agreed forms are counted, and what is noted there."""

    installation: Installation
    round_id: str
    questionnaire: Questionnaire
    asked: tuple[Asked, ...]
    made: Entered
    dry: bool


@dataclass
class _Keyings:
    """One file: its name, and its sound rows by form number."""

    file: str
    rows: dict[str, Row]


def enter_keyed(
    installation: Installation, round_id: str, first: Path, second: Path, *, dry: bool = False
) -> Entered:
    """Count the forms on which two independently keyed files agree.

    Parameters
    ----------
    dry
        Compare only; nothing is counted.

    Raises
    ------
    RoundError, IntakeError
        No such round; a file that cannot be read or lacks a column. Then nothing is counted.
    PaperError
        ``same-file-twice``: a file compared with itself agrees always.
    """
    desk = _desk(installation, round_id, dry=dry)
    if first.resolve() == second.resolve():
        raise PaperError.of(
            "same-file-twice",
            "Hai tên tệp là một: đây không phải hai lần nhập.",
            "Both names are one file: these are not two keyings.",
            "Hai người nhập riêng từng tệp, không chép của nhau.",
            "Two people key a file each, without copying.",
            file=second.name,
        )
    made = desk.made
    one, other = (_keyings(path, desk) for path in (first, second))
    for number in sorted(one.rows.keys() ^ other.rows.keys()):
        here = one if number in one.rows else other
        made.findings.append(remarks.not_in_both(here.file, here.rows[number]))
        made.refused += 1
    for number, row in one.rows.items():
        if number not in other.rows:
            continue
        found = differences(desk.asked, row.cells, other.rows[number].cells)
        if found:
            made.findings += [remarks.differing(one.file, row, each) for each in found]
            made.differing += 1
        else:
            _count(desk, one.file, number, row)
    return made


def enter_scanned(
    installation: Installation, round_id: str, entries: Path, decisions: Path, *, dry: bool = False
) -> Entered:
    """Count scanned forms in which a person has decided every doubt.

    Parameters and errors as for `enter_keyed`; ``decisions`` is a table of `DECISION_COLUMNS`,
    where ``-`` says that a field was left blank.
    """
    desk = _desk(installation, round_id, dry=dry)
    made = desk.made
    scanned = _keyings(entries, desk)
    decided = _decisions(decisions, scanned, made)
    for number, row in scanned.rows.items():
        cells = dict(row.cells)
        open_fields = [one for one in desk.asked if cells[one.field] == DOUBT]
        for one in open_fields:
            cells[one.field] = decided.get((number, one.field), DOUBT)
        undecided = [one for one in open_fields if cells[one.field] == DOUBT]
        if undecided:
            made.findings += [remarks.undecided(scanned.file, row, one) for one in undecided]
            made.refused += 1
            continue
        whole = {name: "" if cell == LEFT_BLANK else cell for name, cell in cells.items()}
        _count(desk, scanned.file, number, Row(row.line, whole))
    return made


def _desk(installation: Installation, round_id: str, *, dry: bool) -> _Desk:
    with reading(installation.engine) as connection:
        found = require_round(connection, round_id)
    questionnaire = load(str(found.questionnaire_id), str(found.questionnaire_version))
    asked = Form.of(questionnaire, "vi").asked
    return _Desk(installation, round_id, questionnaire, asked, Entered(), dry)


def _keyings(path: Path, desk: _Desk) -> _Keyings:
    """Read one file; rows whose number cannot be one, or stands twice, are noted and left out."""
    table = read_table(
        path,
        required=[NUMBER, *(one.field for one in desk.asked)],
        optional=[],
        most_columns=MOST_COLUMNS,
    )
    return _Keyings(table.file, _by_number(table, desk.made))


def _by_number(table: Table, made: Entered) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for row in table.rows:
        number = _number(table.file, row, made)
        if number is None:
            made.refused += 1
        elif number in rows:
            words = Words(
                f"Số phiếu này đã có ở dòng {rows[number].line}.",
                f"This form stands in line {rows[number].line} already.",
            )
            advice = Words("Giữ lại một dòng.", "Keep one of them.")
            made.findings.append(
                remarks.finding(table.file, row, NUMBER, "form-twice", words, advice)
            )
            made.refused += 1
        else:
            rows[number] = row
    return rows


def _number(file: str, row: Row, made: Entered) -> str | None:
    try:
        return read_code(row.cells[NUMBER])
    except CodeError:
        words = Words("Số phiếu có ký tự chưa đúng.", "The form number has a wrong character.")
        advice = Words(
            "Gõ lại 17 chữ và số in trên phiếu.", "Type the 17 letters and digits of the form."
        )
        made.findings.append(remarks.finding(file, row, NUMBER, "form-number-slip", words, advice))
        return None


def _decisions(path: Path, scanned: _Keyings, made: Entered) -> dict[tuple[str, str], str]:
    """Return what a person decided, by form and field; what nobody asked for is noted."""
    table = read_table(path, required=list(DECISION_COLUMNS), optional=None)
    found: dict[tuple[str, str], str] = {}
    for row in table.rows:
        number = _number(table.file, row, made)
        name, value = row.cells["field"], row.cells["value"]
        if number is None or not value:
            continue
        form = scanned.rows.get(number)
        if form is None or form.cells.get(name) != DOUBT or (number, name) in found:
            words = Words("Không có ô nghi ngờ nào như vậy.", "No such doubt was asked about.")
            advice = Words(
                "Chỉ ghi các dòng có trong doubts.csv, mỗi dòng một lần.",
                "Keep to the lines of doubts.csv, each once.",
            )
            made.findings.append(
                remarks.finding(table.file, row, "field", "decision-not-asked", words, advice)
            )
        else:
            found[number, name] = value
    return found


def _count(desk: _Desk, file: str, number: str, row: Row) -> None:
    """Count one agreed form, or note every reason why not."""
    made = desk.made
    checked = check(desk.questionnaire, row.cells)
    faults = remarks.faults_of(file, row, checked)
    if faults:
        made.findings += faults
        made.refused += 1
        return
    try:
        if entry.counted_before(desk.installation, number):
            made.again += 1
            return
        form = entry.open_form(desk.installation, number)
        if form.invited.round_id != desk.round_id:
            raise remarks.of_another_round(form.invited.round_id)
        counted = None if desk.dry else entry.count(desk.installation, form, checked)
    except (ResponseError, PaperError) as error:
        made.findings.append(remarks.refused(file, row, error))
        made.refused += 1
        return
    again = counted is not None and counted.again
    made.again += again
    made.submitted += not again
