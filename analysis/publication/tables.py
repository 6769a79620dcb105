"""The frozen tables of a release: what is published, as text files and as one workbook.

Every figure passes through ``disclosure`` here and is written with the digits that its
sample carries, so that pages, charts and the workbook repeat the same characters. Pages
are built from these files alone.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.publication.content import BLOCKS, RULES, ReleaseContent
from analysis.publication.disclosure import (
    CONFIDENTIAL,
    PROTECTED_COLUMNS,
    REVIEW,
    UNRELIABLE,
    decimals_for,
    half_up,
    protect,
    shown_units,
)
from intake.findings import Finding, ReleaseError, Words
from intake.tables import write_csv

NO_SAMPLE = "x"
FACTS = "release.json"
WORKBOOK = "hailong.xlsx"
LABEL_COLUMNS = ("round", "quantity", "level", "label_vi", "label_en", "order")
UNIT_COLUMNS = ("unit_id", "name", "type", "lat", "lon", "kind", "drawn", "urban", "population")
STANDING_COLUMNS = (
    "agency_code",
    "name",
    "unit_id",
    "total",
    "se",
    "low",
    "high",
    "band",
    "band_en",
    "rank",
    "rank_low",
    "rank_high",
    "group",
    "flag",
)
POINT_COLUMNS = (
    "agency_code",
    "criterion",
    "title_vi",
    "title_en",
    "maximum",
    "self_scored",
    "appraised",
    "survey",
    "final",
    "low",
    "high",
    "flag",
)
DUTY_COLUMNS = (
    "agency_code",
    "name",
    "reason_vi",
    "reason_en",
    "clause",
    "domain",
    "percent",
    "due_on",
)
WEIGHTING_COLUMNS = ("round", "step", "step_en", "quantity", "quantity_en", "value")
TRUTH_COLUMNS = ("round", "quantity", "truth", "estimate", "low", "high", "covered")
ROUND_COLUMNS = (
    "id",
    "instrument",
    "questionnaire_version",
    "issued",
    "used",
    "valid",
    "opens",
    "closes",
    "frame_sha256",
    "draw_sha256",
    "snapshot_sha256",
)
BANDS = {
    "Xuất sắc": "Excellent",
    "Tốt": "Good",
    "Khá": "Fair",
    "Trung bình": "Average",
    "Yếu": "Weak",
}
MEANINGS: Mapping[str, Words] = {
    "round": Words("mã đợt khảo sát", "code of the survey round"),
    "quantity": Words("mã nội dung được đo", "code of what is measured"),
    "level": Words(
        "cấp: tiêu chí (item), yếu tố (factor), khối (block), chung (overall), tỷ lệ (share)",
        "level: item, factor, block, overall, share",
    ),
    "rule": Words("quy tắc tính chỉ số", "rule of the index"),
    "domain": Words("biến phân nhóm; trống là toàn bộ", "domain variable; empty is everyone"),
    "category": Words("nhóm trong biến đó", "category of that variable"),
    "value": Words("kết quả, phần trăm", "result, percent"),
    "se": Words("sai số chuẩn", "standard error"),
    "low": Words("cận dưới khoảng tin cậy 95 %", "lower end of the 95 % interval"),
    "high": Words("cận trên khoảng tin cậy 95 %", "upper end of the 95 % interval"),
    "n": Words("số phiếu trả lời (dưới 100 làm tròn đến 5)", "answers (below 100 rounded to five)"),
    "n_effective": Words("cỡ mẫu hiệu dụng", "effective sample size"),
    "deff": Words("hệ số thiết kế", "design effect"),
    "df": Words("bậc tự do", "degrees of freedom"),
    "flag": Words(
        "c: bảo mật; u: không đủ tin cậy; x: không có mẫu riêng; trống: công bố",
        "c: confidential; u: unreliable; x: no sample of its own; empty: published",
    ),
    "note": Words(
        "r: đọc thận trọng (ít bậc tự do, hoặc 0 hay 100 %); k: phần bù không đủ tin cậy",
        "r: read with care (few degrees of freedom, or 0 or 100 %); k: complement unreliable",
    ),
    "bound": Words(
        "cận thay cho 0 % hoặc 100 % của nhóm nhỏ", "bound shown for 0 % or 100 % of a small group"
    ),
    "total": Words("tổng điểm", "total points"),
    "band": Words("xếp loại", "classification"),
    "rank": Words("thứ hạng", "rank"),
    "rank_low": Words("thứ hạng tốt nhất trong khoảng 95 %", "best rank in the 95 % interval"),
    "rank_high": Words("thứ hạng thấp nhất trong khoảng 95 %", "worst rank in the 95 % interval"),
    "group": Words(
        "nhóm không khác biệt có ý nghĩa với đơn vị đứng đầu nhóm",
        "group not told apart from the first unit of the group",
    ),
    "maximum": Words("điểm tối đa", "maximum points"),
    "self_scored": Words("điểm tự chấm", "self-scored points"),
    "appraised": Words("điểm thẩm định", "appraised points"),
    "survey": Words("điểm điều tra xã hội học", "survey points"),
    "final": Words("điểm đạt", "final points"),
    "percent": Words("tỷ lệ điểm đạt, phần trăm", "share of the points reached, percent"),
    "due_on": Words("hạn gửi báo cáo", "due date of the report"),
}
_NEUTRALISED = re.compile("^'\\s*[=+\\-@\t\r\x00＝]")
_NUMBER = re.compile(r"^-?[0-9]+(\.[0-9]+)?$")
_CRITERION = re.compile(r"^[0-9]+(\.[0-9]+)*$")
_BLOCK = re.compile(r"^[a-z0-9][a-z0-9_-]{0,20}$")
_TEXT_COLUMNS = frozenset(
    {
        "round",
        "quantity",
        "category",
        "unit_id",
        "agency_code",
        "criterion",
        "name",
        "urban",
        "id",
        "questionnaire_version",
        "clause",
        "domain",
        "title_vi",
        "title_en",
        "label_vi",
        "label_en",
    }
)


@dataclass(frozen=True)
class Frozen:
    """The tables of a release as they stand in its folder: cells are the printed text."""

    facts: Mapping[str, Any]
    estimates: pd.DataFrame
    labels: pd.DataFrame
    units: pd.DataFrame
    standings: Mapping[str, pd.DataFrame]
    points: Mapping[str, pd.DataFrame]
    duties: pd.DataFrame
    province_points: pd.DataFrame | None
    weighting: pd.DataFrame
    truth: pd.DataFrame | None


def freeze(content: ReleaseContent, folder: Path) -> None:
    """Write every table of the release into ``folder``, protected and rounded."""
    folder.mkdir(parents=True, exist_ok=True)
    units = _units(content.units)
    protected = protect(
        content.estimates, urban_of=dict(zip(units["unit_id"], units["urban"], strict=True))
    )
    written: dict[str, tuple[Sequence[str], list[list[str]]]] = {}

    def put(name: str, table: pd.DataFrame, columns: Sequence[str]) -> None:
        rows = [
            [_cell(cell) for cell in row] for row in table.reindex(columns=list(columns)).to_numpy()
        ]
        written[name] = (columns, rows)

    put("estimates", _printed_estimates(protected), PROTECTED_COLUMNS)
    put("labels", content.labels.sort_values(["round", "order", "quantity"]), LABEL_COLUMNS)
    put("units", units, UNIT_COLUMNS)
    rounds = pd.DataFrame([asdict(each) for each in content.rounds], columns=list(ROUND_COLUMNS))
    put("rounds", rounds, ROUND_COLUMNS)
    withheld: dict[str, str] = {}
    for block, standing in _checked_blocks(content.standings):
        table = protect_standing(standing, protected, content.rule, content.points.get(block))
        withheld |= {
            str(code): str(flag)
            for code, flag in zip(table["agency_code"], table["flag"], strict=True)
            if flag
        }
        put(f"standing-{block}", _fixed(table, 2, ("total", "se", "low", "high")), STANDING_COLUMNS)
    for block, points in _checked_blocks(content.points):
        put(f"points-{block}", _printed_points(protect_points(points, withheld)), POINT_COLUMNS)
    if content.province_points is not None:
        put("province-points", _printed_points(content.province_points), POINT_COLUMNS[1:])
    duties = protect_duties(content.duties, withheld, content.points.values())
    put("duties", _fixed(duties, 2, ("percent",)), DUTY_COLUMNS)
    put("weighting", _fixed(content.weighting, 4, ("value",), trim=True), WEIGHTING_COLUMNS)
    if content.truth is not None:
        put("truth", _printed_truth(content.truth, protected, content.rule), TRUTH_COLUMNS)
    for name, (columns, rows) in written.items():
        write_csv(folder / f"{name}.csv", columns, rows)
    facts = _facts(content, protected)
    (folder / FACTS).write_text(
        json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    _write_workbook(folder / WORKBOOK, facts, written)


def read_frozen(folder: Path) -> Frozen:
    """Read the tables of a release folder back, each cell as its printed text."""
    tables = folder / "tables"

    def table(name: str) -> pd.DataFrame:
        found = pd.read_csv(tables / f"{name}.csv", dtype=str, keep_default_na=False)
        return found.map(lambda cell: cell[1:] if _NEUTRALISED.match(cell) else cell)

    def blocks(prefix: str) -> dict[str, pd.DataFrame]:
        names = [str(name) for name in facts[prefix]]
        return {name: table(f"{prefix}-{name}") for name in names}

    try:
        facts = json.loads((tables / FACTS).read_text(encoding="utf-8"))
        return Frozen(
            facts=facts,
            estimates=table("estimates"),
            labels=table("labels"),
            units=table("units"),
            standings=blocks("standing"),
            points=blocks("points"),
            duties=table("duties"),
            province_points=table("province-points") if facts["province_points"] else None,
            weighting=table("weighting"),
            truth=table("truth") if facts["truth"] else None,
        )
    except (OSError, ValueError, KeyError) as error:
        raise ReleaseError(
            Finding(
                "release-tables-unreadable",
                Words(
                    "Không đọc được các bảng của bản công bố.",
                    "The tables of the release cannot be read.",
                ),
                Words("Hãy lập lại bản công bố.", "Build the release again."),
                file=str(tables),
            )
        ) from error


def protect_standing(
    standing: pd.DataFrame,
    protected: pd.DataFrame,
    rule: str,
    points: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Take every agency out of the ranking whose own survey figure is not published.

    An agency without a ``unit_id`` has no survey unit and stays as it is. The others are
    ranked again among themselves, since a gap in the ranks would tell where the withheld one
    stood; their rank intervals shrink only as far as is certain. Adds ``flag`` (``c``, ``u``,
    or ``x`` for no sample of its own) and ``group`` (units not told apart from the first of
    the group: the interval of the difference holds zero).
    """
    table = standing.copy()
    shown = shown_units(protected, rule)
    own = protected[
        (protected["domain"] == "unit")
        & (protected["level"] == "overall")
        & (protected["rule"] == rule)
    ]
    flags = dict(zip(own["category"].astype(str), own["flag"].astype(str), strict=True))
    flags |= _flags_of_used_figures(table, points, protected, rule)
    table["unit_id"] = [_cell(unit) for unit in table["unit_id"]]
    table["flag"] = [
        "" if not unit or (unit in shown and not flags.get(unit)) else flags.get(unit, NO_SAMPLE)
        for unit in table["unit_id"]
    ]
    for column in ("band", "band_en"):
        table[column] = table[column].astype(object) if column in table else ""
    table["band_en"] = [
        en or BANDS.get(_cell(vi), _cell(vi))
        for vi, en in zip(table["band"], table["band_en"].map(_cell), strict=True)
    ]
    figures = ["total", "se", "low", "high", "rank", "rank_low", "rank_high"]
    for column in figures:
        table[column] = pd.to_numeric(table[column]).astype(float)
    out = table["flag"] != ""
    ranked = table[~out & table["total"].notna() & table["rank"].notna()]
    removed = table[out & table["rank"].notna()]
    again = {
        position: _rank_again(row, ranked, removed)
        for position, row in zip(ranked.index, ranked.to_dict("records"), strict=True)
    }
    table.loc[out, figures] = math.nan
    table.loc[out, ["band", "band_en"]] = ""
    for position, ranks in again.items():
        table.loc[position, ["rank", "rank_low", "rank_high"]] = ranks
    table = table.sort_values(["rank", "name"], na_position="last", kind="stable")
    table["group"] = _groups(table)
    return table


