"""What stands at the head of every official paper (Decree 30/2020/NĐ-CP, appendix I)."""

from __future__ import annotations

from collections.abc import Mapping

from sampling.minutes.figures import day
from sampling.minutes.papers import BLANK, Paper

_BLANK_SHORT = "……………"
_VI = {
    "state": "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "motto": "Độc lập - Tự do - Hạnh phúc",
    "number": "Số:",
    "day": "ngày …… tháng …… năm ………",
    "recipients": "Nơi nhận:",
    "blank": BLANK,
    "blank_short": _BLANK_SHORT,
}
_EN = {
    "state": "SOCIALIST REPUBLIC OF VIET NAM",
    "motto": "Independence - Freedom - Happiness",
    "number": "No.",
    "day": "………………………",
    "recipients": "Copies to:",
    "blank": BLANK,
    "blank_short": _BLANK_SHORT,
}


def head_words(lang: str) -> Mapping[str, str]:
    """Return the fixed words of the head: state, motto, number, recipients, blanks."""
    return _EN if lang == "en" else _VI


def printed_day(paper: Paper) -> str:
    """Return the day of a paper as its head shows it, or room for it."""
    return day(paper.day, paper.lang) if paper.day else head_words(paper.lang)["day"]
