"""Tables of a release as they follow from results, questionnaires and rules alone.

Building a release uses them, and so does whoever computes its figures again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intake.findings import Finding, ReleaseError, Words
from intake.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

    from questionnaires import Questionnaire
    from survey_app.services.scoring import Block


def rule_of(blocks: dict[str, Block]) -> str:
    """Return the rule under which the year's survey criteria are scored."""
    rules = {
        leaf.expression.rule
        for block in blocks.values()
        for leaf in block.year.leaves()
        if leaf.expression and leaf.expression.kind == "survey"
    }
    if len(rules) != 1:
        raise ReleaseError(
            Finding(
                "rule-not-one",
                Words(
                    f"Bộ tiêu chí dùng nhiều quy tắc: {', '.join(sorted(rules))}.",
                    f"The rules of the year use several index rules: {', '.join(sorted(rules))}.",
                ),
                Words("Hãy thống nhất index_rule.", "Set one index_rule."),
            )
        )
    return rules.pop()


def described(draw: dict[str, Any]) -> Words:
    """Say in one sentence how a sample was drawn."""
    name = draw.get("design", {}).get("title")
    if isinstance(name, dict):
        return Words(name.get("vi", ""), name.get("en", ""))
    strata = len(draw.get("strata", draw.get("counters", {})))
    return Words(
        f"Chọn mẫu ngẫu nhiên theo {strata} tầng; thiết kế và kết quả chọn trong phần tải về.",
        f"Random sample in {strata} strata; design and draw are among the downloads.",
    )


def labels_of(round_id: str, questionnaire: Questionnaire) -> pd.DataFrame:
    """Return the name of everything that a round measures, in the order of its questionnaire."""
    import pandas as pd

    rows: list[tuple[str, str, str, str]] = [
        ("overall", "overall", "Chỉ số hài lòng chung", "Overall satisfaction index")
    ]
    rows += [
        (part.code, level, part.title.in_language("vi"), part.title.in_language("en"))
        for level, parts in (("block", questionnaire.blocks), ("factor", questionnaire.factors))
        for part in parts
    ]
    for item in questionnaire.items:
        label = (item.label.in_language("vi"), item.label.in_language("en"))
        level = "item" if item.factor else "share"
        rows.append((item.code, level, *label))
        rows += [
            (f"{item.code}={option.code}", "share", *_option_label(label, option.label))
            for option in item.options
            if not item.factor
        ]
    return pd.DataFrame(
        [
            (round_id, quantity, level, vi, en, order)
            for order, (quantity, level, vi, en) in enumerate(rows)
        ],
        columns=["round", "quantity", "level", "label_vi", "label_en", "order"],
    )


def _option_label(label: tuple[str, str], option: Any) -> tuple[str, str]:  # noqa: ANN401
    return (
        f"{label[0]}: {option.in_language('vi')}",
        f"{label[1]}: {option.in_language('en')}",
    )


_STEPS = {
    "base": Words("Trọng số gốc", "Base weight"),
    "nonresponse": Words("Điều chỉnh không trả lời", "Non-response adjustment"),
    "calibrate": Words("Hiệu chỉnh theo số dân", "Calibration"),
    "trim": Words("Cắt trọng số", "Trimming"),
}
# Each figure with its name and the decimals that mean something.
_DIAGNOSTICS = {
    "total": (Words("Tổng", "Total"), 0),
    "smallest": (Words("Nhỏ nhất", "Smallest"), 1),
    "median": (Words("Trung vị", "Median"), 1),
    "largest": (Words("Lớn nhất", "Largest"), 1),
    "deff": (Words("Hệ số thiết kế do trọng số", "Design effect of the weights"), 3),
    "n_effective": (Words("Cỡ mẫu hiệu dụng", "Effective sample size"), 0),
    "margin_error": (Words("Sai lệch biên lớn nhất", "Largest relative margin error"), 6),
    "trimmed": (Words("Số trọng số bị cắt", "Weights cut"), 0),
}


