"""QR codes on the sheets as a phone sees them: each is photographed badly and read.

A photograph is the rendered PDF turned, seen aslant, stained, lit unevenly, blurred, with noise of
the sensor and kept as JPEG. The decoder (ZXing) is no part of what made the codes.
"""

import io
import itertools
from datetime import date

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from intake.findings import Words
from survey_app.services import codes, qr, slips
from survey_app.services.posters import Poster, posters
from survey_app.services.prints import PrintFacts
from survey_app.services.qr_sizes import (
    LEAST_MODULE_MM,
    MODULE_PER_DISTANCE,
    QrSize,
    least_side,
    thermal_side,
)
from survey_app.services.slips import Slip

BASE = "https://khaosat.haiphong.gov.vn"
CODE = codes.with_check(codes.plain(7**27))
LINK = f"{BASE}/s/{CODE}".upper()
DOOR = f"{BASE}/q/tt-le-chan".upper()
ABOUT = PrintFacts(
    title=Words("Khảo sát mức độ hài lòng năm 2026", "Satisfaction survey 2026"),
    organisation="Sở Nội vụ thành phố Hải Phòng",
    province="Ủy ban nhân dân thành phố Hải Phòng",
    closes=date(2026, 12, 9),
    base_url=BASE,
    simulated=True,
)
SLIP = [Slip(LINK, CODE)]
SHEETS = {
    "letter a4": (lambda: slips.letters(SLIP, ABOUT), LINK),
    "letter a5": (lambda: slips.letters(SLIP, ABOUT, paper="a5"), LINK),
    "ticket a4": (lambda: slips.tickets(SLIP, ABOUT, counter_name="Quầy 1"), LINK),
    "ticket 80mm": (
        lambda: slips.tickets(SLIP, ABOUT, counter_name="Quầy 1", paper="80mm"),
        LINK,
    ),
    **{
        f"poster {paper}": (
            lambda paper=paper: posters([Poster("Quầy 1", "TT", DOOR)], ABOUT, paper=paper),
            DOOR,
        )
        for paper in ("a3", "a4", "a5")
    },
}
DESK = 205
PIXELS_PER_MODULE = 5  # as of a letter 30 cm away, or a ticket 18 cm away (qr_sizes)


def read(picture):
    return zxingcpp.read_barcodes(np.asarray(picture.convert("L")))


@pytest.fixture(scope="module", params=SHEETS)
def print_(request):
    """A sheet's code with what is around it, at five pixels a module; its link and its width."""
    make, link = SHEETS[request.param]
    page = pypdfium2.PdfDocument(make())[0]
    [found] = read(page.render(scale=150 / 72, grayscale=True).to_pil())
    assert found.text == link
    at = found.position
    side = (at.top_right.x - at.top_left.x) / 150 * 72
    scale = PIXELS_PER_MODULE * qr.encode_one(link).size / side
    whole = page.render(scale=scale, grayscale=True).to_pil()
    left, top = (value * scale / 150 * 72 for value in (at.top_left.x, at.top_left.y))
    side *= scale
    around = 0.35 * side
    box = (left - around, top - around, left + side + around, top + side + around)
    return whole.crop([int(value) for value in box]), link, side


