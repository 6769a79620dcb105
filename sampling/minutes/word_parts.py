"""Paragraphs, tables and lines of a Word file, where python-docx has no word for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sampling.minutes.papers import Column, Table

_MONO = "Courier New"


def paragraph(
    place: Any,  # noqa: ANN401 - a document or a cell
    text: str,
    *,
    size: float = 0,
    bold: bool = False,
    italic: bool = False,
    centred: bool = False,
    before: float = 0,
    after: float = 3,
    hanging: float = 0,
    indent: float = 0,
    first: bool = False,
) -> Any:  # noqa: ANN401 - python-docx types it loosely
    """Add a paragraph; ``first`` takes the empty one that a new cell has. Indents in mm."""
    from docx.shared import Mm

    made = place.paragraphs[0] if first else place.add_paragraph()
    if text:
        add_run(made, text, size=size, bold=bold, italic=italic)
    spaced(made, before=before, after=after, centred=centred)
    if hanging or indent:
        made.paragraph_format.left_indent = Mm(hanging or indent)
    if hanging:
        made.paragraph_format.first_line_indent = Mm(-hanging)
    return made


def spaced(made: Any, *, before: float, after: float, centred: bool = False) -> None:  # noqa: ANN401
    """Set the room above and below a paragraph, in points, and centre it."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(before), Pt(after)
    if centred:
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER


def add_run(
    made: Any,  # noqa: ANN401 - a paragraph
    text: str,
    *,
    size: float = 0,
    bold: bool = False,
    italic: bool = False,
    mono: bool = False,
) -> None:
    """Add text in one style."""
    from docx.shared import Pt

    run = made.add_run(text)
    run.bold, run.italic = bold or None, italic or None
    if mono:
        run.font.name, run.font.size = _MONO, Pt(9)
    elif size:
        run.font.size = Pt(size)


def page_number(made: Any) -> None:  # noqa: ANN401 - a paragraph
    """Put the number of the page into a paragraph."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    spaced(made, before=0, after=0, centred=True)
    for kind in ("begin", "PAGE", "end"):
        run = made.add_run()
        name = "w:instrText" if kind == "PAGE" else "w:fldChar"
        part: Any = OxmlElement(name)
        if kind == "PAGE":
            part.text = kind
        else:
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)


def line_below(place: Any, width: float, above: Any) -> None:  # noqa: ANN401
    """Add a centred line of a width in mm below a paragraph, as official papers have it."""
    from docx.shared import Mm, Pt

    page = 165.0 if not hasattr(place, "width") else place.width.mm - 3.8
    above.paragraph_format.keep_with_next = True
    made = place.add_paragraph()
    side = Mm(max(0.0, (page - width) / 2))
    made.paragraph_format.left_indent = made.paragraph_format.right_indent = side
    spaced(made, before=4, after=2)
    made.paragraph_format.line_spacing = Pt(4)
    _border(made, ("top",))


def framed(place: Any, text: str, *, first: bool, last: bool) -> None:  # noqa: ANN401
    """Add one line to type, in a frame that it shares with its neighbours."""
    made = paragraph(place, "", after=6 if last else 0, before=2 if first else 0)
    add_run(made, text, mono=True)
    made.paragraph_format.keep_with_next = not last
    _border(made, ("top", "left", "bottom", "right"))


def _border(made: Any, sides: Sequence[str]) -> None:  # noqa: ANN401
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders: Any = OxmlElement("w:pBdr")
    for side in sides:
        line: Any = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "5"), ("space", "3"), ("color", "auto")):
            line.set(qn(f"w:{key}"), "1" if key == "space" and len(sides) == 1 else value)
        borders.append(line)
    properties = made._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc"
    )


def no_lines(table: Any, widths: Sequence[float]) -> Any:  # noqa: ANN401
    """Return a table for layout with columns of these widths in mm."""
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm

    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return table


def add_table(document: Any, table: Table, width: float) -> None:  # noqa: ANN401
    """Add a table whose head is repeated and whose rows are not torn apart.

    The rows are written as XML elements: python-docx looks for its cells anew each time.
    """
    made = document.add_table(1, len(table.columns), style="Table Grid")
    total = sum(column.width for column in table.columns)
    made = no_lines(made, [width * column.width / total for column in table.columns])
    element = made._tbl
    element.remove(element.tr_lst[0])
    grid = [column.width.twips for column in made.columns]
    heads = [column.head for column in table.columns]
    element.append(_row(heads, table.columns, grid, head=True))
    for row in table.rows:
        element.append(_row(row, table.columns, grid))
    spaced(document.add_paragraph(), before=0, after=0)


def _row(
    texts: Sequence[str], columns: Sequence[Column], widths: Sequence[int], *, head: bool = False
) -> Any:  # noqa: ANN401 - an XML element
    row = _element("tr")
    about = _below(row, "trPr")
    _below(about, "cantSplit")
    if head:
        _below(about, "tblHeader")
    for text, column, width in zip(texts, columns, widths, strict=True):
        cell = _below(row, "tc")
        _below(_below(cell, "tcPr"), "tcW", w=str(width), type="dxa")
        made = _below(cell, "p")
        settings = _below(made, "pPr")
        _below(settings, "spacing", before="20", after="20")
        _below(settings, "jc", val="center" if head else "right" if column.right else "left")
        run = _below(made, "r")
        letters = _below(run, "rPr")
        if head:
            _below(letters, "b")
        _below(letters, "sz", val="22")
        _below(run, "t").text = text
    return row


def _element(name: str) -> Any:  # noqa: ANN401
    from docx.oxml import OxmlElement

    return OxmlElement(f"w:{name}")


def _below(parent: Any, name: str, **values: str) -> Any:  # noqa: ANN401
    from docx.oxml.ns import qn

    made = _element(name)
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    parent.append(made)
    return made
