"""How long a wrong code takes to be refused, sharing letters with an issued one or none.

The medians of 2,000 tries of each kind, taken in turn, should differ by less than 5 %: codes are
looked up by their MAC, so no letter of a code can be found before the others. Run
``python -m bench lookups`` from the repository.
"""

import secrets
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from builders import TODAY, a_round, an_installation, some_codes

from intake.findings import ResponseError
from survey_app.services import answering
from survey_app.services.codes import ALPHABET, PLAIN_LENGTH, new_code, with_check

TRIES = 2_000
ISSUED = 20_000


def akin(code, known):
    """A code that nobody was given, with so many first letters of one that was."""
    rest = (secrets.choice(ALPHABET) for _ in range(PLAIN_LENGTH - known))
    return with_check(code[:known] + "".join(rest))


def main():
    with tempfile.TemporaryDirectory() as folder:
        here = an_installation(Path(folder) / "data")
        issued = some_codes(here, a_round(here), {"demo.10507": ISSUED})
        keyring, took = here.keyring(), {"random": [], 4: [], 8: [], 12: []}
        for number in range(TRIES + 200):
            for kind, times in took.items():
                code = new_code() if kind == "random" else akin(secrets.choice(issued), kind)
                begun = time.perf_counter()
                with suppress(ResponseError):
                    answering.find_invitation(here.engine, keyring, code, TODAY)
                if number >= 200:  # caches are warm
                    times.append(time.perf_counter() - begun)
        here.engine.dispose()
    base = statistics.median(took["random"])
    print(f"{TRIES} wrong codes of each kind among {ISSUED} issued, SQLite, taken in turn")
    for kind, times in took.items():
        name = kind if kind == "random" else f"first {kind} letters of an issued code"
        median = statistics.median(times)
        print(f"  {name:<42} median {1e6 * median:7.1f} us, {100 * (median / base - 1):+.2f} %")


if __name__ == "__main__":
    main()