def _flags_of_used_figures(
    standing: pd.DataFrame, points: pd.DataFrame | None, protected: pd.DataFrame, rule: str
) -> dict[str, str]:
    """Return, by unit, the flag of any withheld figure that its survey points come from."""
    if points is None or "quantity" not in points.columns:
        return {}
    own = protected[
        (protected["domain"] == "unit")
        & (protected["flag"] != "")
        & protected["rule"].isin({rule, "share"})
    ]
    hidden = {
        (str(row["quantity"]), str(row["category"])): str(row["flag"])
        for row in own.to_dict("records")
    }
    unit_of = dict(
        zip(standing["agency_code"].astype(str), standing["unit_id"].map(_cell), strict=True)
    )
    found: dict[str, str] = {}
    for row in points.to_dict("records"):
        unit = unit_of.get(str(row["agency_code"]), "")
        flag = hidden.get((_cell(row["quantity"]), unit))
        if unit and flag:
            found[unit] = flag
    return found


def _rank_again(
    row: Mapping[Any, Any], ranked: pd.DataFrame, removed: pd.DataFrame
) -> tuple[float, float, float]:
    rank = 1 + int((ranked["rank"] < row["rank"]).sum())
    surely_above = removed["rank_high"] < row["rank_low"]
    surely_below = removed["rank_low"] > row["rank_high"]
    unsure = int((~surely_above & ~surely_below).sum())
    above = int(surely_above.sum())
    low = max(1.0, row["rank_low"] - above - unsure)
    high = min(float(len(ranked)), row["rank_high"] - above)
    return float(rank), min(low, rank), max(high, rank)


