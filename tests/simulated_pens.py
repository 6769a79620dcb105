"""SIMULATED pens and scanners: filled paper forms as a scanner or a phone would see them.

No real handwriting is behind these pictures. Strokes are jittered lines of pen width; scans are
turned, bent in perspective, lit unevenly, blurred, made noisy and packed as JPEG. How real people
tick, and how real scanners see it, must be measured in a pilot.
"""

import io
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import pypdfium2
from PIL import Image, ImageDraw

BLUE, BLACK, PENCIL = 70, 35, 175
BOX = 5.0
KINDS = {
    "empty": 0.70,
    "tick": 0.22,
    "correction": 0.02,
    "faint": 0.02,
    "smudge": 0.02,
    "dot": 0.01,
    "beside": 0.01,
}
"""What people leave in a box, and how often: a guess, with more trouble than is to be hoped for."""
RIGHT = {("empty", "empty"), ("tick", "ticked")}
"""What may be decided; of every other kind of mark only a doubt is right."""


def blank_pages(pdf: bytes, count: int, dpi: int) -> list[np.ndarray]:
    """The first pages of a PDF as grey pictures."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [
        np.array(document[number].render(scale=dpi / 72, grayscale=True).to_pil().convert("L"))
        for number in range(count)
    ]
    document.close()
    return pages


@dataclass
class Pen:
    """Draws on one page; places are in mm, the pen some 0.3 to 0.6 mm wide."""

    page: np.ndarray
    dpi: int
    rng: np.random.Generator

    def strokes(self, lines, tone, width):
        """Draw lines smoothly: four times as large, then made small and laid over the page."""
        scale = self.dpi / 25.4
        points = np.concatenate([np.asarray(line, float) for line in lines])
        low = np.maximum(np.floor((points.min(0) - 2) * scale), 0).astype(int)
        high = np.ceil((points.max(0) + 2) * scale).astype(int)
        size = high - low
        drawn = Image.new("L", tuple(int(side) for side in size * 4), 255)
        brush = ImageDraw.Draw(drawn)
        for line in lines:
            path = (np.asarray(line, float) * scale - low) * 4
            brush.line(
                [tuple(p) for p in path], int(tone), max(round(width * scale * 4), 1), "curve"
            )
        small = np.asarray(drawn.resize(tuple(int(side) for side in size), Image.BOX))
        part = self.page[low[1] : high[1], low[0] : high[0]]
        np.minimum(part, small[: part.shape[0], : part.shape[1]], out=part)

    def _bent(self, *points):
        """A line through points, by a hand that is never quite steady."""
        made = []
        for start, end in pairwise(points):
            for step in np.linspace(0, 1, 6):
                made.append(np.add(start, np.subtract(end, start) * step))
        return np.array(made) + self.rng.normal(0, 0.06, (len(made), 2))

    def tick(self, x, y):
        """An ordinary tick or cross in blue or black, within or a little over the box."""
        rng = self.rng
        tone, width = rng.choice([BLUE, BLACK]), rng.uniform(0.3, 0.6)
        at = np.array([x, y]) + rng.normal(0, 0.25, 2)
        big = rng.uniform(0.8, 1.25)

        def place(u, v):
            return at + BOX / 2 + (np.array([u, v]) - 0.5) * BOX * big

        kind = rng.choice(["tick", "cross", "slash"], p=[0.5, 0.4, 0.1])
        if kind == "tick":
            lines = [self._bent(place(0.15, 0.5), place(0.4, 0.85), place(0.95, 0.05))]
        elif kind == "cross":
            lines = [
                self._bent(place(0.12, 0.12), place(0.88, 0.88)),
                self._bent(place(0.88, 0.12), place(0.12, 0.88)),
            ]
        else:
            lines = [self._bent(place(0.1, 0.9), place(0.9, 0.1))]
        self.strokes(lines, tone, width)

    def correction(self, x, y):
        """A tick taken back: the box filled by scribbling, as the form asks."""
        self.tick(x, y)
        rng = self.rng
        rows = np.arange(0.3, BOX - 0.2, rng.uniform(0.28, 0.4))
        path = [(x + (0.3 if n % 2 else BOX - 0.3), y + row) for n, row in enumerate(rows)]
        self.strokes([self._bent(*path)], rng.choice([BLUE, BLACK]), rng.uniform(0.4, 0.6))

    def faint(self, x, y):
        """A tick in hard pencil or a dying pen."""
        tone = self.rng.uniform(175, 215)
        line = self._bent((x + 0.8, y + 2.6), (x + 2, y + 4.2), (x + 4.4, y + 0.6))
        self.strokes([line], tone, self.rng.uniform(0.3, 0.5))

    def smudge(self, x, y):
        """A grey stain of a finger or a wiped line."""
        scale = self.dpi / 25.4
        spot = np.zeros(self.page.shape, np.float32)
        centre = (round((x + 2.5) * scale), round((y + 2.5) * scale))
        cv2.ellipse(spot, centre, (round(2.4 * scale), round(1.4 * scale)), 30, 0, 360, 1.0, -1)
        spot = cv2.GaussianBlur(spot, (0, 0), 0.6 * scale) * self.rng.uniform(40, 90)
        np.copyto(self.page, np.clip(self.page - spot, 0, 255).astype(np.uint8))

    def dot(self, x, y):
        """The point of a pen that was set down and taken away."""
        at = np.array([x, y]) + self.rng.uniform(1.2, 3.8, 2)
        self.strokes([[at, at + 0.35]], BLUE, 0.5)

    def beside(self, x, y):
        """A ring around the box instead of a tick in it."""
        turn = np.linspace(0, 2 * np.pi, 30)
        ring = np.stack([x + 2.5 + 3.9 * np.cos(turn), y + 2.5 + 3.7 * np.sin(turn)], 1)
        self.strokes([ring], BLUE, 0.4)

    def write(self, x, y, text_mm=30.0):
        """Something like handwriting on a line."""
        steps = np.linspace(0, text_mm, 60)
        wave = np.stack([x + 2 + steps, y + 6 - 1.6 * np.abs(np.sin(steps * 1.7))], 1)
        self.strokes([wave + self.rng.normal(0, 0.15, wave.shape)], BLUE, 0.4)


def scanned(page, rng, *, angle=0.0, perspective=0.0, noise=4.0, jpeg=75, shade=0.0):
    """The page as a scan: turned by degrees, bent, shaded, noisy, packed."""
    high, wide = page.shape
    margin = round(0.03 * wide)
    page = cv2.copyMakeBorder(page, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=235)
    high, wide = page.shape
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    bent = corners + rng.uniform(-perspective, perspective, (4, 2)).astype(np.float32) * wide
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0)
    bent = cv2.transform(bent[None], turn)[0].astype(np.float32)
    place = cv2.getPerspectiveTransform(corners, bent)
    seen = cv2.warpPerspective(page, place, (wide, high), flags=cv2.INTER_AREA, borderValue=225)
    seen = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.5, 0.9)).astype(np.float32)
    light = 1 - shade * np.linspace(0, 1, wide)[None, :] * np.linspace(0.3, 1, high)[:, None]
    seen = seen * rng.uniform(0.88, 1.0) * light + rng.normal(0, noise, seen.shape)
    seen = np.clip(seen, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(seen).save(out, "JPEG", quality=jpeg)
    return np.array(Image.open(out))


def filled(blank, boxes, dpi, rng):
    """A page with a mark of some kind, or none, in every box; and which kind it was."""
    page = blank.copy()
    pen = Pen(page, dpi, rng)
    truth = {box: str(rng.choice(list(KINDS), p=list(KINDS.values()))) for box in boxes}
    for box, kind in truth.items():
        if kind != "empty":
            getattr(pen, kind)(box.x, box.y)
    return page, truth


def seen(page, rng):
    """The page as one of many possible scanners sees it."""
    return scanned(
        page,
        rng,
        angle=rng.uniform(-3, 3),
        perspective=rng.uniform(0, 0.012),
        noise=rng.uniform(1, 7),
        jpeg=int(rng.integers(55, 95)),
        shade=rng.uniform(0, 0.25),
    )
