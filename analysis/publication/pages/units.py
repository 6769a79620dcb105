"""The pages of communes and of counters: map, list, standing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.publication.figures import (
    MapWords,
    Place,
    Spelling,
    centroid_map,
)
from analysis.publication.pages.grids import Cell, Grid, Picture
from analysis.publication.pages.view import (
    View,
    column_heads,
    interval_picture,
    interval_rows,
    records,
)


def communes_page(view: View) -> dict[str, Any]:
    """Return what the page of communes shows."""
    return _units_of(view, "commune")


def counters_page(view: View) -> dict[str, Any]:
    """Return what the page of counters shows."""
    return _units_of(view, "counter")


def _units_of(view: View, kind: str) -> dict[str, Any]:
    sections = []
    for facts in view.frozen.facts["rounds"]:
        rows = view.unit_rows(str(facts["id"]), kind)
        if rows:
            sections.append(_unit_section(view, facts, rows, kind))
    blocks = []
    for block, standing in view.frozen.standings.items():
        kinds = {view.units.get(unit, {}).get("kind") for unit in standing["unit_id"] if unit}
        if ("commune" in kinds) == (kind == "commune"):
            blocks.append(_standing_grid(view, block, standing))
    own = [unit for unit in view.units.values() if unit["kind"] == kind]
    drawn = sum(unit["drawn"] == "1" for unit in own)
    return {"sections": sections, "blocks": blocks, "drawn": drawn, "all_units": len(own)}


def _unit_section(
    view: View, facts: Mapping[str, Any], rows: Sequence[dict[str, str]], kind: str
) -> dict[str, Any]:
    each = str(facts["id"])
    numbers = {row["category"]: number for number, row in enumerate(rows, start=1) if row["value"]}
    what = (
        view.say("xã, phường, đặc khu", "commune")
        if kind == "commune"
        else view.say("bộ phận Một cửa", "one-stop counter")
    )
    title = view.say(f"Chỉ số hài lòng theo {what}", f"Satisfaction index by {what}")
    spelling = view.spelling(f"{title} – {view.words(facts['title'])}")
    note = view.note(facts, view.headline(each))
    grid = Grid(
        f"units-{each}",
        title,
        note,
        (
            (view.say("Số", "No."), True),
            (view.say("Đơn vị", "Unit"), False),
            (view.say("Loại", "Type"), False),
            *column_heads(view, "-")[1:],
        ),
        tuple(
            (
                Cell(
                    str(numbers.get(row["category"], "–")),
                    str(numbers.get(row["category"], "")),
                    number=True,
                ),
                Cell(view.category(each, "unit", row["category"]), head=True),
                Cell(str(view.units[row["category"]]["type"])),
                *view.figure_cells(row),
            )
            for row in rows
        ),
        sortable=True,
    )
    points = interval_rows(
        view,
        [
            (f"{numbers[code]}. {view.category(each, 'unit', code)}", row)
            for row in rows
            if (code := row["category"]) in numbers
        ],
    )
    chart = None
    if points:
        alt = view.say(
            f"Biểu đồ điểm kèm khoảng tin cậy 95% của {len(points)} đơn vị, xếp từ cao "
            "xuống thấp; số liệu ở bảng kế bên.",
            f"Points with 95% intervals for {len(points)} units from highest to lowest; "
            "the figures are in the table beside it.",
        )
        chart = interval_picture(view, f"units-{each}", title, facts, points, alt)
    return {
        "facts": facts,
        "grid": grid,
        "chart": chart,
        "map": _map(view, each, rows, numbers, spelling) if kind == "commune" else None,
    }


def _map(
    view: View,
    round_id: str,
    rows: Sequence[Mapping[str, str]],
    numbers: Mapping[str, int],
    spelling: Spelling,
) -> Picture | None:
    found = {row["category"]: row for row in rows}
    places = []
    for code, unit in view.units.items():
        if unit["kind"] != "commune" or not unit["lat"] or not unit["lon"]:
            continue
        row = found.get(code)
        places.append(
            Place(
                str(unit["name"]),
                float(unit["lat"]),
                float(unit["lon"]),
                unit["drawn"] == "1",
                float(row["value"]) if row and row["value"] else None,
                int(row["n"]) if row and row["n"] else 0,
                numbers.get(code, 0),
                float(unit["population"] or 0),
            )
        )
    if not places:
        return None
    legend = MapWords(
        view.say("Số phiếu (n)", "Answers (n)"),
        view.say("Có mẫu, không công bố", "Sampled, withheld"),
        view.say("Không có mẫu", "Not sampled"),
        view.say("Ngoài khơi, không theo tỷ lệ", "Far out at sea, not to scale"),
        view.say("B", "N"),
        view.say("Không có kết quả", "No result"),
    )
    return view.picture(
        f"map-{round_id}",
        lambda narrow: centroid_map(places, spelling, legend, narrow=narrow),
        view.say(
            f"Bản đồ điểm trung tâm của {len(places)} xã, phường, đặc khu, {len(numbers)} nơi có "
            "kết quả, tô màu theo chỉ số; danh sách kết quả ở bảng kế bên.",
            f"Map of the centre points of {len(places)} communes, {len(numbers)} of them with a "
            "result, coloured by the index; the results are listed in the table beside it.",
        ),
        view.say(
            "Mỗi vòng tròn đặt tại điểm trung tâm của đơn vị, không thể hiện địa giới. Số trong "
            "vòng tròn là số thứ tự ở bảng dưới; diện tích theo số phiếu. Hai màu kề nhau không "
            "có nghĩa là khác biệt có ý nghĩa: hãy xem khoảng tin cậy.",
            "Each circle stands at the centre point of a unit and shows no boundary. The number in "
            "it is that of the table below; its area follows the number of answers. Neighbouring "
            "colours do not mean a significant difference: see the intervals.",
        ),
    )


def _standing_grid(view: View, block: str, standing: pd.DataFrame) -> Grid:
    rows = []
    for row in records(standing):
        ranks = f"{row['rank_low']}–{row['rank_high']}" if row["rank_low"] else "–"
        band = row["band_en"] if view.lang == "en" else row["band"]
        rows.append(
            (
                Cell(view.number(row["rank"]), row["rank"], row["flag"], number=True),
                Cell(ranks, row["rank_low"], number=True),
                Cell(row["group"] or "–", row["group"], number=True),
                Cell(str(row["name"]), head=True),
                Cell(view.number(row["total"]), row["total"], number=True),
                Cell(view.interval(row), row["low"], number=True),
                Cell(str(band) or "–"),
            )
        )
    facts = view.frozen.facts
    first = facts["rounds"][0] if facts["rounds"] else None
    ranked = sum(row["rank"] != "" for row in records(standing))
    note = [view.say(f"{ranked} đơn vị được xếp hạng", f"{ranked} units ranked")]
    if first is not None:
        note.append(view.note(first, view.headline(str(first["id"]))))
    return Grid(
        f"standing-{block}",
        view.say("Xếp hạng: ", "Ranking: ") + view.words(facts["blocks"][block]),
        " · ".join(note),
        (
            (view.say("Hạng", "Rank"), True),
            (view.say("Khoảng hạng 95%", "95% rank interval"), True),
            (view.say("Nhóm", "Group"), True),
            (view.say("Đơn vị", "Unit"), False),
            (view.say("Tổng điểm", "Points"), True),
            (view.say("Khoảng tin cậy 95%", "95% interval"), True),
            (view.say("Xếp loại", "Band"), False),
        ),
        tuple(rows),
        sortable=True,
    )
