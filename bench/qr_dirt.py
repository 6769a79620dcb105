"""How much opaque dirt a printed code survives at the levels M, Q and H, all of one printed size.

One square stain of paint lies somewhere on the code, finder patterns and all; the print is seen a
little turned, blurred and noisy, at so many pixels a side as a phone has of it at the distance
that the code was made for (a tenth of it) and at twice that distance. Printed is the share of
stained codes that an independent decoder (ZXing) reads.

Run ``python -m bench.qr_dirt [tries]`` from the repository.
"""

import sys

import numpy as np
import qrcode
import zxingcpp
from PIL import Image, ImageFilter
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M, ERROR_CORRECT_Q

BASE = "HTTPS://KHAOSAT.HAIPHONG.GOV.VN"
LINKS = {"letter": f"{BASE}/S/ABCDEFGH234567MNP", "poster": f"{BASE}/Q/TT-LE-CHAN"}
LEVELS = {"M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
SHARES = (0.0, 0.03, 0.06, 0.09, 0.12, 0.15, 0.2)
SIDE = {"near": 185, "twice as far": 92}  # pixels: five a module at version 4, and half of that
PRINTED = 1400
QUIET = 4


def printed(link, level):
    """Return a print of a code with its quiet zone, and the version."""
    code = qrcode.QRCode(error_correction=LEVELS[level], border=QUIET)
    code.add_data(link)
    code.make(fit=True)
    modules = np.array(code.get_matrix())
    picture = Image.fromarray(np.where(modules, 0, 255).astype(np.uint8))
    size = round(PRINTED * len(modules) / (len(modules) - 2 * QUIET))
    return picture.resize((size, size), Image.Resampling.NEAREST), code.version


def is_read(picture, link, share, side, chance):
    """Whether one stained print is read."""
    stained, stain = picture.copy(), round(PRINTED * share**0.5)
    start = (picture.width - PRINTED) // 2
    left, top = (start + chance.integers(0, PRINTED - stain + 1, 2)).tolist()
    stained.paste(90, (left, top, left + stain, top + stain))
    size = round(picture.width * side / PRINTED)
    seen = stained.rotate(chance.uniform(0, 90), Image.Resampling.BILINEAR, True, fillcolor=255)
    seen = seen.resize([round(size * seen.width / picture.width)] * 2, Image.Resampling.BOX)
    grey = np.asarray(seen.filter(ImageFilter.GaussianBlur(0.7)), dtype=float)
    grey = 25 + 0.8 * grey + chance.normal(0, 9, grey.shape)
    found = zxingcpp.read_barcodes(grey.clip(0, 255).astype(np.uint8))
    return [one.text for one in found] == [link]


def main(tries):
    chance = np.random.default_rng(7)
    print(f"{tries} tries each; share of the code's area under one opaque square, anywhere")
    print(f"{'':34}" + "".join(f"{100 * share:6.0f} %" for share in SHARES))
    for name, link in LINKS.items():
        for where, side in SIDE.items():
            for level in LEVELS:
                picture, version = printed(link, level)
                read = [
                    sum(is_read(picture, link, share, side, chance) for _ in range(tries)) / tries
                    for share in SHARES
                ]
                row = f"{name}, {where}, {level} (version {version})"
                print(f"{row:34}" + "".join(f"{100 * part:6.0f} %" for part in read), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
