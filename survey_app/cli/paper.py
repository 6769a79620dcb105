"""hailong paper: forms on paper, their double entry, and reading their scans."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language

if TYPE_CHECKING:
    from survey_app.services.paper.files import Entered
    from survey_app.services.paper.scanning import Scanned

_PATH = click.Path(path_type=Path)


@click.group(no_args_is_help=True)
def paper() -> None:
    """Print a round's questionnaire on paper, and take in what comes back.

    Example: hailong paper print hp-2026 --count 30 --out forms
    """


@paper.command("print")
@click.argument("round_id")
@click.option("--cell", help="Only this cell.")
@click.option("--count", type=click.IntRange(1, 10_000), help="Forms per cell; else all drawn.")
@click.option("--expires", type=click.DateTime(formats=["%Y-%m-%d"]), help="Last day.")
@click.option("--language", "form_language", type=click.Choice(["vi", "en"]), default="vi",
              show_default=True, help="Language of the form.")  # fmt: skip
@click.option(
    "--contact", default="", help="Where to complain: telephone, address; else HAILONG_CONTACT."
)
@click.option("--out", required=True, type=_PATH, help="Folder to write to.")
@json_option
def print_command(
    round_id: str,
    cell: str | None,
    count: int | None,
    expires: datetime | None,
    form_language: str,
    contact: str,
    out: Path,
) -> Said:
    """Print forms with a number, corner marks and page codes, and the layout for scanning.

    Each form is an invitation of its cell: its number is a one-time code, stored nowhere.

    Example: hailong paper print hp-2026 --count 30 --out forms
    """
    from survey_app.services.paper.printing import print_forms

    made = print_forms(
        opened(),
        round_id,
        cell=cell,
        count=count,
        expires_on=expires.date() if expires else None,
        lang=form_language,
        contact=contact,
        out=out,
        progress=lambda name: click.echo(name, err=True),
    )
    text = (
        f"{made.forms} forms of {made.pages} pages, {len(made.files)} files in {out}"
        if language() == "en"
        else f"{made.forms} phiếu, mỗi phiếu {made.pages} trang, {len(made.files)} tệp trong {out}"
    )
    result = {
        "forms": made.forms,
        "pages": made.pages,
        "files": [str(path) for path in made.files],
    }
    return Said(result, text)


@paper.command()
@click.argument("scans", nargs=-1, required=True, type=_PATH)
@click.option("--layout", "layout_file", required=True, type=_PATH,
              help="layout.json of the printing.")  # fmt: skip
@click.option("--out", required=True, type=_PATH, help="New folder for entries and doubts.")
@json_option
def scan(scans: tuple[Path, ...], layout_file: Path, out: Path) -> Said:
    """Read the boxes of scanned forms; every doubtful one is left to a person.

    Writes entries.csv, doubts.csv and review.html. Needs the extra "paper".

    Example: hailong paper scan scan.pdf --layout forms/layout.json --out scanned
    """
    from survey_app.services.paper.layout import PaperError, read_layout

    layout = read_layout(layout_file)
    try:
        from survey_app.services.paper.pictures import read_pages
        from survey_app.services.paper.review import write_scanned
        from survey_app.services.paper.scanning import scan as read
    except ImportError as missing:
        raise PaperError.of(
            "paper-extra-missing",
            f"Chưa cài thư viện đọc phiếu quét: {missing.name}.",
            f"What reads scans is not installed: {missing.name}.",
            "Cài phần bổ sung paper: pip install 'hailong[paper]'",
            "Install the extra: pip install 'hailong[paper]'",
        ) from None
    made = read(read_pages(scans), layout)
    files = write_scanned(made, layout, out, language())
    return Said(*_told(made, files), made.findings)


def _told(made: Scanned, files: list[Path]) -> tuple[dict[str, object], str]:
    result = {
        "pages": made.pages,
        "forms": len(made.forms),
        "boxes": made.boxes,
        "doubtful_boxes": made.doubtful,
        "doubts": len(made.doubts),
        "files": [str(path) for path in files],
    }
    words = (
        "{pages} pages, {forms} whole forms; {doubtful_boxes} of {boxes} boxes doubtful; "
        "{doubts} questions for a person"
        if language() == "en"
        else "{pages} trang, {forms} phiếu đủ trang; {doubtful_boxes} trên {boxes} ô nghi ngờ; "
        "{doubts} câu cần người xem"
    )
    return result, words.format(**result)


@paper.command()
@click.argument("first", type=_PATH)
@click.argument("second", required=False, type=_PATH)
@click.option("--round", "round_id", required=True, help="Round of the forms.")
@click.option("--decisions", type=_PATH, help="Decisions on the doubts of a scan.")
@click.option("--check", "dry", is_flag=True, help="Compare only; count nothing.")
@json_option
def enter(
    first: Path, second: Path | None, round_id: str, decisions: Path | None, dry: bool
) -> Said:
    """Count the forms on which two keyed files agree, or a scan whose doubts were decided.

    FIRST and SECOND are tables with form_number and a column for each field, keyed by two
    people; differences are listed. With --decisions, FIRST is the entries.csv of a scan.

    Example: hailong paper enter keyed-1.csv keyed-2.csv --round hp-2026
    """
    from survey_app.services.paper.files import enter_keyed, enter_scanned

    if (second is None) == (decisions is None):
        raise click.UsageError(
            "A second keyed file, or --decisions for a scan, is needed."
            if language() == "en"
            else "Cần tệp nhập lần hai, hoặc --decisions cho phiếu quét."
        )
    if second is not None:
        made = enter_keyed(opened(), round_id, first, second, dry=dry)
    else:
        assert decisions is not None  # noqa: S101 - one of the two was given
        made = enter_scanned(opened(), round_id, first, decisions, dry=dry)
    return _entered(made, dry)


def _entered(made: Entered, dry: bool) -> Said:
    result = {
        "agreed" if dry else "submitted": made.submitted,
        "again": made.again,
        "differing": made.differing,
        "refused": made.refused,
    }
    words = (
        "{0} forms {5}, {1} counted before, {2} differ, {3} refused"
        if language() == "en"
        else "{0} phiếu {4}, {1} đã ghi trước, {2} khác nhau, {3} không nhận"
    )
    done = ("khớp", "agree") if dry else ("đã ghi", "counted")
    return Said(result, words.format(*result.values(), *done), made.findings)
