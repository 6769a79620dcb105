"""A release of a simulated province in miniature, made without chance: every field can differ."""

import csv
import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis.publication.release import ReleaseContent, RoundFacts, build_release
from intake.findings import Words

P, T = "hai-phong-2026-p", "hai-phong-2026-t"
FACTORS = (
    ("I.A", "Trách nhiệm giải trình của chính quyền", "Accountability of the authorities", 2, 81.2),
    ("I.B", "Sự tham gia của người dân", "Participation of the people", 2, 77.9),
    ("I.C", "Chất lượng tổ chức thực hiện chính sách", "How policies are carried out", 9, 82.4),
    ("I.D", "Kết quả, tác động của chính sách", "Results and effects of policies", 10, 80.6),
    ("II.A", "Tiếp cận dịch vụ", "Access to services", 3, 84.8),
    ("II.B", "Thủ tục hành chính", "Administrative procedures", 4, 83.7),
    ("II.C", "Công chức trực tiếp giải quyết công việc", "Officials in charge", 3, 85.9),
    ("II.D", "Kết quả giải quyết", "Results of procedures", 3, 86.4),
    ("II.E", "Tiếp nhận, xử lý phản ánh, kiến nghị", "Handling of complaints", 3, 78.3),
)
FEW_UNITS = (
    ("11383", "Lê Chân", "Phường", 20.8429, 106.684, 161051),
    ("11329", "Ngô Quyền", "Phường", 20.866, 106.704, 88595),
    ("11311", "Hồng Bàng", "Phường", 20.8712, 106.656, 113200),
    ("11443", "Kiến An", "Phường", 20.822, 106.646, 67236),
    ("11455", "Đồ Sơn", "Phường", 20.7133, 106.778, 36494),
    ("11560", "Thủy Nguyên", "Phường", 20.8897, 106.695, 71731),
    ("10525", "Hải Dương", "Phường", 20.941, 106.344, 51522),
    ("10546", "Chí Linh", "Phường", 21.1031, 106.319, 31983),
    ("10606", "Nam Sách", "Xã", 20.9805, 106.354, 36758),
    ("11824", "Vĩnh Bảo", "Xã", 20.6796, 106.487, 45332),
    ("11755", "Tiên Lãng", "Xã", 20.7349, 106.542, 40446),
    ("11629", "An Lão", "Xã", 20.8159, 106.575, 47189),
    ("11284", "Nam Thanh Miện", "Xã", 20.7235, 106.241, 33230),
    ("10532", "Lê Thanh Nghị", "Phường", 20.9303, 106.312, 81500),
    ("11413", "Hải An", "Phường", 20.8093, 106.737, 102648),
    ("11488", "Lưu Kiếm", "Phường", 20.979, 106.656, 49376),
    ("11074", "Tứ Kỳ", "Xã", 20.8088, 106.391, 37792),
    ("11680", "Kiến Thụy", "Xã", 20.7589, 106.655, 37020),
    ("11725", "Kiến Minh", "Xã", 20.7682, 106.689, 26181),
    ("11914", "Cát Hải", "Đặc khu", 20.8087, 106.869, 71211),
    ("11948", "Bạch Long Vĩ", "Đặc khu", 20.1346, 107.7307, 686),
)


def fraction(*parts: object) -> float:
    """Return a number between 0 and 1 that depends on its parts alone."""
    text = "|".join(map(str, parts))
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) / 16**12


def an_estimate(quantity: str = "overall", value: float = 82.0, n: int = 400, **other) -> dict:
    """Return one row of an estimates table; its error follows from n unless given."""
    row = {
        "round": P,
        "quantity": quantity,
        "level": "overall",
        "rule": "mean5",
        "domain": "",
        "category": "",
        "value": value,
        "n": n,
        "deff": 1.3,
        "df": 24.0,
        "flag": "",
    } | other
    spread = 18.0 if row["rule"] == "mean5" else abs(value * (100 - value)) ** 0.5
    se = spread * (row["deff"] / max(n, 1)) ** 0.5
    return {
        "se": se,
        "low": max(0.0, value - 2 * se),
        "high": min(100.0, value + 2 * se),
        "n_effective": n / row["deff"],
    } | row


