"""The papers of a draw: the commitment before it, the minutes (biên bản chọn mẫu) after it."""

from sampling.minutes.commitment import (
    Commitment,
    commit,
    read_commitment,
)
from sampling.minutes.comparing import MinutesCompared, compare_minutes
from sampling.minutes.files import minutes_files, notice_files
from sampling.minutes.markdown import minutes_of
from sampling.minutes.opening import check_opening, check_record

__all__ = [
    "Commitment",
    "MinutesCompared",
    "check_opening",
    "check_record",
    "commit",
    "compare_minutes",
    "minutes_files",
    "minutes_of",
    "notice_files",
    "read_commitment",
]
