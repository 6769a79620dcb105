"""Whether the earlier draws, whose random numbers a draw goes by, are those that were given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from intake.findings import DrawError, Faults, Finding, Words
from survey_app.cli.commitments import occasion_of
from survey_app.cli.proofs import Proof, prove, sentences

if TYPE_CHECKING:
    from sampling.coordination import NumbersFrom
    from sampling.drawing import Draw


@dataclass(frozen=True)
class Link:
    """A stage of a draw that goes by the numbers of an earlier one, and what both share.

    ``expected`` is what two independent draws would share on average; ``None`` where it is
    not known: below stage 1, and for methods without probabilities of their own.
    """

    later: Proof
    earlier: Proof
    numbers: NumbersFrom
    both: int
    expected: float | None

    def as_dict(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            **self.earlier.as_dict(),
            "later": str(self.later.folder),
            "stage": self.numbers.unit,
            "both": self.both,
            "expected": self.expected,
        }


def prove_earlier(folders: Iterable[Path]) -> list[Proof]:
    """Repeat earlier draws; what differs is named with its folder.

    Raises
    ------
    DrawError
        As `prove`.
    """
    found = []
    for folder in folders:
        try:
            found.append(replace(prove(folder), earlier=True))
        except DrawError as error:
            raise DrawError(
                [replace(one, file=str(folder / (one.file or ""))) for one in error.findings]
            ) from None
    return found


def links_of(proof: Proof, earlier: Sequence[Proof]) -> tuple[list[Link], list[Finding]]:
    """Return which stages go by the numbers of which draw, and warnings.

    The draw was repeated with the seed that its design names. The earlier draws were, too,
    from their own files; where both seeds are one, the numbers are theirs. A draw among the
    earlier ones may go by the numbers of one before it.

    Raises
    ------
    DrawError
        A draw was given that no record names, or one of a later day than the draw that
        goes by its numbers.
    """
    from sampling.coordination import numbers_from

    by_seed = {one.seed: one for one in earlier}
    faults, found = Faults(), list[Link]()
    for later in (proof, *by_seed.values()):
        for numbers in numbers_from(later.draw.design):
            before = by_seed.get(numbers.seed)
            if before is None:
                faults.findings.append(_unchecked(later, numbers))
                continue
            found.append(_linked(later, before, numbers))
            _check_days(faults, later, before)
            _check_numbers(faults, before, numbers)
    named = {link.numbers.seed for link in found}
    for one in earlier:
        if one.seed not in named:
            _note_unnamed(faults, one)
    faults.raise_as(DrawError)
    return found, faults.findings


def link_sentences(link: Link, lang: str) -> list[str]:
    """Return what is known of an earlier draw, a line for each."""
    expected = "" if link.expected is None else f"{link.expected:.1f}"
    chance = (
        Words(
            f" (chọn độc lập thì trung bình {expected.replace('.', ',')})",
            f" (two independent draws: {expected} on average)",
        )
        if expected
        else Words("", "")
    )
    unit, folder = link.numbers.unit, link.earlier.folder
    head = Words(
        f"Lần chọn trước {folder}: khớp hạt giống, giai đoạn “{unit}” chọn theo số ngẫu nhiên của "
        f"lần này; hai mẫu có chung {link.both} đơn vị{chance.vi}.",
        f"Earlier draw {folder}: the seeds agree, stage '{unit}' goes by its random numbers; the "
        f"two samples share {link.both} units{chance.en}.",
    )
    return [head.in_language(lang), *(f"  {one}" for one in sentences(link.earlier, lang))]


def _linked(later: Proof, earlier: Proof, numbers: NumbersFrom) -> Link:
    shared = _drawn(later.draw, numbers.unit) & _drawn(earlier.draw, numbers.unit)
    expected = _expected(earlier.draw, later.draw) if numbers.stage == 1 else None
    return Link(later, earlier, numbers, len(shared), expected)


def _drawn(draw: Draw, unit: str) -> set[str]:
    stages = {place for place, one in enumerate(draw.design.stages, start=1) if one.unit == unit}
    return {row.unit_id for row in draw.rows if row.stage in stages}


def _expected(first: Draw, second: Draw) -> float | None:
    """Return what two independent draws of stage 1 would share."""
    from sampling.revision import chance_table

    if first.design.stages[0].unit != second.design.stages[0].unit:
        return None
    before, after = chance_table(first), chance_table(second)
    if before is None or after is None:
        return None
    both = before.merge(after, on="unit_id")
    return float((both["probability_x"] * both["probability_y"]).sum())


def _check_days(faults: Faults, later: Proof, earlier: Proof) -> None:
    before, after = (occasion_of(one.folder)[1] for one in (earlier, later))
    if before is not None and after is not None and before > after:
        faults.add(
            "draw-earlier-later",
            Words(
                f"{earlier.folder} ghi ngày {before:%d/%m/%Y}, sau ngày {after:%d/%m/%Y} của lần "
                "chọn dùng số ngẫu nhiên của nó.",
                f"{earlier.folder} is dated {before}, after {after}, the day of the draw that "
                "goes by its numbers.",
            ),
            Words("So ngày trong hai tệp draw.json.", "Compare the days in both draw.json."),
            path="--earlier",
        )


def _check_numbers(faults: Faults, earlier: Proof, numbers: NumbersFrom) -> None:
    from sampling.coordination import goes_by

    if goes_by(earlier.draw.design, earlier.seed, numbers.unit, numbers.seed):
        return
    faults.add(
        "draw-earlier-other-numbers",
        Words(
            f"{earlier.folder} không chọn “{numbers.unit}” theo số ngẫu nhiên này: phần chung của "
            "hai mẫu chỉ là ngẫu nhiên.",
            f"{earlier.folder} did not take its '{numbers.unit}' by these numbers: what the two "
            "samples share is a matter of chance.",
        ),
        Words(
            "Muốn giữ hay tránh đơn vị cũ, thiết kế phải ghi hạt giống mà lần trước đã chọn theo.",
            "To keep or to spare its units, a design names the seed that the earlier draw went by.",
        ),
        path="--earlier",
        severity="warning",
    )


def _unchecked(later: Proof, numbers: NumbersFrom) -> Finding:
    return Finding(
        "draw-earlier-unchecked",
        Words(
            f"Giai đoạn “{numbers.unit}” chọn theo số ngẫu nhiên của một lần chọn trước (hạt giống "
            f"{numbers.seed[:16]}…), lần đó chưa được kiểm tra: ai tự đặt được hạt giống ấy thì "
            "định được mẫu.",
            f"Stage '{numbers.unit}' goes by the random numbers of an earlier draw (seed "
            f"{numbers.seed[:16]}…), which was not checked: whoever could choose that seed could "
            "choose the sample.",
        ),
        Words(
            "Thêm --earlier với thư mục đã công bố của lần chọn đó.",
            "Add --earlier with the published folder of that draw.",
        ),
        "warning",
        str(later.folder / "draw.json"),
        path=f"design.stages[{numbers.stage - 1}].coordination",
    )


def _note_unnamed(faults: Faults, one: Proof) -> None:
    faults.add(
        "draw-earlier-unnamed",
        Words(
            f"Không hồ sơ nào ghi hạt giống {one.seed[:16]}… của {one.folder}.",
            f"No record names the seed {one.seed[:16]}… of {one.folder}.",
        ),
        Words(
            "Chỉ ra lần chọn có hạt giống ghi ở “coordination” của thiết kế.",
            "Give the draw whose seed stands under 'coordination' in the design.",
        ),
        path="--earlier",
    )