def _groups(table: pd.DataFrame) -> list[str]:
    groups: list[str] = []
    number, leader, leader_se = 0, math.nan, math.nan
    for total, se, rank in zip(table["total"], table["se"], table["rank"], strict=True):
        if math.isnan(rank) or math.isnan(total) or math.isnan(se):
            groups.append("")
            continue
        if number == 0 or leader - total > 1.959964 * math.hypot(se, leader_se):
            number, leader, leader_se = number + 1, total, se
        groups.append(str(number))
    return groups


def protect_points(points: pd.DataFrame, withheld: Mapping[str, str]) -> pd.DataFrame:
    """Withhold the survey points of agencies whose survey figure is withheld, and their sums."""
    table = points.copy()
    codes = table["agency_code"].astype(str)
    criteria = table["criterion"].astype(str)
    table["flag"] = ""
    surveyed = pd.to_numeric(table["survey"]).notna()
    for column in ("survey", "final", "low", "high"):
        table[column] = pd.to_numeric(table[column]).astype(float)
    for code, flag in withheld.items():
        own = codes == code
        leaves = set(criteria[own & surveyed])
        sums = {part for leaf in leaves for part in _ancestors(leaf)} | {"", "total"}
        hide = own & (criteria.isin(leaves | sums) | surveyed)
        table.loc[hide, ["survey", "final", "low", "high"]] = math.nan
        table.loc[hide, "flag"] = flag
    return table