def weighting_of(round_id: str, record: dict[str, Any]) -> pd.DataFrame:
    """Return what each step of the weighting did, one row per step and figure."""
    import pandas as pd

    rows = [
        (round_id, *_STEPS[step["step"]], *words, round(step["diagnostics"][name], digits))
        for step in record.get("steps", [])
        for name, (words, digits) in _DIAGNOSTICS.items()
        if step["diagnostics"].get(name) is not None
        # How many weights were cut is all that trimming adds; a step left out adds nothing.
        and (name == "trimmed" if step["step"] == "trim" else step["done"] and name != "trimmed")
    ]
    return pd.DataFrame(
        rows, columns=["round", "step", "step_en", "quantity", "quantity_en", "value"]
    )


def truth_of(path: Path, estimates: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Hold estimates against the true values of a simulated population."""
    import pandas as pd

    table = read_table(path, required=["round", "quantity", "rule", "truth"])
    shown = estimates[(estimates["domain"] == "") & (estimates["rule"] == rule)]
    found = shown.set_index(["round", "quantity"])[["value", "low", "high"]].to_dict("index")
    rows = []
    for row in table.rows:
        estimate = found.get((row.cells["round"], row.cells["quantity"]))
        if row.cells["rule"] != rule or estimate is None:
            continue
        truth = float(row.cells["truth"])
        rows.append(
            {
                "round": row.cells["round"],
                "quantity": row.cells["quantity"],
                "truth": truth,
                "estimate": estimate["value"],
                "low": estimate["low"],
                "high": estimate["high"],
                "covered": estimate["low"] <= truth <= estimate["high"],
            }
        )
    return pd.DataFrame(
        rows, columns=["round", "quantity", "truth", "estimate", "low", "high", "covered"]
    )


def standing_of(block: Block, known: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Return the ranks of a block with name and unit of each agency (``known``, by its code)."""
    table = block.standing.copy()
    bands = {band.code: band.name for band in block.year.bands}
    table["name"] = [known.get(code, (code, code))[0] for code in table["agency_code"]]
    table["unit_id"] = [known.get(code, (code, code))[1] for code in table["agency_code"]]
    table["band_en"] = [bands[code].en if code in bands else "" for code in table["band"]]
    table["band"] = [bands[code].vi if code in bands else "" for code in table["band"]]
    return table


def points_of(block: Block) -> pd.DataFrame:
    """Return the points of a block with the title of each criterion and its survey figure."""
    table = block.points.copy()
    parts = {part.code: part for domain in block.year.domains for part in domain.walk()}
    total = Words("Tổng điểm", "Total")
    titles = [parts[code].name if code in parts else total for code in table["criterion"]]
    table["title_vi"] = [title.vi for title in titles]
    table["title_en"] = [title.en for title in titles]
    surveyed = [
        rule if (rule := parts[code].expression if code in parts else None)
        and rule.kind == "survey" else None
        for code in table["criterion"]
    ]  # fmt: skip
    table["quantity"] = [one.quantity if one else "" for one in surveyed]
    table["round"] = [
        block.year.rounds.get(one.round, one.round) if one else "" for one in surveyed
    ]
    return table


def duties_of(block: Block, known: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Return who owes a review report and why, with the name of each agency."""
    table = block.duties.copy()
    parts = {part.code: part for domain in block.year.domains for part in domain.walk()}
    reasons = []
    for domain in table["domain"]:
        if domain in parts:
            name = parts[domain].name
            reasons.append(
                Words(
                    f"Điểm thành phần “{name.vi}” dưới ngưỡng",
                    f"Component '{name.en}' below the threshold",
                )
            )
        else:
            reasons.append(Words("Xếp loại của người đứng đầu", "Rating of the head"))
    table["name"] = [known.get(code, (code, code))[0] for code in table["agency_code"]]
    table["reason_vi"] = [words.vi for words in reasons]
    table["reason_en"] = [words.en for words in reasons]
    return table


def index_tables(
    blocks: Mapping[str, Block], known: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """Return ``standings, points, duties, province_points`` of a release by the blocks of a year.

    Parameters
    ----------
    known
        Name and unit of each agency by its code.
    """
    import pandas as pd

    from survey_app.services.scoring import PROVINCE

    own = {name: block for name, block in blocks.items() if name != PROVINCE}
    return {
        "standings": {name: standing_of(block, known) for name, block in own.items()},
        "points": {name: points_of(block) for name, block in own.items()},
        "duties": pd.concat([duties_of(block, known) for block in blocks.values()]),
        "province_points": points_of(blocks[PROVINCE]) if PROVINCE in blocks else None,
    }
