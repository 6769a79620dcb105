"""An official paper as Markdown; the minutes of a draw (biên bản chọn mẫu) among them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from intake.findings import Finding
from sampling.design import SampleDesign
from sampling.frame import Frame
from sampling.minutes.content import Drawing, Occasion, minutes_paper
from sampling.minutes.figures import day
from sampling.minutes.papers import BLANK, Block, Commands, Facts, Lines, Paper
from sampling.sample import Row


def minutes_of(
    record: Mapping[str, object],
    design: SampleDesign,
    frame: Frame,
    rows: Sequence[Row],
    findings: Sequence[Finding],
    *,
    lang: str = "vi",
    operator: str = "",
    drawn_on: date | None = None,
) -> str:
    """Return the minutes of a draw: what it rests on, who was drawn, how it is checked.

    Parameters
    ----------
    record
        What ``draw.json`` holds.
    design, frame
        What was carried out, and on what.
    rows
        The drawn rows and the reserves, each in their order.
    findings
        What is to be noted.
    lang
        ``en`` for English, else Vietnamese.
    operator, drawn_on
        Who drew and when; left blank to be filled in by hand.
    """
    occasion = Occasion(operator=operator, drawn_on=drawn_on)
    return markdown_of(
        minutes_paper(Drawing(record, design, frame, rows, findings, occasion), lang)
    )


def markdown_of(paper: Paper) -> str:
    """Return a paper as Markdown; names in it cannot become markup."""
    lines = [f"# {plain(paper.heading)}", "", f"**{plain(paper.subject)}**", ""]
    if paper.day:
        lines += [", ".join(part for part in (plain(paper.place), day(paper.day, paper.lang))
                            if part), ""]  # fmt: skip
    for section in paper.sections:
        lines += [f"## {plain(section.title)}", ""]
        for block in section.blocks:
            lines += [*_block(block), ""]
    lines += [line for text in paper.closing for line in (plain(text), "")]
    for place in paper.signatures:
        name = plain(place.name) or BLANK
        lines.append(f"- {plain(place.capacity)} {plain(place.manner)}: {name}")
    return "\n".join(lines) + "\n"


def _block(block: Block) -> list[str]:
    """Return the lines of one block."""
    if isinstance(block, Facts):
        return [f"- {plain(one.label)}: {_value(one.value, one.exact)}" for one in block.items]
    if isinstance(block, Lines):
        return [("- " if block.listed else "") + plain(text) for text in block.texts]
    if isinstance(block, Commands):
        return ["```sh", *(text.replace("```", "'''") for text in block.texts), "```"]
    head = [plain(column.head) for column in block.columns]
    rule = ["--:" if column.right else "---" for column in block.columns]
    return [
        f"### {plain(block.title)}",
        "",
        f"| {' | '.join(head)} |",
        f"|{'|'.join(rule)}|",
        *(f"| {' | '.join(map(plain, row))} |" for row in block.rows),
    ]


def _value(value: str, exact: bool) -> str:
    if not value:
        return BLANK
    if not exact:
        return plain(value)
    # A code span ends at as many backquotes as it began with.
    longest = max((len(run) for run in re.findall("`+", value)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{value}{space}{fence}"


def plain(text: str) -> str:
    """Return a text that cannot break out of a table cell or become markup."""
    return " ".join(re.sub(r"[|<>`\\\[\]]", "/", text).split())
