"""What the charts of a plan have in common: colours, fonts, numbers, and words of two languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sampling.precision.refusals import check_choice
from sampling.precision.trial import Trial

INK, QUIET, LINE, BLUE, ORANGE = "#1b2a36", "#5b6b78", "#d9e0e6", "#0b5a8a", "#c2570c"
FONT = "Be Vietnam Pro, Noto Sans, DejaVu Sans, sans-serif"


def number(value: float, digits: int, lang: str) -> str:
    """Return a number as it is written in a language.

    Examples
    --------
    >>> number(1234.5, 1, "vi"), number(1234.5, 1, "en")
    ('1.234,5', '1,234.5')
    """
    text = f"{value:,.{digits}f}"
    return text if lang == "en" else text.translate(str.maketrans(",.", ".,"))


def axis_numbers(lang: str) -> str:
    """Return the Vega expression that writes the numbers of an axis."""
    plain = "format(datum.value, ',~r')"
    if lang == "en":
        return plain
    return f"replace(replace(replace({plain}, /,/g, '_'), '.', ','), /_/g, '.')"


def apart(values: Sequence[float], gap: float) -> list[float]:
    """Return values moved as little as needed to keep a gap between neighbours.

    Examples
    --------
    >>> apart([1.0, 1.0, 5.0], 1.0)
    [0.5, 1.5, 5.0]
    """
    order = sorted(range(len(values)), key=lambda at: values[at])
    blocks: list[tuple[float, list[int]]] = []
    for at in order:
        blocks.append((values[at], [at]))
        while len(blocks) > 1 and _low(blocks[-1], gap) - _high(blocks[-2], gap) < gap:
            (first, some), (second, more) = blocks[-2], blocks[-1]
            size = len(some) + len(more)
            middle = (first * len(some) + second * len(more)) / size
            blocks[-2:] = [(middle, [*some, *more])]
    placed = list(values)
    for block in blocks:
        for place, at in enumerate(block[1]):
            placed[at] = _low(block, gap) + place * gap
    return placed


def _low(block: tuple[float, list[int]], gap: float) -> float:
    return block[0] - gap * (len(block[1]) - 1) / 2


def _high(block: tuple[float, list[int]], gap: float) -> float:
    return block[0] + gap * (len(block[1]) - 1) / 2


def dressed(chart: Any, title: str, note: str) -> Any:  # noqa: ANN401
    """Give a chart its title and the looks that all share."""
    import altair as alt

    heading = alt.TitleParams(title, subtitle=note, anchor="start", offset=16, frame="group")
    return (
        chart.properties(title=heading, padding={"left": 10, "right": 24, "top": 10, "bottom": 10})
        .configure(background="white", font=FONT)
        .configure_title(fontSize=15, subtitleFontSize=12, subtitleColor=QUIET, color=INK,
                         subtitlePadding=4)
        .configure_axis(
            labelFontSize=12, titleFontSize=12, labelColor=INK, titleColor=QUIET, gridColor=LINE,
            domainColor=LINE, tickColor=LINE, titleFontWeight="normal", titlePadding=10,
            labelFlush=False,
        )
        .configure_view(stroke=None)
    )  # fmt: skip


@dataclass(frozen=True)
class Words:
    """The words of the charts in one language; half-widths of shares are shown in points."""

    lang: str
    share: bool
    overall: str
    design: str
    best: str
    half_width: str
    answers: str
    take: str
    difference: str
    chance: str
    pairs: str
    test: str
    joint: str
    cost_title: str
    cost_note: str
    take_title: str
    take_note: str
    ranks_title: str
    ranks_note: str
    pairs_title: str

    def points(self, value: float) -> float:
        """Return a width as it is shown: points of a hundred for a share."""
        return 100 * value if self.share else value

    def money(self, most: float) -> tuple[float, str]:
        """Return the unit of money for amounts up to ``most``, and its name."""
        vi = self.lang == "vi"
        if most >= 1e7:
            return 1e6, "Kinh phí (triệu đồng)" if vi else "Cost (million đồng)"
        return 1.0, "Kinh phí" if vi else "Cost"

    def domain(self, column: str, name: str) -> str:
        """Return the name of a domain; a bare digit needs its column."""
        return f"{column} = {name}" if name.isdigit() or not name else name

    def per_unit(self, answers: float, *, own: bool) -> str:
        """Return how many answers a unit has; in words for the design's own number."""
        shown = number(answers, 0, self.lang)
        if not own:
            return shown
        return f"{shown} phiếu" if self.lang == "vi" else f"{shown} answers"

    def units_each(self, units: float, take: float) -> str:
        """Return units times take."""
        left, right = number(units, 0, self.lang), number(take, 0, self.lang)
        word = "đơn vị" if self.lang == "vi" else "units"
        return f"{left} {word} × {right}"

    def pairs_note(self, trial: Trial) -> str:
        """Return what the chart of pairs takes for granted."""
        sd = number(self.points(trial.between), 1, self.lang)
        count = number(float(trial.layout.counts.sum()), 0, self.lang)
        if self.lang == "vi":
            return (
                f"Cả {count} đơn vị, độ lệch chuẩn giữa các đơn vị {sd} điểm; "
                "số bên điểm: phiếu trả lời mỗi đơn vị"
            )
        return (
            f"All {count} units, standard deviation between units {sd} points; "
            "beside the points: answers in a unit"
        )