def units_table() -> pd.DataFrame:
    """Return the communes of Hải Phòng where the shared list is there, else a few of them."""
    shared = Path(__file__).parents[4] / "shared" / "data" / "admin_units" / "units_2025.csv"
    listed = [
        dict(zip(("unit_id", "name", "type", "lat", "lon", "population"), unit, strict=True))
        for unit in FEW_UNITS
    ]
    if shared.exists():
        with shared.open(encoding="utf-8", newline="") as file:
            listed = [
                {
                    "unit_id": row["code"],
                    "name": row["name"],
                    "type": row["type"],
                    "lat": float(row["lat"]),
                    "lon": float(row["lon"]),
                    "population": int(row["population"]),
                }
                for row in csv.DictReader(file)
                if row["parent_code"] == "31"
            ]
    always = {"11383", "10525", "11824", "11914", "11755", "11443"}
    for unit in listed:
        unit["kind"] = "commune"
        unit["drawn"] = unit["unit_id"] in always or fraction("drawn", unit["unit_id"]) < 0.24
    counters = [
        {
            "unit_id": f"MC{number:02d}",
            "name": f"Trung tâm PVHCC {unit['name']}",
            "type": "Một cửa",
            "lat": unit["lat"],
            "lon": unit["lon"],
            "population": None,
            "kind": "counter",
            "drawn": True,
        }
        for number, unit in enumerate(listed[:8], start=1)
    ]
    return pd.DataFrame(listed + counters)


