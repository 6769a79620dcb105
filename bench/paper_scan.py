"""How often boxes of scanned paper forms are decided, and decided wrongly, on SIMULATED pens.

Run ``python -m bench.paper_scan [rounds]`` from the repository; needs the extra ``paper``. No real
handwriting is behind these figures.
"""

import sys
import time
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from simulated_pens import RIGHT, blank_pages, filled, seen

from intake.findings import Words
from questionnaires import load
from survey_app.services import codes, prints
from survey_app.services.paper.marks import read_box
from survey_app.services.paper.printing import set_form
from survey_app.services.paper.registration import LostPageError, straighten

ABOUT = prints.PrintFacts(
    title=Words("Khảo sát", "Survey"),
    organisation="Sở Nội vụ",
    province="Ủy ban nhân dân",
    closes=date(2026, 12, 9),
    base_url="https://khaosat.example.gov.vn",
    simulated=True,
)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    rng = np.random.Generator(np.random.PCG64(2026))
    sheets = set_form(load("transaction", "2026-1"), ABOUT)
    pdf = sheets.pdf([codes.with_check(codes.plain(7**27))], ABOUT.base_url)
    layout = sheets.layout
    verdicts = defaultdict(Counter)
    pages = lost = seconds = 0
    for dpi in (150, 200, 300):
        blanks = blank_pages(pdf, layout.pages, dpi)
        for number in sorted({box.page for box in layout.boxes}) * rounds:
            boxes = [box for box in layout.boxes if box.page == number]
            page, truth = filled(blanks[number - 1], boxes, dpi, rng)
            picture = seen(page, rng)
            pages += 1
            start = time.process_time()
            try:
                read = straighten(picture)
            except LostPageError:
                lost += 1
                continue
            readings = [read_box(read.dark, box) for box in boxes]
            seconds += time.process_time() - start
            for one in readings:
                verdicts[truth[one.box]][one.verdict] += 1
    total = sum(count.total() for count in verdicts.values())
    doubtful = sum(count["doubtful"] for count in verdicts.values())
    plain = verdicts["empty"] + verdicts["tick"]
    wrong = sum(
        count
        for kind, found in verdicts.items()
        for verdict, count in found.items()
        if verdict != "doubtful" and (kind, verdict) not in RIGHT
    )
    print("SIMULATED pens and scanners; real handwriting is not measured")
    print(f"pages {pages}, not read {lost}, {1000 * seconds / max(pages, 1):.0f} ms CPU a page")
    print(f"boxes {total}, decided {total - doubtful}, wrong among decided {wrong}")
    print(f"doubtful {doubtful / total:.2%} of all boxes; of plain ticks and empty boxes "
          f"{plain['doubtful'] / plain.total():.2%}")  # fmt: skip
    for kind, found in verdicts.items():
        print(f"  {kind:<12} {dict(found)}")


if __name__ == "__main__":
    main()
