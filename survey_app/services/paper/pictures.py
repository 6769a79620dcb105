"""Scans as pictures: PDF files and images, one grey picture per page.

Needs the extra ``paper``. A picture is a matrix of bytes, 0 black to 255 white, row by row from
the top.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence

from survey_app.services.paper.layout import PaperError

Picture = NDArray[np.uint8]

DPI = 200
"""Resolution at which pages of a PDF are drawn; boxes of 5 mm are then 39 pixels wide."""
MAX_BYTES = 512 * 1024 * 1024
MAX_PIXELS = 80_000_000
MAX_PAGES = 5_000
"""Limits of one file: 80 million pixels are A4 at 880 dpi."""
FORMATS = ("PNG", "JPEG", "TIFF")
"""What scanners and phones write. The library knows formats that are programs, and runs them: an
EPS file goes to Ghostscript."""


@dataclass(frozen=True)
class ScannedPage:
    """One page of a file, from 1."""

    file: str
    number: int
    picture: Picture


def read_pages(paths: Sequence[Path]) -> Iterator[ScannedPage]:
    """Yield the pages of scans in the order given, one at a time.

    Raises
    ------
    PaperError
        ``scan-unreadable``: no picture and no PDF; ``scan-too-large``: above a limit.
    """
    for path in paths:
        try:
            if path.stat().st_size > MAX_BYTES:
                raise _too_large(path)
            data = path.read_bytes()
            pages = _of_pdf(data) if data[:5] == b"%PDF-" else _of_image(data)
            for number, picture in enumerate(pages, start=1):
                if number > MAX_PAGES:
                    raise _too_large(path)
                yield ScannedPage(path.name, number, picture)
        except _TooLargeError:
            raise _too_large(path) from None
        except PaperError:
            raise
        except Exception:  # the libraries meet odd files with errors of every kind
            raise PaperError.of(
                "scan-unreadable",
                "Không đọc được tệp quét.",
                "The scan cannot be read.",
                "Cần tệp PDF, PNG, JPEG hoặc TIFF; hãy quét lại.",
                "A PDF, PNG, JPEG or TIFF is needed; scan it again.",
                file=path.name,
            ) from None


class _TooLargeError(Exception):
    """A page has more pixels than are taken."""


def _too_large(path: Path) -> PaperError:
    return PaperError.of(
        "scan-too-large",
        "Tệp quét quá lớn.",
        "The scan is too large.",
        f"Chia tệp: tối đa {MAX_PAGES} trang, {MAX_PIXELS // 1_000_000} triệu điểm ảnh một trang.",
        f"Split it: at most {MAX_PAGES} pages, {MAX_PIXELS // 1_000_000} million pixels a page.",
        file=path.name,
    )


def _of_pdf(data: bytes) -> Iterator[Picture]:
    document = pypdfium2.PdfDocument(data)
    try:
        for page in document:
            width, height = page.get_size()
            if width * height * (DPI / 72) ** 2 > MAX_PIXELS:
                raise _TooLargeError
            drawn = page.render(scale=DPI / 72, grayscale=True)
            yield np.array(drawn.to_pil().convert("L"))
    finally:
        document.close()


def _of_image(data: bytes) -> Iterator[Picture]:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        for frame in ImageSequence.Iterator(image):
            # The header tells the size; nothing is unpacked before it is known to be bearable.
            if frame.width * frame.height > MAX_PIXELS:
                raise _TooLargeError
            yield np.array(ImageOps.exif_transpose(frame).convert("L"))
