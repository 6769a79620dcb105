"""The page of methods: rounds, response, weights, rules, truth of a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.publication.content import RULE_FORMULAS, RULES
from analysis.publication.pages.grids import Cell, Grid
from analysis.publication.pages.view import View, is_plain, records


def methodology_page(view: View) -> dict[str, Any]:
    """Return what the page of methods shows, round by round."""
    facts = view.frozen.facts
    rounds = []
    for each in facts["rounds"]:
        code = str(each["id"])
        issued, used, valid = int(each["issued"]), int(each["used"]), int(each["valid"])
        rate = f"{100 * valid / issued:.1f}" if issued else ""
        accounting = Grid(
            f"accounting-{code}",
            view.say("Phiếu phát ra, thu về, hợp lệ", "Codes issued, returned and valid"),
            view.words(each["title"]),
            (
                (view.say("Bước", "Step"), False),
                (view.say("Số phiếu", "Number"), True),
            ),
            (
                (
                    Cell(view.say("Phát ra", "Issued"), head=True),
                    Cell(view.number(str(issued)), number=True),
                ),
                (
                    Cell(view.say("Thu về", "Returned"), head=True),
                    Cell(view.number(str(used)), number=True),
                ),
                (
                    Cell(view.say("Hợp lệ", "Valid"), head=True),
                    Cell(view.number(str(valid)), number=True),
                ),
                (
                    Cell(view.say("Hợp lệ trên phát ra", "Valid of issued"), head=True),
                    Cell(view.percent(rate), number=True),
                ),
            ),
        )
        rounds.append(
            {
                "facts": each,
                "accounting": accounting,
                "rules": _rules_grid(view, each),
                "weights": _weights_grid(view, each),
                "truth": _truth_grid(view, each),
                "excluded": _excluded_grid(view, each),
            }
        )
    files = [
        (name, each[name])
        for each in facts["rounds"]
        for name in ("frame_sha256", "draw_sha256", "snapshot_sha256")
    ]
    return {"rounds": rounds, "files": files, "formulas": RULE_FORMULAS, "rule_names": RULES}


def _rules_grid(view: View, facts: Mapping[str, Any]) -> Grid | None:
    each = str(facts["id"])
    lines = view.quantities(each, "overall", "block", "factor")
    rules = [
        rule for rule in RULE_FORMULAS if any(view.row(each, q["quantity"], rule) for q in lines)
    ]
    if not lines or not rules:
        return None
    rows = []
    for line in lines:
        cells = [Cell(view.label(each, line["quantity"]), head=True)]
        for rule in rules:
            value, interval, _ = view.figure_cells(view.row(each, line["quantity"], rule))
            text = value.text if value.mark in {"c", "u"} else f"{value.text} {interval.text}"
            cells.append(Cell(text, value.key, value.mark, number=True))
        rows.append(tuple(cells))
    return Grid(
        f"rules-{each}",
        view.say("Ba quy tắc tính đặt cạnh nhau", "The three index rules side by side"),
        view.note(facts, view.headline(each)),
        (
            (view.say("Nội dung", "What is measured"), False),
            *(
                (
                    view.rule_name(rule)
                    + (view.say(" – áp dụng", " – in force") if rule == view.rule else ""),
                    True,
                )
                for rule in rules
            ),
        ),
        tuple(rows),
        headings=frozenset({0}),
    )


def _weights_grid(view: View, facts: Mapping[str, Any]) -> Grid | None:
    rows = [r for r in records(view.frozen.weighting) if r["round"] == str(facts["id"])]
    if not rows:
        return None

    def named(row: Mapping[str, str], column: str) -> str:
        english = row[f"{column}_en"]
        if view.lang == "en":
            return english or _TERMS_EN.get(row[column], row[column])
        return _TERMS_VI.get(row[column], row[column])

    return Grid(
        f"weights-{facts['id']}",
        view.say("Trọng số: từng bước", "Weights, step by step"),
        view.say("trọng số: ", "weights: ") + view.words(facts["weight_status"]),
        (
            (view.say("Bước", "Step"), False),
            (view.say("Đại lượng", "Quantity"), False),
            (view.say("Giá trị", "Value"), True),
        ),
        tuple(
            (
                Cell(named(row, "step"), head=True),
                Cell(named(row, "quantity")),
                Cell(
                    view.number(row["value"]) if is_plain(row["value"]) else row["value"],
                    number=True,
                ),
            )
            for row in rows
        ),
    )


_TERMS_VI = {
    "design": "Trọng số thiết kế",
    "nonresponse": "Điều chỉnh không trả lời",
    "calibrated": "Hiệu chỉnh theo dân số",
    "calibration": "Hiệu chỉnh theo dân số",
    "trimming": "Giới hạn trọng số",
    "trimmed": "Giới hạn trọng số",
    "final": "Trọng số cuối",
    "sum": "Tổng",
    "min": "Nhỏ nhất",
    "max": "Lớn nhất",
    "mean": "Trung bình",
    "median": "Trung vị",
    "cv": "Hệ số biến thiên",
    "kish": "Hệ số Kish",
    "kish_factor": "Hệ số Kish",
    "n_effective": "Cỡ mẫu hiệu dụng",
}


_TERMS_EN = {
    "design": "Design weight",
    "nonresponse": "Nonresponse adjustment",
    "calibrated": "Calibration",
    "calibration": "Calibration",
    "trimming": "Trimming",
    "trimmed": "Trimming",
    "final": "Final weight",
    "sum": "Sum",
    "min": "Smallest",
    "max": "Largest",
    "mean": "Mean",
    "median": "Median",
    "cv": "Coefficient of variation",
    "kish": "Kish factor",
    "kish_factor": "Kish factor",
    "n_effective": "Effective sample size",
}


def _excluded_grid(view: View, facts: Mapping[str, Any]) -> Grid | None:
    if view.frozen.sensitivity is None:
        return None
    each = str(facts["id"])
    rule = view.frozen.facts["rule"]
    rows = [
        row
        for row in records(view.frozen.sensitivity)
        if (row["round"], row["rule"]) == (each, rule)
    ]
    if not rows:
        return None
    told = {
        "small": view.say("không quá nửa khoảng tin cậy", "half the interval at most"),
        "review": view.say("hơn nửa khoảng tin cậy", "more than half the interval"),
    }
    return Grid(
        f"excluded-{each}",
        view.say("Phiếu bị loại", "Excluded answers"),
        view.say(
            "kết quả công bố không tính các phiếu này", "the published result is without them"
        ),
        (
            (view.say("Nơi", "Place"), False),
            (view.say("Số phiếu bị loại", "Excluded"), True),
            (view.say("Kết quả công bố", "Published"), True),
            (view.say("Nếu tính cả phiếu bị loại", "With them still in"), True),
            (view.say("Mức thay đổi", "Change"), False),
        ),
        tuple(
            (
                Cell(row["category"] or view.say("Toàn đợt", "Whole round"), head=True),
                Cell(view.number(row["n_excluded"]), number=True),
                Cell(view.number(row["value"]) if row["value"] else row["flag"], number=True),
                Cell(
                    view.number(row["with_excluded"]) if row["with_excluded"] else row["flag"],
                    number=True,
                ),
                Cell(told.get(row["verdict"], "–")),
            )
            for row in rows
        ),
    )


def _truth_grid(view: View, facts: Mapping[str, Any]) -> Grid | None:
    if view.frozen.truth is None:
        return None
    each = str(facts["id"])
    rows = [row for row in records(view.frozen.truth) if row["round"] == each]
    if not rows:
        return None
    yes, no = view.say("có", "yes"), view.say("không", "no")
    covered = sum(row["covered"] == "1" for row in rows)
    return Grid(
        f"truth-{each}",
        view.say("So với giá trị thật của mô phỏng", "Against the simulated truth"),
        view.say(
            f"{covered} trên {len(rows)} khoảng chứa giá trị thật",
            f"{covered} of {len(rows)} intervals hold the truth",
        )
        + " · "
        + view.note(facts, view.headline(each)),
        (
            (view.say("Nội dung", "What is measured"), False),
            (view.say("Giá trị thật", "Truth"), True),
            (view.say("Ước lượng", "Estimate"), True),
            (view.say("Khoảng tin cậy 95%", "95% interval"), True),
            (view.say("Khoảng có chứa giá trị thật", "Interval holds the truth"), False),
        ),
        tuple(
            (
                Cell(view.label(each, row["quantity"]), head=True),
                Cell(view.number(row["truth"]), number=True),
                Cell(view.number(row["estimate"]), number=True),
                Cell(view.interval(row), number=True),
                Cell({"1": yes, "0": no}.get(row["covered"], "–")),
            )
            for row in rows
        ),
    )
