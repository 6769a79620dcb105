"""QR codes: the whole road from link to picture, read back by an independent decoder.

The reference for the matrices is the package ``qrcode`` with its own search for the mask.
"""

import io
import random
import re

import numpy as np
import pytest
import qrcode
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q

from survey_app.services import codes, qr

CAPITAL = "HTTP://192.168.1.20:8000/S/"
LINKS = [
    CAPITAL + "F8ZHKG6JWJ5NDW0QT",
    "HTTPS://KHAOSAT.HAIPHONG.GOV.VN/S/F8ZHKG6JWJ5NDW0QT",
    "http://127.0.0.1:8000/q/hb-03",
    "HTTPS://A.VN/Q/" + "X" * 70,
    "https://example.vn/" + "abc" * 50,
    "1",
]


def library_rows(link, level):
    code = qrcode.QRCode(error_correction={"M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q}[level])
    code.add_data(link, optimize=0)
    code.make()
    return tuple(sum(1 << x for x, dark in enumerate(row) if dark) for row in code.modules)


def read(picture):
    return [found.text for found in zxingcpp.read_barcodes(np.asarray(picture.convert("L")))]


def drawn(svg, px=6):
    """The dark rectangles of an SVG painted by hand: no other reading of its path is used."""
    width = int(re.search(r'viewBox="0 0 (\d+) \1"', svg).group(1))
    pixels = np.full((width * px, width * px), 255, np.uint8)
    for x, y, length, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", svg):
        assert length == back
        x, y, length = int(x) * px, int(y) * px, int(length) * px
        assert (pixels[y : y + px, x : x + length] == 255).all()
        pixels[y : y + px, x : x + length] = 0
    return Image.fromarray(pixels)


@pytest.mark.parametrize("level", ["M", "Q"])
@pytest.mark.parametrize("link", LINKS)
def test_the_quick_search_chooses_the_same_code_as_the_library(link, level):
    chance = random.Random(7)
    links = [link, *(link + codes.plain(chance.getrandbits(80))[: 1 + n] for n in range(4))]
    made = qr.encode(links, level)
    assert [code.rows for code in made] == [library_rows(link, level) for link in links]


def test_a_link_in_capitals_needs_a_smaller_code():
    capital, small = qr.encode(
        [CAPITAL + "F8ZHKG6JWJ5NDW0QT", CAPITAL.lower() + "F8ZHKG6JWJ5NDW0QT"]
    )
    assert capital.version == 3
    assert small.version == 4


@pytest.mark.parametrize("link", LINKS)
def test_a_decoder_reads_the_link_from_svg_and_png(link):
    code = qr.encode_one(link)
    assert read(drawn(code.svg())) == [link]
    picture = Image.open(io.BytesIO(code.png(4)))
    assert picture.size == (4 * code.width, 4 * code.width)
    assert read(picture) == [link]


def test_the_picture_has_a_white_border_of_four_modules_and_one_path():
    code = qr.encode_one(LINKS[0])
    pixels = np.asarray(Image.open(io.BytesIO(code.png(1))).convert("L"))
    border = np.ones_like(pixels, dtype=bool)
    border[4:-4, 4:-4] = False
    assert (pixels[border] == 255).all()
    assert pixels[4, 4] == 0
    assert code.svg().count("<path") == 1


def test_codes_of_several_versions_come_back_in_the_order_of_their_links():
    chance = random.Random(3)
    links = ["HTTPS://A.VN/" + "A" * chance.randrange(100) for _ in range(700)]
    steps = []
    made = qr.encode(links, progress=lambda done, total: steps.append((done, total)))
    assert [code.link for code in made] == links
    assert steps == [(500, 700), (700, 700)]
    assert made[699] == qr.encode_one(links[699])


def test_a_quarter_less_one_corner_of_dirt_is_still_read():
    code = qr.encode_one(LINKS[0])
    picture = Image.open(io.BytesIO(code.png(8))).convert("L")
    middle = picture.width // 2
    picture.paste(255, (middle, middle, middle + 5 * 8, middle + 5 * 8))
    assert read(picture.rotate(11, expand=True, fillcolor=255)) == [LINKS[0]]


def test_no_links_make_no_codes():
    assert qr.encode([]) == []


@pytest.mark.parametrize("link", ["HTTPS://A.VN/" + "A" * 300, "https://a.vn/" + "a" * 10_000])
def test_a_link_too_long_for_paper_is_refused(link):
    with pytest.raises(qr.LinkTooLongError, match="too long"):
        qr.encode_one(link)
    with pytest.raises(ValueError, match="pixel"):
        qr.encode_one("A").png(0)
