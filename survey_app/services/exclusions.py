"""Responses that count no longer: the row stays, a row beside it says why and who decided."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from intake.findings import Finding, RoundError, Words
from intake.text import forbidden_character, normalized
from survey_app.db import reading, writing
from survey_app.db.answers import response
from survey_app.db.audit import exclusion
from survey_app.db.fieldwork import cell
from survey_app.db.registry import agency, service_point
from survey_app.services.accounts import Account
from survey_app.services.rounds import require_round
from survey_app.services.steps import Pair
from survey_app.services.trail.audit import record

LONGEST_REASON = 1000


def check_exclusion(
    engine: Engine, round_id: str, response_id: str, reason: str, account: Account | None
) -> str:
    """Return the reason as it is kept, or refuse what cannot be excluded by this account.

    Raises
    ------
    RoundError
        ``response-unknown``, ``response-excluded``, ``reason-unusable``, and ``own-unit``: nobody
        decides on answers about their own unit.
    """
    kept = normalized(reason).strip()
    with reading(engine) as connection:
        require_round(connection, round_id)
        row = _find(connection, round_id, response_id)
        excluded = connection.scalar(
            select(func.count()).select_from(exclusion).where(exclusion.c.response_id == row.id)
        )
    if excluded:
        raise _refused("response-excluded", "Phiếu đã bị loại.", "It is excluded already.")
    if not kept or len(kept) > LONGEST_REASON or forbidden_character(kept):
        raise _refused(
            "reason-unusable",
            f"Lý do trống, dài quá {LONGEST_REASON} ký tự hoặc có ký tự không lưu được.",
            f"The reason is empty, longer than {LONGEST_REASON} characters or holds a character "
            "that cannot be stored.",
        )
    if account and account.unit and account.unit.casefold() in _units(engine, row):
        raise _refused(
            "own-unit",
            f"Tài khoản {account.name} thuộc đơn vị được đánh giá.",
            f"The account {account.name} is of the unit that was judged.",
        )
    return kept


def _units(engine: Engine, row: Any) -> set[str]:  # noqa: ANN401 - a row
    """Return the codes of the unit that a response is about: commune, counter, their agencies."""
    own = {row.unit_id, row.unit_code, row.agency_code} - {None}
    with reading(engine) as connection:
        query = select(agency.c.agency_code).where(agency.c.unit_code.in_(own))
        own |= set(connection.execute(query).scalars())
    return {str(one).casefold() for one in own}


def exclude(engine: Engine, round_id: str, response_id: str, reason: str, pair: Pair) -> None:
    """Exclude a response that `check_exclusion` has let pass."""
    row = {"round_id": round_id, "reason": reason}
    people = {"asked_by": pair.asked_by, "agreed_by": pair.agreed_by}
    with writing(engine) as connection:
        place = _find(connection, round_id, response_id).id
        connection.execute(insert(exclusion), row | people | {"response_id": place})
        about = {**row, **people}
        record(connection, "response-excluded", place.hex(), about, actor=pair.agreed_by)


def _find(connection: Connection, round_id: str, response_id: str) -> Any:  # noqa: ANN401 - a row
    try:
        place = bytes.fromhex(response_id)
    except ValueError:
        place = b""
    found = connection.execute(
        select(
            response.c.id,
            cell.c.unit_id,
            service_point.c.unit_code,
            service_point.c.agency_code,
        )
        .join(cell, cell.c.cell_id == response.c.cell_id)
        .outerjoin(service_point, service_point.c.counter_id == cell.c.unit_id)
        .where(response.c.id == place, response.c.round_id == round_id)
    ).first()
    if found is None:
        raise _refused(
            "response-unknown",
            f"Đợt {round_id} không có phiếu {response_id[:40]}.",
            f"Round {round_id} has no response {response_id[:40]}.",
        )
    return found


def _refused(code: str, vi: str, en: str) -> RoundError:
    return RoundError(
        Finding(
            code,
            Words(vi, en),
            Words("Xem: hailong round exclude --help", "See: hailong round exclude --help"),
        )
    )