def words(lang: str, *, share: bool) -> Words:
    """Return the words of a language."""
    check_choice("lang", lang, ("vi", "en"))
    points = ("điểm phần trăm" if share else "điểm") if lang == "vi" else "points"
    texts = _VI if lang == "vi" else _EN
    return Words(
        lang, share, **{key: text.replace("{points}", points) for key, text in texts.items()}
    )


_VI = {
    "overall": "Chung",
    "design": "Thiết kế",
    "best": "Tối ưu",
    "half_width": "Nửa khoảng tin cậy (± {points})",
    "answers": "Số phiếu trả lời",
    "take": "Số phiếu phát mỗi đơn vị",
    "difference": "Chênh lệch thật giữa hai đơn vị ({points})",
    "chance": "Khả năng phân biệt (%)",
    "pairs": "Số cặp phân biệt được (%)",
    "test": "kiểm định từng cặp",
    "joint": "khoảng hạng đồng thời",
    "cost_title": "Tăng kinh phí thì độ chính xác tăng bao nhiêu",
    "cost_note": "Số đơn vị tăng, số phiếu mỗi đơn vị giữ nguyên",
    "take_title": "Cùng một kinh phí: nhiều đơn vị ít phiếu hay ngược lại",
    "take_note": "Mọi điểm tốn xấp xỉ bằng kinh phí của thiết kế",
    "ranks_title": "Hai đơn vị chênh nhau bao nhiêu thì phân biệt được thứ hạng",
    "ranks_note": "Số trên đường: phiếu trả lời mỗi đơn vị; nét đứt: 80 %",
    "pairs_title": "Xếp hạng mọi đơn vị: tiền và số cặp phân biệt được",
}
_EN = {
    "overall": "Overall",
    "design": "Design",
    "best": "Best",
    "half_width": "Half-width of the interval (± {points})",
    "answers": "Answers",
    "take": "Cases issued in each unit",
    "difference": "True difference between two units ({points})",
    "chance": "Chance to tell them apart (%)",
    "pairs": "Pairs told apart (%)",
    "test": "test of each pair",
    "joint": "joint rank intervals",
    "cost_title": "What more money buys",
    "cost_note": "More units, the same take in each",
    "take_title": "For one cost: many units with few cases, or the reverse",
    "take_note": "Every point costs about as much as the design",
    "ranks_title": "How different two units must be for their ranks to be told apart",
    "ranks_note": "Numbers on the lines: answers in each unit; dashed: 80 %",
    "pairs_title": "Ranking all units: cost and pairs told apart",
}
