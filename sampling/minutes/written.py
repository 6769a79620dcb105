"""The minutes as they stand in a folder: their lines, whatever the kind of file."""

from __future__ import annotations

import importlib
import io
import re
import zipfile
import zlib
from typing import Any

_MAX_PART = 200 * 1024 * 1024
# Where words can stand in a Word file; at the head stand page numbers, figures alone.
_WORDED = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, KeyError)
_PLAIN_PARTS = (".xml", ".rels")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NO_WIDTH = re.compile("[\u200b\u00ad\ufffe\ufeff]")


class UnreadableError(ValueError):
    """A file is not what its name says, or carries what nobody can compare."""


def lines_of_docx(data: bytes) -> list[str]:
    """Return the paragraphs of a Word file that say something, blanks within them as one.

    Raises
    ------
    UnreadableError
        It is no Word file, or holds pictures or other things that are no text.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    lines: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = packed.namelist()
            if not all(name.endswith((*_PLAIN_PARTS, "/")) for name in names):
                raise UnreadableError
            for name in sorted(filter(_WORDED.fullmatch, names)):
                if packed.getinfo(name).file_size > _MAX_PART:
                    raise UnreadableError
                told = _paragraphs(fromstring(packed.read(name)))
                own = name == "word/document.xml"
                lines += [line for line in told if own or not line.isdecimal()]
    except (*_BROKEN, ParseError, DefusedXmlException) as error:
        raise UnreadableError from error
    if not lines:
        raise UnreadableError
    return lines


def _paragraphs(root: Any) -> list[str]:  # noqa: ANN401 - an element of defusedxml
    lines = [""]
    for part in root.iter():
        if part.tag == f"{_W}p":
            lines.append("")
        elif part.tag == f"{_W}t":
            lines[-1] += part.text or ""
        elif part.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            lines[-1] += " "
    told = (" ".join(line.split()) for line in lines)
    return [line for line in told if line]


def lines_of_pdf(data: bytes) -> list[str] | None:
    """Return the lines of a PDF file, or ``None`` where nothing that reads PDF is installed.

    Page numbers are left out.

    Raises
    ------
    UnreadableError
        It is no PDF file.
    """
    try:
        reader = importlib.import_module("pypdfium2")
    except ImportError:
        return None
    try:
        document = reader.PdfDocument(data)
        pages = [page.get_textpage().get_text_bounded() for page in document]
    except reader.PdfiumError as error:
        raise UnreadableError from error
    return [line for number, page in enumerate(pages, start=1) for line in _printed(page, number)]


def _printed(page: str, number: int) -> list[str]:
    lines = (" ".join(_NO_WIDTH.sub("", line).split()) for line in page.splitlines())
    told = [line for line in lines if line]
    return told[1:] if told[:1] == [str(number)] else told
