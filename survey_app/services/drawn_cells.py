"""From the folder of a draw to the cells of a round."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Engine, select

from intake.findings import Faults, Finding, RoundError, Words
from intake.tables import read_table
from sampling.sample import SAMPLE_COLUMNS
from survey_app.db import reading
from survey_app.db.fieldwork import DRAWN, cell


def draw_again(sample: Path, questionnaire: tuple[str, str]) -> str:
    """Draw again from the record of a draw; return the frame's digest when it is the same.

    A design that names its instrument belongs to no other questionnaire.
    """
    from sampling import verify_draw

    again = verify_draw(sample)
    asked = "@".join(questionnaire)
    if again.design.instrument not in {"", asked}:
        raise RoundError(
            Finding(
                "instrument-differs",
                Words(
                    f"Mẫu được thiết kế cho {again.design.instrument}, không phải {asked}.",
                    f"The sample was designed for {again.design.instrument}, not for {asked}.",
                ),
                Words(
                    "Hãy sửa --questionnaire hoặc --sample.", "Mend --questionnaire or --sample."
                ),
            )
        )
    return again.frame.sha256


def cells_of(round_id: str, sample: Path) -> list[dict[str, object]]:
    """Gather the drawn persons or visits of a sample into cells, one per commune or counter."""
    table = read_table(sample / "sample.csv", required=SAMPLE_COLUMNS)
    last = max(row.cells["stage"] for row in table.rows)
    drawn = [
        row.cells
        for row in table.rows
        if row.cells["stage"] == last and row.cells["role"] == "drawn"
    ]
    groups: dict[str, list[Mapping[str, str]]] = {}
    for case in drawn:
        groups.setdefault(case["unit_id"].rsplit("-", 1)[0], []).append(case)
    faults = Faults("sample.csv")
    for unit, cases in groups.items():
        if len({(case["stratum"], case["psu_id"], case["design_weight"]) for case in cases}) > 1:
            faults.add(
                "cell-not-uniform",
                Words(
                    f"Các trường hợp của {unit} khác nhau về tầng, đơn vị mẫu hoặc trọng số.",
                    f"The cases of {unit} differ in stratum, PSU or design weight.",
                ),
                Words(
                    "Một ô phải nằm trong một tầng, một đơn vị mẫu và một trọng số.",
                    "A cell lies in one stratum, one PSU and one design weight.",
                ),
            )
    faults.raise_as(RoundError)
    return [
        {
            "cell_id": f"{round_id}.{unit}",
            "round_id": round_id,
            "stratum": cases[0]["stratum"],
            "psu": cases[0]["psu_id"] or None,
            "unit_id": unit,
            "design_weight": float(cases[0]["design_weight"]),
            "expected": len(cases),
        }
        for unit, cases in sorted(groups.items())
    ]


def cases_per_cell(engine: Engine, round_id: str) -> dict[str, int]:
    """Return how many persons or visits were drawn in each cell of a round."""
    with reading(engine) as connection:
        return {
            row.cell_id: row.expected
            for row in connection.execute(
                select(cell)
                .where(cell.c.round_id == round_id, cell.c.recruitment == DRAWN)
                .order_by(cell.c.cell_id)
            )
        }
