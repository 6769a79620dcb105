"""How large a printed QR code must be to be read from where people stand, in millimetres.

Three numbers decide, each from whoever makes printers or readers:

- the side is a tenth of the reading distance at least, the usual rule of signs;
- a phone must see each module as two pixels at least (Google, ML Kit, barcode scanning, "Input
  image guidelines"). Readers look at frames of 1280 by 720 pixels, the smaller of the two sizes
  named there. The main camera of a phone (a lens like 27 mm on 36 mm film) sees 36/27 mm
  across for each mm of distance, so that a pixel is 1/960 of the distance and a module
  1/480 of it. Up to version 7 this asks for less than the tenth;
- a module is four dots of the printer at least (DENSO WAVE, "Point for setting the module size").
  At 0.4 mm an office printer has nine, and a head of 8 dots a millimetre has too few: there
  a module is a whole number of dots, of 0.5 mm at least.
"""

from __future__ import annotations

from dataclasses import dataclass

from survey_app.services.qr import QrCode

SIDE_PER_DISTANCE = 1 / 10
MODULE_PER_DISTANCE = 2 * (36 / 27) / 1280
LEAST_MODULE_MM = 0.4
DOTS_PER_MM = 8  # heads of 203 dots an inch, by far the most common on rolls
LEAST_DOTS = 4


@dataclass(frozen=True)
class QrSize:
    """A code as it stands on paper.

    Attributes
    ----------
    version
        Version of the code, 1 to 11.
    side_mm
        Width of its dark modules; the quiet zone of four modules is added on each side.
    """

    version: int
    side_mm: float

    @property
    def modules(self) -> int:
        """Modules per side, without the quiet zone."""
        return 17 + 4 * self.version

    @property
    def module_mm(self) -> float:
        """Width of one module."""
        return self.side_mm / self.modules

    @property
    def reach_mm(self) -> float:
        """The largest distance from which a cheap phone reads the code."""
        return min(self.side_mm / SIDE_PER_DISTANCE, self.module_mm / MODULE_PER_DISTANCE)


def least_side(code: QrCode, distance_mm: float) -> float:
    """Return the least width in mm of a code that is read from a distance in mm."""
    module = max(LEAST_MODULE_MM, distance_mm * MODULE_PER_DISTANCE)
    return max(distance_mm * SIDE_PER_DISTANCE, code.size * module)


def thermal_side(code: QrCode, most_mm: float) -> float:
    """Return the largest width in mm up to ``most_mm`` of which a module is whole dots."""
    dots = max(LEAST_DOTS, int(most_mm * DOTS_PER_MM / code.size))
    return code.size * dots / DOTS_PER_MM
