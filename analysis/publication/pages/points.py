"""The pages of index points and of the reports that are owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.publication.pages.grids import Cell, Grid
from analysis.publication.pages.view import View, alphabetical, records


def _point_grid(view: View, id_: str, caption: str, rows: Sequence[Mapping[str, str]]) -> Grid:
    columns = ("maximum", "self_scored", "appraised", "survey", "final")
    return Grid(
        id_,
        caption,
        view.say(
            "Điểm; khoảng tin cậy 95% của phần điều tra", "Points; 95% interval of the survey part"
        ),
        (
            (view.say("Tiêu chí", "Criterion"), False),
            (view.say("Tối đa", "Maximum"), True),
            (view.say("Tự chấm", "Self-scored"), True),
            (view.say("Thẩm định", "Appraised"), True),
            (view.say("Điều tra", "Survey"), True),
            (view.say("Điểm đạt", "Final"), True),
            (view.say("Khoảng 95%", "95% interval"), True),
        ),
        tuple(
            (
                Cell(_criterion(view, row), head=True),
                *(
                    Cell(
                        view.number(row[column]),
                        row[column],
                        row["flag"] if column == "final" and not row[column] else "",
                        number=True,
                    )
                    for column in columns
                ),
                Cell(view.interval(row), number=True),
            )
            for row in rows
        ),
    )


def _criterion(view: View, row: Mapping[str, str]) -> str:
    """Return a criterion as people name it: its number and title; the sum has no number."""
    title = row["title_en" if view.lang == "en" else "title_vi"]
    return f"{row['criterion']} {title}" if row["criterion"][:1].isdigit() else title


def points_page(view: View) -> dict[str, Any]:
    """Return the points of every agency and of the province."""
    blocks = []
    for block, points in view.frozen.points.items():
        names = {
            str(row["agency_code"]): str(row["name"])
            for table in view.frozen.standings.values()
            for row in records(table)
        }
        by_agency: dict[str, list[dict[str, str]]] = {}
        for row in records(points):
            by_agency.setdefault(str(row["agency_code"]), []).append(row)
        grids = [
            _point_grid(view, f"points-{block}-{number}", names.get(code, code), rows)
            for number, (code, rows) in enumerate(by_agency.items(), start=1)
        ]
        grids.sort(key=lambda grid: alphabetical(grid.caption))
        blocks.append({"name": view.words(view.frozen.facts["blocks"][block]), "grids": grids})
    province = None
    if view.frozen.province_points is not None:
        rows = [{**row, "flag": ""} for row in records(view.frozen.province_points)]
        province = _point_grid(
            view,
            "points-province",
            view.words(view.frozen.facts["province"]),
            rows,
        )
    return {"blocks": blocks, "province": province}


def duties_page(view: View) -> dict[str, Any]:
    """Return the reports that are owed."""
    rows = tuple(
        (
            Cell(str(row["name"]), head=True),
            Cell(str(row["reason_en" if view.lang == "en" else "reason_vi"])),
            Cell(str(row["clause"])),
            Cell(str(row["domain"]) or "–"),
            Cell(view.percent(row["percent"]), row["percent"], number=True),
            Cell(view.day(row["due_on"]), row["due_on"], number=True),
        )
        for row in records(view.frozen.duties)
    )
    agencies = len(set(view.frozen.duties["agency_code"]))
    grid = Grid(
        "duties",
        view.say("Đơn vị phải gửi báo cáo kiểm điểm", "Agencies that owe a review report"),
        view.say(
            f"{agencies} đơn vị, {len(rows)} lý do", f"{agencies} agencies, {len(rows)} reasons"
        ),
        (
            (view.say("Đơn vị", "Agency"), False),
            (view.say("Lý do", "Reason"), False),
            (view.say("Căn cứ", "Clause"), False),
            (view.say("Lĩnh vực", "Domain"), False),
            (view.say("Tỷ lệ điểm đạt", "Share of points"), True),
            (view.say("Hạn gửi", "Due"), True),
        ),
        rows,
        sortable=True,
    )
    return {"grid": grid if rows else None}
