"""An official paper as a Word file; the same paper gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sampling.minutes.headings import head_words, printed_day
from sampling.minutes.papers import BLANK, Block, Commands, Fact, Facts, Lines, Paper
from sampling.minutes.word_parts import (
    add_run,
    add_table,
    framed,
    line_below,
    no_lines,
    page_number,
    paragraph,
    spaced,
)

if TYPE_CHECKING:
    from docx.document import Document

# A Word file must name a day of making; this one says nothing about any draw.
_NO_DAY = (1980, 1, 1, 0, 0, 0)
_TEXT_WIDTH_MM = 165


def docx_of(paper: Paper) -> bytes:
    """Return a paper as a Word file (DOCX).

    Names come in as text, never as markup; what is to be filled in by hand is dotted.
    """
    import docx

    document = docx.Document()
    _set_page(document, paper)
    _add_head(document, paper)
    for section in paper.sections:
        document.add_heading(section.title, level=2)
        for block in section.blocks:
            _add_block(document, block)
    for text in paper.closing:
        # Nobody signs a page that says nothing.
        paragraph(document, text, before=4).paragraph_format.keep_with_next = True
    _add_signatures(document, paper)
    file = io.BytesIO()
    document.save(file)
    return _without_times(file.getvalue())


def _set_page(document: Document, paper: Paper) -> None:
    """Set paper, margins, letters and the page number from page 2 (Decree 30/2020)."""
    from docx.enum.text import WD_LINE_SPACING
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    page: Any = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin = page.bottom_margin = Mm(20)
    page.left_margin, page.right_margin, page.header_distance = Mm(30), Mm(15), Mm(10)
    page.different_first_page_header_footer = True
    page_number(page.header.paragraphs[0])
    styles: Any = document.styles
    for name, size in (("Normal", 13), ("Heading 1", 15), ("Heading 2", 13), ("Heading 3", 13)):
        style = styles[name]
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.font.bold = name != "Normal"
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[attribute]
        for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(kind), "Times New Roman")
        style.paragraph_format.space_before = Pt(0 if name == "Normal" else 9)
        style.paragraph_format.space_after = Pt(3 if name == "Normal" else 4)
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    language = (
        styles["Normal"]
        .element.get_or_add_rPr()
        .makeelement(qn("w:lang"), {qn("w:val"): "en-GB" if paper.lang == "en" else "vi-VN"})
    )
    styles["Normal"].element.get_or_add_rPr().append(language)
    related = document.part.package.rels
    for key in [key for key, one in related.items() if one.reltype.endswith("/thumbnail")]:
        del related[key]  # a picture of the library's empty paper
    about = document.core_properties
    about.title, about.author = paper.title[:255], paper.issuer[:255]
    about.language, about.comments = paper.lang, ""
    about.created = about.modified = datetime(*_NO_DAY)  # noqa: DTZ001 - Word wants it bare


def _add_head(document: Document, paper: Paper) -> None:
    """Add issuer and number on the left, state, motto, place and day on the right."""
    words = head_words(paper.lang)
    short = words["blank_short"]
    table = no_lines(document.add_table(2, 2), (71, 94))
    left, right = table.cell(0, 0), table.cell(0, 1)
    if paper.parent:
        paragraph(left, paper.parent.upper(), size=12, centred=True, after=0, first=True)
    issuer = paper.issuer.upper() or BLANK
    kept = paragraph(left, issuer, bold=True, centred=True, after=0, first=not paper.parent)
    line_below(left, 22, kept)
    paragraph(right, words["state"], size=12, bold=True, centred=True, after=0, first=True)
    kept = paragraph(right, words["motto"], bold=True, centred=True, after=0)
    line_below(right, 54, kept)
    number = f"{words['number']} {short}/{paper.mark}-{short}"
    paragraph(table.cell(1, 0), number, centred=True, first=True)
    day = f"{paper.place or short}, {printed_day(paper)}"
    paragraph(table.cell(1, 1), day, italic=True, centred=True, first=True)
    title = document.add_heading(paper.kind, level=1)
    spaced(title, before=12, after=2, centred=True)
    kept = paragraph(document, paper.subject, size=13.5, bold=True, centred=True, after=0)
    line_below(document, 34, kept)


def _add_block(document: Document, block: Block) -> None:
    if isinstance(block, Facts):
        for one in block.items:
            _add_fact(document, one)
    elif isinstance(block, Lines):
        for text in block.texts:
            dash = "– " if block.listed else ""
            paragraph(document, dash + text, hanging=3.5 if block.listed else 0)
    elif isinstance(block, Commands):
        for place, text in enumerate(block.texts):
            last = place == len(block.texts) - 1
            framed(document, text, first=place == 0, last=last)
    else:
        title = document.add_heading(block.title, level=3)
        title.paragraph_format.keep_with_next = True
        add_table(document, block, _TEXT_WIDTH_MM)


def _add_fact(document: Document, one: Fact) -> None:
    """Add a label and its value; an exact value below it, in groups of eight where a hash."""
    if one.exact and one.value:
        label = paragraph(document, f"– {one.label}:", hanging=3.5, after=0)
        label.paragraph_format.keep_with_next = True
        value = paragraph(document, "", indent=3.5)
        add_run(value, _grouped(one.value), mono=True)
    elif one.value:
        paragraph(document, f"– {one.label}: {one.value}", hanging=3.5)
    else:
        dotted = paragraph(document, f"– {one.label}: \t", hanging=3.5)
        from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
        from docx.shared import Mm

        dotted.paragraph_format.tab_stops.add_tab_stop(
            Mm(_TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
        )


def _grouped(value: str) -> str:
    if len(value) != 64 or set(value) - set("0123456789abcdef"):
        return value
    return " ".join(value[place : place + 8] for place in range(0, 64, 8))


def _add_signatures(document: Document, paper: Paper) -> None:
    """Add the places to sign, kept on one page, and who gets a copy."""
    short = head_words(paper.lang)["blank_short"]
    paragraph(document, "", after=0).paragraph_format.keep_with_next = True
    widths = (50, 50, 65) if len(paper.signatures) > 1 else (95, 70)  # one alone on the right
    table = no_lines(document.add_table(1, len(widths)), widths)
    cells = table.rows[0].cells[-len(paper.signatures) :]
    for cell, place in zip(cells, paper.signatures, strict=True):
        first = paragraph(
            cell, place.capacity, size=12, bold=True, centred=True, after=0, first=True
        )
        manner = paragraph(cell, place.manner, size=11.5, italic=True, centred=True, after=62)
        for kept in (first, manner):
            kept.paragraph_format.keep_with_next = True
        paragraph(cell, place.name or short, size=12.5, bold=True, centred=True)
    if paper.recipients:
        words = head_words(paper.lang)["recipients"]
        paragraph(document, words, size=12, bold=True, italic=True, before=10, after=0)
        for text in paper.recipients:
            paragraph(document, f"- {text}", size=11, after=0)


def _without_times(data: bytes) -> bytes:
    """Return the archive with one and the same time for every part."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, _NO_DAY)
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            part.create_system = 3
            new.writestr(part, old.read(name))
    return made.getvalue()
