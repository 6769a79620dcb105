"""What a release is made of, before anything is withheld or rounded.

The service that publishes fills these values from the round's frozen files; everything that
follows (disclosure, tables, figures, pages) reads nothing else. Figures are in percent,
points in points, counts in persons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from intake.findings import Words

RULES: Mapping[str, Words] = {
    "top2": Words("Tỷ lệ hài lòng (hai mức cao nhất)", "Share satisfied (two highest answers)"),
    "mean5": Words("Điểm trung bình trên 5", "Mean answer as a percentage of five"),
    "mean04": Words("Điểm trung bình quy đổi 0–100", "Mean answer rescaled from 0 to 100"),
    "share": Words("Tỷ lệ người chọn", "Share who chose the answer"),
}
RULE_FORMULAS: Mapping[str, str] = {
    "top2": "100 · Σ w·[y ≥ 4] / Σ w",
    "mean5": "100 · ȳ / 5",
    "mean04": "100 · (ȳ − 1) / 4",
}
BLOCKS: Mapping[str, Words] = {
    "so": Words("Khối sở, ban, ngành", "Departments"),
    "departments": Words("Khối sở, ban, ngành", "Departments"),
    "phuong": Words("Khối phường", "Wards"),
    "wards": Words("Khối phường", "Wards"),
    "xa": Words("Khối xã, đặc khu", "Communes and special zones"),
    "communes": Words("Khối xã, phường, đặc khu", "Communes, wards and special zones"),
    "counters": Words("Bộ phận Một cửa", "One-stop counters"),
}
CATEGORIES: Mapping[tuple[str, str], Words] = {
    ("gioi_tinh", "1"): Words("Nam", "Men"),
    ("gioi_tinh", "2"): Words("Nữ", "Women"),
    ("do_tuoi", "1"): Words("18–24 tuổi", "Aged 18–24"),
    ("do_tuoi", "2"): Words("25–34 tuổi", "Aged 25–34"),
    ("do_tuoi", "3"): Words("35–49 tuổi", "Aged 35–49"),
    ("do_tuoi", "4"): Words("50–60 tuổi", "Aged 50–60"),
    ("do_tuoi", "5"): Words("Trên 60 tuổi", "Aged over 60"),
    **{
        ("urban", code): Words("Đô thị", "Urban")
        for code in ("1", "urban", "do-thi", "do_thi", "True", "true")
    },
    **{
        ("urban", code): Words("Nông thôn", "Rural")
        for code in ("0", "2", "rural", "nong-thon", "nong_thon", "False", "false")
    },
}
DOMAINS: Mapping[str, Words] = {
    "urban": Words("Đô thị, nông thôn", "Urban and rural"),
    "gioi_tinh": Words("Giới tính", "Sex"),
    "do_tuoi": Words("Nhóm tuổi", "Age group"),
}


@dataclass(frozen=True)
class RoundFacts:
    """One survey round: how it was drawn, what came back, and the digests of its files.

    ``issued`` codes were given out, ``used`` came back, ``valid`` entered the estimates.
    """

    id: str
    title: Words
    instrument: str
    questionnaire_version: str
    design: Words
    issued: int
    used: int
    valid: int
    opens: date
    closes: date
    frame_sha256: str
    draw_sha256: str
    snapshot_sha256: str
    weight_status: Words


@dataclass(frozen=True)
class ReleaseContent:
    """Everything a release is built from.

    Attributes
    ----------
    rule_in_force
        ``top2``, ``mean5`` or ``mean04``, with ``@version`` where the rule's file has one.
    rounds
        In the order of the pages; the first carries the headline.
    estimates
        Columns ``disclosure.ESTIMATE_COLUMNS``, percent, before disclosure control.
    labels
        ``round, quantity, level, label_vi, label_en, order``. A row of level ``category``
        names a domain category by the quantity ``domain:category``.
    units
        ``unit_id, name, type, lat, lon, kind, drawn``; ``kind`` is ``commune`` or ``counter``.
        A column ``urban`` (codes as in the estimates) and ``population`` may be added;
        without the first, a ward (phường, thị trấn) counts as urban.
    standings
        Per block ``agency_code, name, unit_id, total, se, low, high, band, rank, rank_low,
        rank_high``; ``band_en`` may be added.
    points
        Per block ``agency_code, criterion, title_vi, title_en, maximum, self_scored,
        appraised, survey, final, low, high``. Columns ``round, quantity`` may name the figure
        that the survey points come from; without them it is the unit's overall index.
    duties
        ``agency_code, name, reason_vi, reason_en, clause, domain, percent, due_on``. The
        reason states no figure: the percentage has its own column and may be withheld.
    province_points
        As ``points`` without ``agency_code``.
    weighting
        ``round, step, quantity, value``; ``step_en`` and ``quantity_en`` may be added.
    truth
        ``round, quantity, truth, estimate, low, high, covered`` of a simulated round.
    versions, seeds
        Names to text; ``versions["index_rule"]`` is printed as the version of the rule.
    files
        Relative path under ``data/`` to the file that is copied there.
    blocks
        Names of the blocks where ``BLOCKS`` does not have them.
    sensitivity
        What excluding responses changed: ``round, quantity, rule, domain, category, n_excluded,
        value, with_excluded, n_with, low, high, n``; empty where none was excluded.
    corrects
        ``manifest_sha256`` of the release that this one takes the place of, and ``reason``.
    key_sha256
        Fingerprint of the public key that signs the manifest.
    withheld
        ``round, quantity, rule, domain, category`` of figures that are withheld because an earlier
        release shows the same group with a few people more.
    """

    title: Words
    province: Words
    simulated: bool
    two_person: bool
    released_on: date
    rule_in_force: str
    rounds: tuple[RoundFacts, ...]
    estimates: pd.DataFrame
    labels: pd.DataFrame
    units: pd.DataFrame
    standings: Mapping[str, pd.DataFrame]
    points: Mapping[str, pd.DataFrame]
    duties: pd.DataFrame
    province_points: pd.DataFrame | None
    weighting: pd.DataFrame
    truth: pd.DataFrame | None
    versions: Mapping[str, str]
    seeds: Mapping[str, str]
    files: Mapping[str, Path]
    blocks: Mapping[str, Words] = field(default_factory=dict)
    sensitivity: pd.DataFrame = field(default_factory=pd.DataFrame)
    corrects: Mapping[str, str] = field(default_factory=dict)
    key_sha256: str = ""
    withheld: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            columns=["round", "quantity", "rule", "domain", "category"], dtype=str
        )
    )

    @property
    def rule(self) -> str:
        """The name of the rule in force, without its version."""
        return self.rule_in_force.partition("@")[0]

    @property
    def rule_version(self) -> str:
        """The version of the rule in force, empty where none is known."""
        return self.rule_in_force.partition("@")[2] or str(self.versions.get("index_rule", ""))