def tilted(picture, degrees):
    """A print seen by a camera that is tilted away from it, two widths before it."""
    wide, angle = picture.width, np.radians(degrees)
    half = wide / 2
    corners = np.array([(-half, -half), (half, -half), (half, half), (-half, half)])
    depth = 1 + corners[:, 1] * np.sin(angle) / (2 * wide)
    seen = np.column_stack([corners[:, 0], corners[:, 1] * np.cos(angle)]) / depth[:, None] + half
    rows, wanted = [], (corners + half).ravel()
    for (x, y), (u, v) in zip(seen, corners + half, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    back = np.linalg.solve(np.array(rows), wanted)
    return picture.transform(
        picture.size,
        Image.Transform.PERSPECTIVE,
        back.tolist(),
        Image.Resampling.BILINEAR,
        fillcolor=DESK,
    )


def stained(picture, side, share, *, cover):
    """A print with one square stain over a share of its code, away from the finder patterns.

    ``cover`` is how much of what lies below is lost: 1 is paint, 0.5 is tea.
    """
    half, middle = side * share**0.5 / 2, picture.width / 2
    edge = middle + side / 2
    stain = Image.new("L", picture.size, 0)
    box = (edge - 2 * half, middle - half, edge, middle + half)
    ImageDraw.Draw(stain).rectangle(box, fill=round(255 * cover))
    return Image.composite(Image.new("L", picture.size, 90), picture, stain)


def photographed(picture, chance, *, turn=0.0, tilt=0.0):
    """A bad photograph of a print that lies on a grey desk."""
    desk = Image.new("L", [round(1.6 * picture.width)] * 2, DESK)
    desk.paste(picture, [round(0.3 * picture.width)] * 2)
    desk = tilted(desk.rotate(turn, Image.Resampling.BILINEAR, fillcolor=DESK), tilt)
    seen = np.asarray(desk.filter(ImageFilter.GaussianBlur(0.9)), dtype=float)
    wide = desk.width
    light = np.linspace(0.45, 1.0, wide)[None, :] * np.linspace(0.8, 1.0, wide)[:, None]
    seen = 25 + 0.8 * seen * light + chance.normal(0, 9, (wide, wide))
    out = io.BytesIO()
    Image.fromarray(seen.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=45)
    return Image.open(out)


def test_every_sheet_is_read_from_bad_photographs(print_):
    picture, link, _ = print_
    chance = np.random.default_rng(5)
    for turn, tilt in itertools.product(range(0, 360, 40), (0, 30)):
        seen = photographed(picture, chance, turn=turn + tilt / 3, tilt=tilt)
        assert [found.text for found in read(seen)] == [link], (turn, tilt)


# Level Q repairs 26 of the 100 codewords of version 4. Paint over a tenth of a code spoils some
# 20, those it covers in part too; over 15 % it spoils about as many as can be repaired.
@pytest.mark.parametrize(("share", "cover"), [(0.1, 1.0), (0.3, 0.5)])
def test_a_stained_code_is_still_read(print_, share, cover):
    picture, link, side = print_
    chance = np.random.default_rng(6)
    dirty = stained(picture, side, share, cover=cover)
    for turn in (0, 33, 190):
        assert [found.text for found in read(photographed(dirty, chance, turn=turn))] == [link], (
            turn
        )
    lost = stained(picture, side, 0.3, cover=1.0)
    assert not read(photographed(lost, chance))


def test_a_code_on_paper_has_level_q_and_the_version_that_capitals_alone_need(print_):
    picture, link, _ = print_
    [found] = read(picture)
    assert found.ec_level == "Q"
    # ISO/IEC 18004, table 7, level Q: alphanumeric 47, 67, 87 characters; bytes 32, 46, 60.
    version = qr.encode_one(link).version
    alphanumeric, byte = {3: (47, 32), 4: (67, 46), 5: (87, 60)}[version]
    assert byte < len(link) <= alphanumeric


def test_a_side_follows_from_the_distance_and_from_the_version():
    small, large = qr.encode_one("A"), qr.encode_one("A" * 250)
    assert (small.size, large.size) == (21, 61)
    assert least_side(small, 1000) == 100
    # 61 modules of 1/480 of the distance are more than its tenth.
    assert least_side(large, 960) == pytest.approx(61 * 2)
    assert least_side(large, 10) == pytest.approx(61 * LEAST_MODULE_MM)
    assert pytest.approx(1 / 480) == MODULE_PER_DISTANCE
    assert QrSize(1, 100).reach_mm == pytest.approx(1000)
    assert QrSize(11, 122).reach_mm == pytest.approx(960)
    assert QrSize(11, 122).module_mm == 2


def test_no_sheet_has_a_module_that_printers_smear():
    largest = qr.encode_one("A" * 250)
    sizes = [slips.letter_size(largest, paper) for paper in slips.LETTER_PAPERS]
    sizes += [slips.ticket_size(largest, paper) for paper in slips.TICKET_PAPERS]
    assert min(size.module_mm for size in sizes) >= LEAST_MODULE_MM
    assert thermal_side(largest, 40) == 61 * 5 / 8
    assert thermal_side(largest, 10) == 61 * 4 / 8  # four dots at least


@pytest.mark.parametrize("distance_cm", [100, 150])
def test_a_phone_reads_a_poster_from_the_distance_that_it_was_made_for(distance_cm):
    paper = "a4" if distance_cm == 100 else "a3"
    made = posters(
        [Poster("Quầy 1", "TT", DOOR)], ABOUT, paper=paper, reading_distance_mm=10 * distance_cm
    )
    # What stands in 1280 pixels of a lens that sees 36/27 of the distance.
    per_mm = 1280 / (10 * distance_cm * 36 / 27)
    page = pypdfium2.PdfDocument(made)[0].render(scale=per_mm * 25.4 / 72, grayscale=True).to_pil()
    frame = Image.new("L", (1280, 1280), 120)
    frame.paste(page, (130, 110))
    seen = frame.rotate(4, Image.Resampling.BILINEAR, fillcolor=120)
    seen = seen.filter(ImageFilter.GaussianBlur(0.5))
    assert [found.text for found in read(seen)] == [DOOR]
