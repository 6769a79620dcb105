"""The bytes of a file from outside, never more of them than asked for."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_at_most(path: Path, limit: int) -> bytes:
    """Return the bytes of a file; where it has more than ``limit``, one byte more than that.

    Raises
    ------
    OSError
        There is no such file, or it may not be read.
    """
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            size = about.st_size if stat.S_ISREG(about.st_mode) else limit
            return file.read(min(size, limit) + 1)
    except ValueError as error:  # NUL in a name
        raise OSError(str(error)) from None
