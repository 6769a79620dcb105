"""CPU time of QR codes and printed sheets: 5,000 codes, one mask or the best, and 4,500 letters.

Run ``python bench/qr.py [letters]`` from the repository.
"""

import resource
import sys
import time
from datetime import date

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

from intake.findings import Words
from survey_app.services import codes, posters, prints, qr, slips

BASE = "https://khaosat.example.gov.vn"
CODES = 5_000
LIBRARY_CODES = 200  # the library's own search is slow: measured on these, stated for all


def timed(name, work, scale=1.0, each=0):
    start = time.process_time()
    result = work()
    took = (time.process_time() - start) * scale
    one = f", {1000 * took / each:.1f} ms each" if each else ""
    print(f"{name:<58} {took:8.2f} s CPU{one}")
    return result


def by_library(links, mask=None):
    for link in links:
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, mask_pattern=mask)
        code.add_data(link, optimize=0)
        code.make()


def main(count):
    given = [slips.Slip(f"{BASE}/s/{code}".upper(), code) for code in made_codes(count)]
    links = [f"{BASE}/s/{code}".upper() for code in made_codes(CODES)]
    some, scale = links[:LIBRARY_CODES], CODES / LIBRARY_CODES
    print(f"{CODES} codes, level Q, version {qr.encode_one(links[0]).version}")
    timed("  qrcode, its own mask search", lambda: by_library(some), scale)
    timed("  qrcode, one fixed mask", lambda: by_library(some, 0), scale)
    timed("  words and error correction alone", lambda: [qr._words(link, "Q") for link in links])
    made = timed("  survey_app.services.qr.encode, best mask", lambda: qr.encode(links))
    timed("  drawn as SVG", lambda: [code.svg() for code in made])
    timed("  drawn as PNG, 10 pixels a module", lambda: [c.png() for c in made[:500]], 10)
    about = prints.PrintFacts(
        title=Words("Khảo sát mức độ hài lòng", "Satisfaction survey"),
        organisation="Sở Nội vụ",
        province="Ủy ban nhân dân tỉnh",
        closes=date(2026, 12, 31),
        base_url=BASE,
        simulated=True,
    )
    print(f"{count} letters in files of {slips.SLIPS_PER_FILE}")
    files = timed("  letter_files", lambda: list(slips.letter_files(given, about)), each=count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {sum(map(len, files)) / 1e6:.1f} MB of PDF, {peak:.0f} MB of memory at most")
    some_slips = given[:400]
    print(f"{len(some_slips)} of the other sheets")
    for name, work in (
        ("  letters on A5", lambda: slips.letters(some_slips, about, paper="a5")),
        ("  tickets, eight on A4", lambda: tickets(some_slips, about, "a4")),
        ("  tickets on a roll of 80 mm", lambda: tickets(some_slips, about, "80mm")),
        ("  posters, one file", lambda: posters.posters(doors(len(some_slips)), about)),
    ):
        made_pdf = timed(name, work, each=len(some_slips))
        print(f"    {len(made_pdf) / 1e6:.1f} MB")


def tickets(given, about, paper):
    return slips.tickets(given, about, counter_name="Quầy 1", paper=paper)


def doors(count):
    return [
        posters.Poster(f"Quầy {n}", "Trung tâm", f"{BASE}/q/c-{n}".upper()) for n in range(count)
    ]


def made_codes(count):
    return [codes.new_code() for _ in range(count)]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4_500)
