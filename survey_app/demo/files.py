"""Files of the demonstration: what is packaged, and what the simulation hands to the commands.

Whatever is made up says so in its source column or source line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

import yaml

from analysis.par_index import criteria, rule_files
from intake.tables import read_table, write_csv
from questionnaires.loader import definition_files
from sampling.units import load_registry
from survey_app.demo.population import (
    AGE_GROUPS,
    SEXES,
    Census,
    Place,
    adults_of,
    stream,
)

SIMULATED = "dữ liệu mô phỏng (simulated data)"
PROVINCE = "31"
RULES = ("top2", "mean5", "mean04")
_FINISHED_OF_EXPECTED = 0.97
_REFUSED_TICKETS = 0.03
_SHOWN_LEVELS = ("factor", "block", "overall")
_HEADS = (
    "Hoàn thành xuất sắc nhiệm vụ",
    "Hoàn thành tốt nhiệm vụ",
    "Hoàn thành tốt nhiệm vụ",
    "Hoàn thành nhiệm vụ",
)


def registry_files() -> list[Path]:
    """Return the packaged lists of units, changes, agencies, counters and procedures."""
    folder = Path(str(resources.files("sampling") / "data"))
    names = (
        "units.csv",
        "unit_changes.csv",
        "hai_phong_agencies.csv",
        "hai_phong_counters.csv",
        "hai_phong_procedures.csv",
    )
    return [folder / name for name in names]


def questionnaire_files() -> list[Path]:
    """Return the packaged questionnaires."""
    return definition_files()


def design_file(name: str) -> Path:
    """Return a packaged sample design: ``population`` or ``visits``."""
    return Path(str(resources.files("sampling") / "data" / "designs")) / f"hai-phong-{name}.yaml"


def write_simulated_adults(path: Path) -> None:
    """Write the simulated number of residents aged 18 and over of every commune."""
    path.parent.mkdir(parents=True, exist_ok=True)
    registry = load_registry()
    write_csv(
        path,
        ["unit_id", "adults", "adults_source"],
        [
            [unit.code, adults_of(unit.population or 0), SIMULATED]
            for unit in registry.children(PROVINCE)
        ],
    )


def places_and_draw(folder: Path, name: str) -> tuple[list[Place], dict[str, list[int]]]:
    """Return everybody's places and the drawn list positions of a draw, by place."""
    frame = read_table(folder / "frame.csv", required=["unit_id", "size"])
    places = [
        Place(
            row.cells["unit_id"],
            int(row.cells["adults"])
            if name == "population"
            else round(int(row.cells["size"]) * _FINISHED_OF_EXPECTED),
            row.cells.get("urban", "") == "1",
        )
        for row in frame.rows
    ]
    people = {place.id: place.people for place in places}
    sample = read_table(folder / "sample.csv", required=["unit_id", "stage", "role"])
    last = max(row.cells["stage"] for row in sample.rows)
    drawn: dict[str, list[int]] = {}
    for row in sample.rows:
        if row.cells["stage"] == last and row.cells["role"] == "drawn":
            place, _, position = row.cells["unit_id"].rpartition("-")
            if int(position) <= people[place]:
                drawn.setdefault(place, []).append(int(position))
    return places, drawn


def write_tally(path: Path, places: Iterable[Place], drawn: Mapping[str, list[int]]) -> None:
    """Write what the counters counted: finished transactions, tickets taken and refused."""
    rows = []
    for place in places:
        selected = len(drawn[place.id])
        refused = round(_REFUSED_TICKETS * selected)
        rows.append([place.id, place.people, selected - refused, refused, 0])
    write_csv(path, ["counter_id", "finished", "served", "refused", "ineligible"], rows)


def write_truth(path: Path, census: Mapping[str, Census]) -> None:
    """Write the true values of the simulated population, under every index rule."""
    write_csv(
        path,
        ["round", "quantity", "rule", "truth", "source"],
        [
            [round_id, quantity, rule, repr(value), SIMULATED]
            for round_id, counted in census.items()
            for rule in RULES
            for quantity, value in counted.truth(rule).items()
        ],
    )