def protect_duties(
    duties: pd.DataFrame, withheld: Mapping[str, str], points: Iterable[pd.DataFrame]
) -> pd.DataFrame:
    """Withhold the percentage of a duty where survey points of a withheld agency are part of it.

    That the agency owes the report stays: it is a duty, not a result of the survey.
    """
    surveyed: dict[str, list[str]] = {}
    for table in points:
        with_survey = pd.to_numeric(table["survey"]).notna()
        for code, criterion, survey in zip(
            table["agency_code"], table["criterion"], with_survey, strict=True
        ):
            known = surveyed.setdefault(str(code), [])
            if survey:
                known.append(str(criterion))

    def told(code: str, domain: str) -> bool:
        if withheld.get(code) not in {CONFIDENTIAL, UNRELIABLE}:
            return True
        if code not in surveyed or not _CRITERION.match(domain):
            return False
        return not any(leaf == domain or leaf.startswith(f"{domain}.") for leaf in surveyed[code])

    table = duties.reindex(columns=list(DUTY_COLUMNS)).copy()
    table["percent"] = [
        percent if told(str(code), _cell(domain)) else None
        for percent, code, domain in zip(
            table["percent"], table["agency_code"], table["domain"], strict=True
        )
    ]
    return table


def _ancestors(criterion: str) -> list[str]:
    parts = criterion.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _units(units: pd.DataFrame) -> pd.DataFrame:
    table = units.reindex(columns=list(UNIT_COLUMNS)).copy()
    table["unit_id"] = table["unit_id"].astype(str)
    table["drawn"] = ["1" if bool(drawn) else "0" for drawn in table["drawn"]]
    wards = table["type"].astype(str).map(_folded).isin({"phuong", "thi tran", "ward", "town"})
    guessed = ["urban" if ward else "rural" for ward in wards]
    table["urban"] = [
        _cell(given) or guess for given, guess in zip(table["urban"], guessed, strict=True)
    ]
    return table.sort_values("unit_id", kind="stable")


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _checked_blocks(tables: Mapping[str, pd.DataFrame]) -> Iterable[tuple[str, pd.DataFrame]]:
    for block in sorted(tables):
        if not _BLOCK.match(block):
            raise ReleaseError(
                Finding(
                    "block-name",
                    Words(
                        f"Tên khối '{block}' không dùng được làm tên tệp.",
                        f"The block name '{block}' cannot name a file.",
                    ),
                    Words(
                        "Chỉ dùng chữ thường không dấu, số và gạch nối, tối đa 21 ký tự.",
                        "Use small letters, digits and hyphens only, at most 21 of them.",
                    ),
                )
            )
        yield block, tables[block]


