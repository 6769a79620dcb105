"""The cells of rounds as the audit log keeps them: what was drawn, and what it weighs."""

from __future__ import annotations

from sqlalchemy import Connection, select

from survey_app.db.fieldwork import cell

_KEPT = ("round_id", "stratum", "psu", "unit_id", "design_weight", "expected", "recruitment")


def cell_rows(connection: Connection, round_id: str | None = None) -> dict[str, list[object]]:
    """Return the values of each cell of one round or of all, by cell id, in its order."""
    query = select(cell).order_by(cell.c.cell_id)
    if round_id is not None:
        query = query.where(cell.c.round_id == round_id)
    return {
        row.cell_id: [row._mapping[name] for name in _KEPT] for row in connection.execute(query)
    }