def write_weight_specs(folder: Path, population: str, visits: str, counted: Census) -> None:
    """Write how the two rounds are weighed; the margins are those of the simulated census."""
    sex_by_age = {
        f"{sex}*{age}": int(counted.by_sex_and_age[sex - 1, age - 1])
        for sex in SEXES
        for age in AGE_GROUPS
    }
    _write_yaml(
        folder / f"weights-{population}.yaml",
        {
            "version": 1,
            "base": "design_weight",
            "nonresponse": {"classes": "cell"},
            "calibrate": {
                "method": "raking",
                "source": "dân số mô phỏng của bản trình diễn (simulated population)",
                "simulated": True,
                "margins": {"gioi_tinh*do_tuoi": sex_by_age, "urban": counted.by_urban},
            },
            "trim": {"times_median": 5},
        },
    )
    _write_yaml(
        folder / f"weights-{visits}.yaml",
        {
            "version": 1,
            "base": "design_weight",
            "nonresponse": {"classes": "cell"},
            "trim": False,
        },
    )


def write_estimate_spec(
    path: Path, questionnaire: tuple[str, str], domains: list[list[str]]
) -> None:
    """Write what is estimated from a round."""
    _write_yaml(
        path,
        {
            "version": 1,
            "questionnaire": "@".join(questionnaire),
            "weights": "final",
            "design": {"strata": "stratum", "lonely_psu": "fail"},
            "rules": list(RULES),
            "aggregation": {"factor": "mean", "block": "items", "overall": "items"},
            "domains": domains,
            "units": "unit",
            "shares": True,
        },
    )


def write_scores(folder: Path, year: int, agencies: Mapping[str, list[str]], seed: int) -> None:
    """Write simulated assessments of the criteria that no survey feeds, and ratings of heads.

    Parameters
    ----------
    agencies
        The codes of the agencies of each block that have a sample of their own.
    """
    scored: list[list[object]] = []
    heads: list[list[object]] = []
    for block, codes in agencies.items():
        rules = rule_files.load(f"{year}-{block}")
        for code in codes:
            rng = stream(seed, "assessment", code)
            strength = rng.beta(9, 2)
            for leaf in rules.leaves():
                if leaf.expression and leaf.expression.kind != "survey":
                    value = _simulated_value(
                        leaf, float(rng.beta(12 * strength, 12 * (1 - strength)))
                    )
                    scored.append([code, leaf.code, value, value, SIMULATED, SIMULATED])
            heads.append([code, _HEADS[int(rng.integers(len(_HEADS)))]])
    write_csv(
        folder / "assessments.csv",
        ["agency_code", "criterion", "self_scored", "appraised", "evidence", "source"],
        scored,
    )
    write_csv(folder / "heads.csv", ["agency_code", "rating"], heads)


def _simulated_value(leaf: criteria.Criterion, level: float) -> float:
    """Return a value of the criterion's own unit for a performance between 0 and 1."""
    rule = leaf.expression
    if rule is None or rule.kind == "points":
        return round(leaf.maximum * level, 2)
    if rule.kind == "linear":
        return round(rule.low + (rule.high - rule.low) * level, 1)
    if rule.kind == "boolean":
        return float(level > 0.3)
    if rule.kind == "deduction":
        return float(round((1 - level) * leaf.maximum / rule.each))
    top = rule.target if rule.kind == "ratio" else max(floor for floor, _ in rule.steps) * 1.1
    return round(top * level, 1)


def compare_with_truth(release: Path) -> list[str]:
    """Return one line per quantity: name, truth, estimate, interval, and whether it covers."""
    table = read_table(release / "tables" / "truth.csv", required=["quantity"])
    lines, covered = [], 0
    for row in table.rows:
        cells = row.cells
        hit = cells["covered"].lower() in {"true", "1", "yes"}
        covered += hit
        low, high = (float(cells[name]) for name in ("low", "high"))
        lines.append(
            f"{cells['round']}:{cells['quantity']:<8} {float(cells['truth']):6.2f} "
            f"{float(cells['estimate']):6.2f} [{low:.2f}; {high:.2f}] {'yes' if hit else 'no'}"
        )
    lines.append(f"{covered} / {len(table.rows)} intervals cover the truth")
    return lines


def _write_yaml(path: Path, value: object) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    path.write_text(f"# {SIMULATED}\n{text}", encoding="utf-8")


def read_settings_file(data: Path) -> dict[str, str]:
    """Return the settings that a data folder keeps."""
    lines = (data / ".env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def sample_agencies(registry: Path, units: Iterable[str]) -> dict[str, list[str]]:
    """Return the agencies of each block whose unit was drawn, from the list of agencies."""
    drawn = set(units)
    table = read_table(registry, required=["agency_code", "unit_code", "kind"])
    communes = [
        row.cells["agency_code"]
        for row in table.rows
        if row.cells["kind"] == "commune" and row.cells["unit_code"] in drawn
    ]
    counters = sorted(unit for unit in drawn if not unit.isdigit())
    return {"communes": communes, "counters": counters}