def _printed_estimates(protected: pd.DataFrame) -> pd.DataFrame:
    table = protected.copy()
    decimals = [
        decimals_for(0 if n is None or pd.isna(n) else float(n)) for n in protected["n"].to_list()
    ]
    for column in ("value", "se", "low", "high"):
        table[column] = pd.Series(
            [_digits(cell, d) for cell, d in zip(protected[column], decimals, strict=True)],
            index=table.index,
            dtype=object,
        )
    for column, kept in (("n_effective", 0), ("deff", 2), ("df", 0), ("n", 0)):
        table[column] = pd.Series(
            [_digits(cell, kept) for cell in protected[column]], index=table.index, dtype=object
        )
    return table


def _printed_points(points: pd.DataFrame) -> pd.DataFrame:
    columns = ("maximum", "self_scored", "appraised", "survey", "final", "low", "high")
    return _fixed(points, 2, columns)


def _printed_truth(truth: pd.DataFrame, protected: pd.DataFrame, rule: str) -> pd.DataFrame:
    whole = protected[(protected["domain"] == "") & (protected["rule"] == rule)]
    flags = {
        (str(row["round"]), str(row["quantity"])): str(row["flag"])
        for row in whole.to_dict("records")
    }
    table = _fixed(truth, 2, ("truth", "estimate", "low", "high"))
    hidden = [
        bool(flags.get((str(each), str(quantity)), ""))
        for each, quantity in zip(truth["round"], truth["quantity"], strict=True)
    ]
    table["covered"] = pd.Series(
        ["1" if bool(covered) else "0" for covered in truth["covered"]],
        index=table.index,
        dtype=object,
    )
    table.loc[hidden, ["estimate", "low", "high", "covered"]] = ""
    return table


def _fixed(
    table: pd.DataFrame, decimals: int, columns: Iterable[str], *, trim: bool = False
) -> pd.DataFrame:
    fixed = table.copy()
    for column in columns:
        if column in fixed:
            cells = [_digits(cell, decimals) for cell in fixed[column]]
            if trim:
                cells = [cell.rstrip("0").rstrip(".") if "." in cell else cell for cell in cells]
            fixed[column] = pd.Series(cells, index=fixed.index, dtype=object)
    return fixed


def _digits(cell: object, decimals: int) -> str:
    text = _cell(cell)
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{half_up(number, decimals):.{decimals}f}" if math.isfinite(number) else ""


