"""What the folder of a draw proves: its rows, its commitment, its minutes, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from intake.findings import Finding, Words
from survey_app.cli import commitments

if TYPE_CHECKING:
    from sampling.drawing import Draw
    from sampling.minutes import Commitment, MinutesCompared

_HOW = {
    "bytes": Words("giống nhau từng byte", "the same byte for byte"),
    "text": Words("cùng nội dung chữ", "the same words in another file"),
    "unread": Words(
        "chưa đối chiếu: không giống từng byte với tệp mà phiên bản này lập, và máy chưa cài "
        "pypdfium2 để đọc PDF",
        "not compared: not byte for byte what this release writes, and pypdfium2, which reads "
        "PDF, is not installed",
    ),
    "absent": Words("không có trong thư mục", "not in the folder"),
}


@dataclass(frozen=True)
class Proof:
    """A draw that was repeated, the commitment that it opens, how its minutes compare.

    Findings about an earlier draw name its folder, since two draws have files of one name.
    """

    folder: Path
    draw: Draw
    commitment: Commitment | None
    minutes: MinutesCompared
    earlier: bool = False

    @property
    def seed(self) -> str:
        """The seed, worked out from the files."""
        return str(self.draw.record["seed"])

    @property
    def findings(self) -> list[Finding]:
        """The warnings about the folder; those about the design were given with the draw."""
        found = (one for one in self.draw.findings if one.code.startswith("draw-"))
        return [self.placed(one) if self.earlier else one for one in found]

    def placed(self, finding: Finding) -> Finding:
        """Return a finding with the folder before its file."""
        return replace(finding, file=str(self.folder / (finding.file or "")))

    def as_dict(self) -> dict[str, object]:
        """Return what was proved as plain values."""
        return {
            "folder": str(self.folder),
            "seed": self.seed,
            "commitment": self.commitment.as_dict() if self.commitment else None,
            "minutes": dict(self.minutes.files),
            "notes_not_compared": self.minutes.notes,
        }


def prove(folder: Path, published: Path | None = None) -> Proof:
    """Draw again from a folder, and compare rows, record, commitment and minutes.

    Parameters
    ----------
    folder
        The folder of a draw.
    published
        The published commitment; without it the one in the folder is compared.

    Raises
    ------
    DrawError
        With the first difference of the first part that differs.
    """
    from sampling import verify_draw
    from sampling.minutes import check_record, compare_minutes, read_commitment

    again = verify_draw(folder)
    operator, day = commitments.occasion_of(folder)
    own = folder / commitments.COMMITMENT
    kept = read_commitment(own) if own.exists() else None
    held = commitments.require_same(folder, published) if published else kept
    if held is not None:
        check_record(held, again.record, day)
    minutes = compare_minutes(folder, again, operator=operator, drawn_on=day, commitment=kept)
    return Proof(folder, again, held, minutes)


def sentences(proof: Proof, lang: str) -> list[str]:
    """Return what was proved and what was not, a line for each."""
    told = [_repeats(proof.commitment), _minutes(proof.minutes.files, lang)]
    beyond = _beyond(proof.minutes)
    if beyond:
        listed = "; ".join(one.in_language(lang) for one in beyond)
        told.append(
            Words(
                f"Không đối chiếu được, vì hồ sơ chọn mẫu không ghi: {listed}.",
                f"Not compared, since no file of the draw holds it: {listed}.",
            )
        )
    return [one.in_language(lang) for one in told]


def _repeats(held: Commitment | None) -> Words:
    if held is None:
        return Words(
            "Chọn lại cho kết quả giống hệt. Không có cam kết lập trước: không có gì chứng tỏ "
            "giá trị bí mật đã được định trước khi chọn.",
            "The draw repeats. No commitment comes with it: nothing shows that the secret was "
            "fixed before the draw.",
        )
    return Words(
        "Chọn lại cho kết quả giống hệt. Đúng với cam kết lập lúc "
        f"{held.made_at:%H:%M ngày %d/%m/%Y}.",
        f"The draw repeats. It opens the commitment of {held.made_at:%Y-%m-%d %H:%M}.",
    )


def _minutes(files: Mapping[str, str], lang: str) -> Words:
    if set(files.values()) == {"absent"}:
        return Words("Trong thư mục không có biên bản.", "There are no minutes in the folder.")
    parts = []
    for how, words in _HOW.items():
        names = [name for name, found in files.items() if found == how]
        if names:
            parts.append(f"{', '.join(names)} {words.in_language(lang)}")
    return Words(f"Biên bản: {'; '.join(parts)}.", f"Minutes: {'; '.join(parts)}.")


def _beyond(minutes: MinutesCompared) -> list[Words]:
    found = []
    if minutes.beyond_record:
        found.append(
            Words(
                "địa điểm, cơ quan và tên cuộc khảo sát trong biên bản",
                "place, bodies and title of the survey in the minutes",
            )
        )
    if minutes.notes:
        found.append(
            Words(
                f"{minutes.notes} lưu ý về danh sách lúc nộp",
                f"what the minutes note of the list as it was handed in ({minutes.notes})",
            )
        )
    return found