def estimates_of(round_id: str, units: list[tuple[str, int, bool]], factors=FACTORS) -> list[dict]:
    total = sum(n for _, n, _ in units)
    urban_n = sum(n for _, n, urban in units if urban)
    groups = [("", "", total), ("gioi_tinh", "1", total * 47 // 100)]
    groups.append(("gioi_tinh", "2", total - groups[1][2]))
    if urban_n:
        groups += [("urban", "urban", urban_n), ("urban", "rural", total - urban_n)]
    ages = [total * share // 100 for share in (9, 22, 31, 23)]
    groups += [("do_tuoi", str(k), n) for k, n in enumerate([*ages, total - sum(ages)], start=1)]
    groups += [("unit", unit, n) for unit, n, _ in units]
    quantities = [("overall", "overall", 82.3)]
    blocks = sorted({code.split(".")[0] for code, *_ in factors if "." in code})
    for block in blocks:
        mine = [level for code, *_, level in factors if code.split(".")[0] == block]
        quantities.append((block, "block", sum(mine) / len(mine)))
    item = 0
    for code, _, _, items, level in factors:
        quantities.append((code, "factor", level))
        for _ in range(items):
            item += 1
            quantities.append(
                (f"cau_9_{item:02d}", "item", level + 6 * fraction("item", round_id, item) - 3)
            )
    rows = []
    for domain, category, n in groups:
        for quantity, level, value in quantities:
            if level == "item" and domain == "unit":
                continue
            shift = 0.0 if not domain else 12 * fraction(round_id, domain, category) - 6
            base = value + shift + (2 * fraction(quantity, domain, category) - 1 if domain else 0)
            for rule, figure in (("mean5", base), ("mean04", base * 1.25 - 25), ("top2", base - 4)):
                rows.append(
                    an_estimate(
                        quantity,
                        min(figure, 99.0),
                        n,
                        round=round_id,
                        level=level,
                        rule=rule,
                        domain=domain,
                        category=category,
                        df=min(max(n - 2, 1), 27),
                    )
                )
    return rows


def labels_of(round_id: str, factors=FACTORS) -> list[dict]:
    rows = [("overall", "overall", "Chỉ số hài lòng chung", "Overall satisfaction index")]
    if round_id == P:
        rows.append(
            (
                "I",
                "block",
                "Khối I. Xây dựng, tổ chức thực hiện chính sách công",
                "Block I. Making and carrying out public policy",
            )
        )
        rows.append(
            (
                "II",
                "block",
                "Khối II. Cung ứng dịch vụ hành chính công",
                "Block II. Providing administrative services",
            )
        )
    item = 0
    for code, vietnamese, english, items, _ in factors:
        rows.append((code, "factor", f"{code} {vietnamese}", f"{code} {english}"))
        for _ in range(items):
            item += 1
            rows.append(
                (
                    f"cau_9_{item:02d}",
                    "item",
                    f"{item}. Tiêu chí {item} của {vietnamese}",
                    f"{item}. Item {item} of {english}",
                )
            )
    rows.append(
        (
            "cau_5_1",
            "share",
            "Không có công chức nào gây phiền hà, sách nhiễu",
            "No official causes trouble or harassment",
        )
    )
    return [
        {
            "round": round_id,
            "quantity": q,
            "level": level,
            "label_vi": vi,
            "label_en": en,
            "order": number,
        }
        for number, (q, level, vi, en) in enumerate(rows)
    ]


def a_round(**other) -> RoundFacts:
    return replace(
        RoundFacts(
            id=P,
            title=Words("Khảo sát người dân 2026", "Survey of residents 2026"),
            instrument="citizen",
            questionnaire_version="2026-1",
            design=Words(
                "Hai bậc: xã, phường chọn theo quy mô trong tầng đô thị và nông thôn; người dân "
                "chọn ngẫu nhiên từ danh sách.",
                "Two stages: communes with probability proportional to size within urban and "
                "rural strata; residents at random from the list.",
            ),
            issued=2400,
            used=1790,
            valid=1763,
            opens=date(2026, 9, 1),
            closes=date(2026, 9, 30),
            frame_sha256="a1" * 32,
            draw_sha256="b2" * 32,
            snapshot_sha256="c3" * 32,
            weight_status=Words(
                "thiết kế, không trả lời, hiệu chỉnh giới và tuổi",
                "design, nonresponse, calibrated to sex and age",
            ),
        ),
        **other,
    )


def make_content(folder: Path, **other) -> ReleaseContent:
    """Return the content of a release of two rounds; any field can be given."""
    units = units_table()
    communes = units[units["kind"] == "commune"]
    sampled = []
    for row in communes[communes["drawn"]].to_dict("records"):
        n = 38 + int(60 * fraction("n", row["unit_id"]))
        if row["unit_id"] == "11914":
            n = 7
        if row["unit_id"] == "11824":
            n = 24
        sampled.append((row["unit_id"], n, row["type"] == "Phường"))
    counters = [
        (code, 60 + int(90 * fraction("c", code)), False)
        for code in units.loc[units["kind"] == "counter", "unit_id"]
    ]
    services = (
        ("1", "Tiếp cận dịch vụ", "Access to services", 4, 86.1),
        ("2", "Thủ tục hành chính", "Procedures", 5, 85.0),
        ("3", "Công chức giải quyết công việc", "Officials", 6, 88.2),
        ("4", "Kết quả", "Results", 3, 89.3),
        ("5", "Góp ý, phản ánh, kiến nghị", "Complaints", 4, 80.9),
    )
    estimates = estimates_of(P, sampled) + [
        row
        for row in estimates_of(T, counters, services)
        if row["domain"] in {"", "unit", "gioi_tinh"}
    ]
    estimates.append(an_estimate("cau_5_1", 71.4, 1700, level="share", rule="share"))
    standings, points = {}, {}
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    types = dict(zip(units["unit_id"], units["type"], strict=True))
    for block in ("phuong", "xa"):
        mine = [u for u, _, urban in sampled if urban == (block == "phuong")]
        totals = sorted(((70 + 22 * fraction("total", u), u) for u in mine), reverse=True)
        standings[block] = pd.DataFrame(
            [
                {
                    "agency_code": f"U{u}",
                    "name": f"UBND {types[u].lower()} {names[u]}",
                    "unit_id": u,
                    "total": total,
                    "se": 1.1,
                    "low": total - 2.2,
                    "high": total + 2.2,
                    "band": "Tốt" if total >= 80 else "Khá",
                    "rank": place,
                    "rank_low": max(1, place - 3),
                    "rank_high": min(len(mine), place + 4),
                }
                for place, (total, u) in enumerate(totals, start=1)
            ]
        )
        points[block] = pd.DataFrame(
            [
                {
                    "agency_code": f"U{u}",
                    "criterion": code,
                    "title_vi": vi,
                    "title_en": en,
                    "maximum": top,
                    "self_scored": top * 0.95,
                    "appraised": top * 0.9,
                    "survey": top * 0.83 if code == "8.1" else None,
                    "final": top * (0.83 if code == "8.1" else 0.9),
                    "low": top * 0.8 if code == "8.1" else None,
                    "high": top * 0.86 if code == "8.1" else None,
                }
                for u in mine
                for code, vi, en, top in (
                    ("3", "Cải cách thủ tục hành chính", "Reform of procedures", 15.0),
                    ("7", "Chính quyền điện tử, chính quyền số", "Digital government", 14.0),
                    ("8.1", "Mức độ hài lòng của người dân", "Satisfaction of citizens", 10.0),
                )
            ]
        )
    low = [*[u for u, _, _ in sampled][:3], "11914"]
    duties = pd.DataFrame(
        [
            {
                "agency_code": f"U{u}",
                "name": f"UBND {types[u].lower()} {names[u]}",
                "reason_vi": "Chỉ số thành phần Cải cách thủ tục hành chính dưới 75% điểm tối đa",
                "reason_en": "Component index Reform of procedures below 75% of the maximum",
                "clause": "Chỉ thị, mục 3",
                "domain": "8" if u == "11914" else "3",
                "percent": 71.25 + k,
                "due_on": date(2027, 4, 1),
            }
            for k, u in enumerate(low)
        ]
    )
    truth = [
        {
            "round": P,
            "quantity": code,
            "truth": value + fraction("t", code) * 2 - 1,
            "estimate": value,
            "low": value - 1.0,
            "high": value + 1.0,
            "covered": fraction("t", code) * 2 - 1 < 1,
        }
        for code, value in [("overall", 82.3), *[(code, level) for code, *_, level in FACTORS]]
    ]
    weighting = pd.DataFrame(
        [
            {"round": P, "step": step, "quantity": quantity, "value": value}
            for step, quantity, value in (
                ("design", "sum", 3402881.0),
                ("design", "kish", 1.1234),
                ("nonresponse", "kish", 1.1741),
                ("calibrated", "kish", 1.2093),
                ("final", "min", 312.4471),
                ("final", "max", 4820.09),
            )
        ]
    )
    frame = folder / "frame.csv"
    frame.write_text("unit_id,unit_name\n11383,Lê Chân\n", encoding="utf-8")
    return replace(
        ReleaseContent(
            title=Words("Chỉ số hài lòng Hải Phòng 2026", "Hải Phòng satisfaction index 2026"),
            province=Words("Thành phố Hải Phòng", "City of Hải Phòng"),
            simulated=True,
            two_person=False,
            released_on=date(2026, 11, 22),
            rule_in_force="mean5@2026-1",
            rounds=(
                a_round(),
                a_round(
                    id=T,
                    title=Words("Khảo sát giao dịch 2026", "Survey of visits 2026"),
                    instrument="transaction",
                    issued=1200,
                    used=801,
                    valid=795,
                ),
            ),
            estimates=pd.DataFrame(estimates),
            labels=pd.DataFrame(labels_of(P) + labels_of(T, services)),
            units=units,
            standings=standings,
            points=points,
            duties=duties,
            province_points=None,
            weighting=weighting,
            truth=pd.DataFrame(truth),
            versions={"hailong": "0.1.0", "index_rule": "2026-1"},
            seeds={P: "20260901"},
            files={"frame.csv": frame},
        ),
        **other,
    )


@pytest.fixture(scope="session")
def estimate():
    return an_estimate


@pytest.fixture(scope="session")
def a_content():
    return make_content


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """One release of the province, built once: its content, folder and manifest."""
    folder = tmp_path_factory.mktemp("published")
    content = make_content(folder)
    manifest = build_release(content, folder / "release")
    return content, folder / "release", manifest
