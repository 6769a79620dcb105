"""QR codes of links: one matrix, drawn as SVG or PNG or handed to a printed sheet.

`encode` makes the matrices of many links at once. Words and error correction come from
the package ``qrcode``; what is done here is the choice among the eight masks, which that
package does in plain Python and in which nearly all of its time goes.

Links in capitals fit the alphanumeric mode of QR (45 characters: digits, capitals,
blank and ``$%*+-./:``), which needs a third less room; whether a link may be
written in capitals is for the caller to know. Sizes are in modules, the squares of a code.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Literal

import numpy as np
import qrcode
from numpy.typing import NDArray
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError

QUIET_ZONE = 4  # modules of white on every side, as ISO/IEC 18004 asks
MASKS = 8

# A row of the matrix is held in the bits of one 64-bit number: version 11 has 61 modules.
# It carries 259 capitals or 177 bytes at level Q; on 28 mm of paper a module of a larger code
# would be under 0.4 mm, which cheap cameras and office printers lose.
LARGEST_VERSION = 11

_BATCH = 500
_LEVELS = {"M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q}

Level = Literal["M", "Q"]
Bits = NDArray[np.bool_]
Words = NDArray[np.uint64]


class LinkTooLongError(ValueError):
    """A link that no code of the largest printed size can carry."""


@dataclass(frozen=True)
class QrCode:
    """The dark modules of one code, without its quiet zone.

    Attributes
    ----------
    link
        What a reader of the code gets.
    rows
        One number per row; its lowest bit is the module on the left, 1 is dark.
    size
        Modules per side: 21, 25, … 61.
    """

    link: str
    rows: tuple[int, ...]
    size: int

    @property
    def version(self) -> int:
        """The version of the code, 1 to 11."""
        return (self.size - 17) // 4

    @property
    def width(self) -> int:
        """Modules per side with the quiet zone."""
        return self.size + 2 * QUIET_ZONE

    def path(self) -> str:
        """Return the dark modules as one SVG path, one subpath per run of a row, in modules.

        The origin is the corner of the quiet zone.
        """
        parts = []
        for y, row in enumerate(self.rows, start=QUIET_ZONE):
            x = QUIET_ZONE
            for bit, run in groupby(f"{row:0{self.size}b}"[::-1]):
                length = sum(1 for _ in run)
                if bit == "1":
                    parts.append(f"M{x} {y}h{length}v1h-{length}z")
                x += length
        return "".join(parts)

    def svg(self) -> str:
        """Return the code as SVG: black on white, the view box in modules, quiet zone included.

        The white ground is part of the picture, so that the code can be read on a dark page.
        """
        width = self.width
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}" '
            f'shape-rendering="crispEdges"><rect width="{width}" height="{width}" fill="#fff"/>'
            f'<path d="{self.path()}"/></svg>'
        )

    def png(self, module_px: int = 10) -> bytes:
        """Return the code as a black-and-white PNG with ``module_px`` pixels per module."""
        if module_px < 1:
            raise ValueError("a module needs at least one pixel")
        rows = np.array(self.rows, dtype=np.uint64)[:, None]
        dark = rows >> np.arange(self.size, dtype=np.uint64) & np.uint64(1)
        light = np.pad(dark == 0, QUIET_ZONE, constant_values=True)
        pixels = np.kron(light, np.ones((module_px, module_px), dtype=np.bool_))
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "PNG")
        return out.getvalue()


def encode_one(link: str, level: Level = "Q") -> QrCode:
    """Return the code of one link. See `encode`."""
    return encode([link], level)[0]


def encode(
    links: Sequence[str],
    level: Level = "Q",
    progress: Callable[[int, int], None] | None = None,
) -> list[QrCode]:
    """Return the codes of many links, in their order.

    Each code has the smallest version that holds its link, and the mask that ISO/IEC
    18004 asks for, the one of least penalty.

    Parameters
    ----------
    links
        Text; one in digits, capitals and ``$%*+-./:`` gives a smaller code.
    level
        Error correction: ``Q`` (a quarter may be lost) on paper, ``M`` on screens.
    progress
        Called now and then with the number of codes made and of all.

    Raises
    ------
    LinkTooLongError
        A link needs more than version 11.
    """
    # One mask for all would spare the search and every reader would cope, since the mask
    # is named in the code. The standard still asks for the best of eight, and a bad one
    # costs just the readers that matter here, old cameras in poor light; held in bits, the
    # search is cheaper than the error correction (bench/qr.py prints both).
    made: dict[int, QrCode] = {}
    for start in range(0, len(links), _BATCH):
        same_version: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
        for position in range(start, min(start + _BATCH, len(links))):
            version, words = _words(links[position], level)
            same_version[version].append((position, words))
        for version, members in same_version.items():
            layout = _layout(version, level)
            rows = layout.best(np.array([words for _, words in members], dtype=np.uint8))
            for (position, _), row in zip(members, rows.tolist(), strict=True):
                made[position] = QrCode(links[position], tuple(row), layout.size)
        if progress is not None:
            progress(len(made), len(links))
    return [made[position] for position in range(len(links))]


def _words(link: str, level: Level) -> tuple[int, list[int]]:
    """Return the version a link needs, and its data and error correction words."""
    code = qrcode.QRCode(error_correction=_LEVELS[level])
    code.add_data(link, optimize=0)
    try:
        version = code.best_fit()
    except (DataOverflowError, ValueError):  # the latter from a version it knows no more
        version = LARGEST_VERSION + 1
    if version > LARGEST_VERSION:
        raise LinkTooLongError(f"a link of {len(link)} characters is too long for a printed code")
    words: list[int] = qrcode.util.create_data(version, code.error_correction, code.data_list)
    return version, words


@dataclass(frozen=True)
class _Layout:
    """Where the bits of the words go in a code of one version, and what surrounds them.

    Attributes
    ----------
    size
        Modules per side.
    place
        Shape (size, size): number of the bit of the words at a module, -1 at all others.
    plain
        Shape (8, size): packed rows of the finished code of all-zero words, for each mask.
    judged
        The same with the format information left blank, as the penalty is taken.
    """

    size: int
    place: NDArray[np.int64]
    plain: Words
    judged: Words

    def best(self, words: NDArray[np.uint8]) -> Words:
        """Return packed rows, shape (n, size), of the finished codes of n lists of words."""
        bits = np.unpackbits(words, axis=1)
        spread = np.where(self.place >= 0, bits[:, self.place], 0).astype(np.bool_)
        across, down = _packed(spread), _packed(spread.transpose(0, 2, 1))
        # A mask flips modules whatever they hold, so the code is the code of zeros XOR the bits.
        turned = _packed(_unpacked(self.judged, self.size).transpose(0, 2, 1))
        penalty = _penalty(across[:, None] ^ self.judged, down[:, None] ^ turned, self.size)
        mask = penalty.argmin(axis=1)
        return np.asarray(across ^ self.plain[mask], dtype=np.uint64)


@cache
def _layout(version: int, level: Level) -> _Layout:
    """Return the layout of a version, learnt from the codes that ``qrcode`` itself draws."""
    code = qrcode.QRCode(version=version, error_correction=_LEVELS[level])
    zeros = [0] * len(qrcode.util.create_data(version, code.error_correction, []))

    def drawn(words: list[int], mask: int, *, test: bool) -> Bits:
        code.data_cache = words
        code.makeImpl(test, mask)
        return np.array(code.modules, dtype=np.bool_)

    plain, judged = (
        _packed(np.stack([drawn(zeros, mask, test=test) for mask in range(MASKS)]))
        for test in (False, True)
    )
    # Bit number k of the words is found by drawing words whose bit k is bit j of k+1, for
    # each j: the drawings, read one upon the other, spell k+1 at the module where it went.
    numbers = np.arange(1, 8 * len(zeros) + 1)
    ground = drawn(zeros, 0, test=False)
    place = np.zeros(ground.shape, dtype=np.int64)
    for j in range(int(numbers[-1]).bit_length()):
        words = np.packbits((numbers >> j & 1).astype(np.uint8)).tolist()
        place |= (drawn(words, 0, test=False) ^ ground).astype(np.int64) << j
    return _Layout(len(ground), place - 1, plain, judged)


def _packed(modules: Bits) -> Words:
    """Return each row of modules as one number, the first module in its lowest bit."""
    weights = np.uint64(1) << np.arange(modules.shape[-1], dtype=np.uint64)
    return np.asarray(modules @ weights, dtype=np.uint64)


def _unpacked(rows: Words, size: int) -> Bits:
    """Undo `_packed`."""
    return (rows[..., None] >> np.arange(size, dtype=np.uint64) & np.uint64(1)).astype(np.bool_)


def _penalty(across: Words, down: Words, size: int) -> NDArray[np.int64]:
    """Return the penalty of ISO/IEC 18004, 7.8.3, of codes given by packed rows and columns.

    Parameters
    ----------
    across, down
        Shape (…, size): the rows of each code, and its columns.
    size
        Modules per side.
    """
    total = sum(_runs(lines, size) + _finders(lines, size) for lines in (across, down))
    return total + _blocks(across, size) + _balance(across, size)


def _ones(first: int) -> np.uint64:
    return np.uint64((1 << first) - 1)


def _count(words: Words) -> NDArray[np.int64]:
    return np.asarray(np.bitwise_count(words).sum(axis=-1), dtype=np.int64)


def _all(parts: Iterable[Words]) -> Words:
    return np.asarray(np.bitwise_and.reduce(list(parts)), dtype=np.uint64)


def _runs(lines: Words, size: int) -> NDArray[np.int64]:
    """Return 3 for every five modules of one colour in line, and 1 for each further one."""
    same = ~(lines ^ lines >> np.uint64(1))
    fives = _all(same >> np.uint64(k) for k in range(4)) & _ones(size - 4)
    # A run of L holds L - 4 fives, one of them its first: L - 2 in all.
    first = fives & ~(fives << np.uint64(1))
    return _count(fives) + 2 * _count(first)


def _blocks(rows: Words, size: int) -> NDArray[np.int64]:
    """Return 3 for every two by two modules of one colour."""
    same = ~(rows ^ rows >> np.uint64(1))
    above, below = rows[..., :-1], rows[..., 1:]
    return 3 * _count(same[..., :-1] & same[..., 1:] & ~(above ^ below) & _ones(size - 1))


def _finders(lines: Words, size: int) -> NDArray[np.int64]:
    """Return 40 for every dark-light 1:1:3:1:1 with four light modules before or after it."""
    found = np.zeros(lines.shape[:-1], dtype=np.int64)
    for pattern in ("10111010000", "00001011101"):
        shifted = (
            lines >> np.uint64(k) if bit == "1" else ~(lines >> np.uint64(k))
            for k, bit in enumerate(pattern)
        )
        found += 40 * _count(_all(shifted) & _ones(size - len(pattern) + 1))
    return found


def _balance(rows: Words, size: int) -> NDArray[np.int64]:
    """Return 10 for each full 5 % by which the share of dark modules is off one half."""
    off = np.abs(2 * _count(rows) - size * size)
    return 10 * (10 * off // (size * size))
