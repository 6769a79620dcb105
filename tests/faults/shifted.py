"""Our command under a clock that a test moves: ``CLOCK`` names a file with seconds to add.

libfaketime would move it for the whole process, but Python's own sleep fails under it.
"""

import os
import sys
import time
from datetime import date
from pathlib import Path

from survey_app.cli import main
from survey_app.services import installation

_true = time.time


def _moved() -> float:
    return _true() + int(Path(os.environ["CLOCK"]).read_text())


class _Day(date):
    @classmethod
    def today(cls) -> date:
        return date.fromtimestamp(_moved())  # noqa: DTZ012 - the local calendar is meant


if __name__ == "__main__":
    time.time = _moved
    installation.date = _Day
    sys.exit(main())
