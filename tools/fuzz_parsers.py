"""Coverage-guided fuzzing of the parsers by atheris, where it is installed: ``make fuzz``.

    python tools/fuzz_parsers.py document -max_total_time=60

atheris is no dependency of the project; a parser that ends in anything but words of our own
stops the run, and the bytes that did it are left in a file ``crash-…``.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["intake", "questionnaires", "survey_app"]):
    from intake.documents import read_document
    from intake.findings import HailongError
    from intake.tables import read_table
    from questionnaires import check_questionnaire, load, parse_answers
    from survey_app.services.codes import CodeError, read_code
    from survey_app.services.sealed_forms import SealedFormError, open_form

FILE = Path(tempfile.mkdtemp()) / "fuzzed"
ASKED = load("transaction", "2026-1")


def table(data: bytes) -> None:
    """Read a CSV file."""
    FILE.write_bytes(data)
    read_table(FILE, required=[])


def workbook(data: bytes) -> None:
    """Read a workbook."""
    table(b"PK\x03\x04" + data)


def document(data: bytes) -> None:
    """Read YAML or JSON."""
    FILE.write_bytes(data)
    read_document(FILE)


def questionnaire(data: bytes) -> None:
    """Check a definition."""
    path = FILE.with_suffix(".yaml")
    path.write_bytes(data)
    check_questionnaire(path)


def code(data: bytes) -> None:
    """Read a one-time code."""
    read_code(data.decode("utf-8", "replace"))


def sealed(data: bytes) -> None:
    """Open a sealed form."""
    open_form(b"0" * 32, data)


def answers(data: bytes) -> None:
    """Read the fields of a form."""
    parts = data.decode("utf-8", "replace").split("\n")
    parse_answers(ASKED, dict(zip(ASKED.fields, ([part] for part in parts), strict=False)))


TARGETS = {one.__name__: one for one in (table, workbook, document, questionnaire, code, sealed)}
TARGETS["answers"] = answers


def main() -> None:
    """Fuzz the parser of the first argument; the others are those of libFuzzer."""
    chosen = TARGETS[sys.argv.pop(1)]

    def one(data: bytes) -> None:
        with suppress(HailongError, CodeError, SealedFormError):
            chosen(data)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