def _cell(cell: object) -> str:
    """Return the text of a cell: NFC, empty for a missing one."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, float):
        return "" if math.isnan(cell) else f"{cell:.10g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return unicodedata.normalize("NFC", str(cell))


def _facts(content: ReleaseContent, protected: pd.DataFrame) -> dict[str, object]:
    names = {**BLOCKS, **content.blocks}
    return {
        "title": content.title._asdict(),
        "province": content.province._asdict(),
        "simulated": content.simulated,
        "two_person": content.two_person,
        "released_on": content.released_on.isoformat(),
        "rule": content.rule,
        "rule_version": content.rule_version,
        "rounds": [
            {
                key: value.isoformat() if isinstance(value, date) else value
                for key, value in asdict(each).items()
            }
            | {name: getattr(each, name)._asdict() for name in ("title", "design", "weight_status")}
            for each in content.rounds
        ],
        "blocks": {
            block: names.get(block, Words(block, block))._asdict()
            for block in sorted({*content.standings, *content.points})
        },
        "standing": sorted(content.standings),
        "points": sorted(content.points),
        "province_points": content.province_points is not None,
        "truth": content.truth is not None,
        "versions": {str(name): str(text) for name, text in content.versions.items()},
        "seeds": {str(name): str(seed) for name, seed in content.seeds.items()},
        "files": sorted(content.files),
        "withheld": {
            "confidential": int((protected["flag"] == CONFIDENTIAL).sum()),
            "unreliable": int((protected["flag"] == UNRELIABLE).sum()),
            "read_with_care": int((protected["note"] == REVIEW).sum()),
            "figures": len(protected),
        },
    }


def _write_workbook(
    path: Path,
    facts: Mapping[str, Any],
    tables: Mapping[str, tuple[Sequence[str], list[list[str]]]],
) -> None:
    import xlsxwriter

    released = date.fromisoformat(str(facts["released_on"]))
    # A workbook carries its time of making: the release date, so that a rebuild is the same file.
    made = datetime(released.year, released.month, released.day)  # noqa: DTZ001
    options = {
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": facts["title"]["vi"], "created": made})
        plain = book.add_format({"valign": "top"})
        wrapped = book.add_format({"valign": "top", "text_wrap": True})
        head = book.add_format(
            {"bold": True, "bg_color": "#173f5f", "font_color": "#ffffff", "valign": "top"}
        )
        title = book.add_format({"bold": True, "font_size": 14})
        warning = book.add_format({"bold": True, "bg_color": "#fff1cf", "font_color": "#6b4400"})
        formats = {
            digits: book.add_format({"valign": "top", "num_format": shape})
            for digits, shape in ((0, "0"), (1, "0.0"), (2, "0.00"), (4, "0.0000"))
        }
        notes = book.add_worksheet("Ghi chú - Notes")
        notes.set_column(0, 0, 24, plain)
        notes.set_column(1, 2, 70, wrapped)
        lines = list(_notes(facts, tables))
        for line, (first, vietnamese, english) in enumerate(lines):
            style = title if line == 0 else warning if first == "!" else None
            notes.write_string(line, 0, "" if first == "!" else first, style)
            notes.write_string(line, 1, vietnamese, style)
            notes.write_string(line, 2, english, style)
        for name, (columns, rows) in tables.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            for number, column in enumerate(columns):
                sheet.write_string(0, number, column, head)
                longest = max((len(row[number]) for row in rows), default=0)
                sheet.set_column(number, number, min(max(longest, len(column)) + 2, 60))
            for line, row in enumerate(rows, start=1):
                for number, (column, cell) in enumerate(zip(columns, row, strict=True)):
                    if not cell:
                        continue
                    if column not in _TEXT_COLUMNS and _NUMBER.match(cell) and len(cell) < 16:
                        digits = len(cell.partition(".")[2])
                        sheet.write_number(line, number, float(cell), formats.get(digits, plain))
                    else:
                        sheet.write_string(line, number, cell, plain)
            sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)


def _notes(
    facts: Mapping[str, Any], tables: Mapping[str, tuple[Sequence[str], list[list[str]]]]
) -> Iterable[tuple[str, str, str]]:
    yield "", facts["title"]["vi"], facts["title"]["en"]
    yield "", facts["province"]["vi"], facts["province"]["en"]
    if facts["simulated"]:
        yield (
            "!",
            "DỮ LIỆU MÔ PHỎNG – không phải kết quả thật.",
            "SIMULATED DATA – not real results.",
        )
    if not facts["two_person"]:
        yield (
            "!",
            "Một người thực hiện cả hai bước (chế độ thử).",
            "One person carried out both steps (trial mode).",
        )
    released = date.fromisoformat(facts["released_on"])
    yield "", f"Ngày công bố: {released:%d/%m/%Y}", f"Released on {released.isoformat()}"
    rule, version = RULES.get(facts["rule"], Words(facts["rule"], facts["rule"])), ""
    if facts["rule_version"]:
        version = f" ({facts['rule_version']})"
    yield "", f"Quy tắc tính: {rule.vi}{version}", f"Index rule: {rule.en}{version}"
    for each in facts["rounds"]:
        status = each["weight_status"]
        yield each["id"], f"Trọng số: {status['vi']}", f"Weights: {status['en']}"
    yield (
        "flag c",
        "bảo mật: dưới 10 người trả lời, hoặc ẩn kèm để không suy ngược được",
        "confidential: fewer than ten answers, or withheld so that such a figure cannot be derived",
    )
    yield (
        "flag u",
        "không đủ tin cậy: mẫu hiệu dụng dưới 30 hoặc khoảng tin cậy quá rộng",
        "unreliable: effective sample below 30, or an interval that is too wide",
    )
    yield "", "Mỗi trang tính là một bảng:", "Each sheet is one table:"
    for name, (_, rows) in tables.items():
        yield name[:31], f"{len(rows)} dòng", f"{len(rows)} rows"
    yield "", "Các cột:", "The columns:"
    used = {column for columns, _ in tables.values() for column in columns}
    for column, meaning in MEANINGS.items():
        if column in used:
            yield column, meaning.vi, meaning.en
