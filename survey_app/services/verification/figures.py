"""The figures of a release: the pages from its tables, the tables from the frozen answers."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile

import pandas as pd
from openpyxl import load_workbook

from analysis.par_index import rule_files
from analysis.publication.content import ReleaseContent, RoundFacts
from analysis.publication.pages import write_site
from analysis.publication.tables import WORKBOOK, freeze, read_frozen, rewrite_workbook
from analysis.respondents import read_respondents
from intake.findings import Finding, Words
from questionnaires import read_questionnaire
from survey_app.services import scoring
from survey_app.services.releases import bundles, counts, release_tables
from survey_app.services.releases.sensitivity import estimated, sensitivity
from survey_app.services.results import RESPONDENTS, unit_columns
from survey_app.services.verification.bundle import Bundle
from survey_app.services.verification.faults import wrong
from survey_app.services.verification.microdata import microdata, restricted_file

_WORDS = re.compile(r">([^<>]*[^<>\s][^<>]*)<")
_GIVEN = {"truth.csv"}
"""Tables that hold what nobody can compute from answers: the truth of a simulation."""


def count_figures(bundle: Bundle) -> int:
    """Return how many numbers the tables of a release state."""
    return sum(
        _is_number(cell)
        for path in sorted((bundle.folder / "tables").glob("*.csv"))
        for row in _rows(path)[1:]
        for cell in row
    )


def pages(bundle: Bundle) -> Iterator[Finding]:
    """Look whether pages say what the tables say, by making them again."""
    with TemporaryDirectory() as name:
        beside = Path(name)
        for part in ("tables", "data", "log"):
            if (bundle.folder / part).is_dir():
                shutil.copytree(bundle.folder / part, beside / part)
        write_site(beside)
        made, kept = (_files(folder / "site") for folder in (beside, bundle.folder))
        for path in sorted(set(made) | set(kept)):
            if path not in made or path not in kept or _told(made[path]) != _told(kept[path]):
                yield wrong(
                    "page-differs",
                    f"site/{path}",
                    f"Trang site/{path} không đúng với các bảng của bản công bố.",
                    f"The page site/{path} is not what the tables of the release say.",
                )
                return


def workbook(bundle: Bundle) -> Iterator[Finding]:
    """Look whether the workbook says what the tables say, by making it again."""
    published = bundle.file(f"tables/{WORKBOOK}")
    with TemporaryDirectory() as name:
        again = Path(name) / WORKBOOK
        rewrite_workbook(published.parent, again)
        if again.read_bytes() == published.read_bytes():
            return
        # Another version of the library may pack the same cells otherwise.
        for mine, said in zip_longest(_cells(again), _cells(published)):
            if mine != said:
                sheet, number = (said or mine or ("", 0, ()))[:2]
                yield wrong(
                    "workbook-differs",
                    f"tables/{WORKBOOK} {sheet} {number}",
                    f"{WORKBOOK}, trang “{sheet}”, dòng {number} không đúng với các bảng.",
                    f"{WORKBOOK}, sheet '{sheet}', row {number} is not what the tables say.",
                )
                return


def _cells(path: Path) -> Iterator[tuple[str, int, tuple[Any, ...]]]:
    """Give each row of a workbook with its sheet and number; what cannot be read has no rows."""
    try:
        book = load_workbook(path, read_only=True)
    except (OSError, ValueError, KeyError, BadZipFile):
        return
    for sheet in book:
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = ["" if cell is None else cell for cell in row]
            while cells and cells[-1] == "":
                cells.pop()
            yield sheet.title, number, tuple(cells)


def tables(bundle: Bundle, restricted: Path) -> Iterator[Finding]:
    """Look whether every figure follows from the frozen answers, by computing it again."""
    content = _content(bundle, restricted)
    withheld, faults = _withheld(bundle, restricted, content)
    if faults:
        yield from faults
        return
    content = replace(content, withheld=withheld)
    with TemporaryDirectory() as name:
        freeze(content, Path(name))
        made, said = (_tables(folder) for folder in (Path(name), bundle.folder / "tables"))
        for table in sorted(set(made) | set(said)):
            rows, shown = made.get(table, []), said.get(table, [])
            for number, (mine, told) in enumerate(zip_longest(rows, shown), 1):
                if mine != told:
                    yield _figure(table, number, mine, told, (rows or shown)[0])
                    return


def _tables(folder: Path) -> dict[str, list[list[str]]]:
    return {path.name: _rows(path) for path in folder.glob("*.csv") if path.name not in _GIVEN}


def _withheld(
    bundle: Bundle, restricted: Path, content: ReleaseContent
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return what is withheld beside earlier releases, and the first row that says otherwise."""
    corrected = bool(bundle.facts.get("corrects")) or bundle.facts["two_person"]
    built = [made for _, made in bundle.acts("release-built")]
    before = counts.earlier_releases(built, bundle.rounds, compared=corrected)
    files = [restricted_file(restricted, counts.counts_file(one)) for one in before]
    withheld = counts.held_against(content, files)
    if not before:
        return withheld, []
    name = f"log/{counts.WITHHELD}"
    made = [list(withheld.columns), *withheld.to_numpy().tolist()]
    for number, (mine, told) in enumerate(zip_longest(made, _rows(bundle.file(name))), 1):
        if mine != told:
            item = ", ".join(cell for cell in (told or mine) if cell)
            fault = wrong(
                "withheld",
                f"{name} {number}",
                f"{name} dòng {number} ({item}): bản kê kết quả không công bố vì bản trước không "
                "đúng với số đếm của các bản.",
                f"{name} row {number} ({item}): what is withheld beside earlier releases is not "
                "what their counts give.",
            )
            return withheld, [fault]
    return withheld, []


def _content(bundle: Bundle, restricted: Path) -> ReleaseContent:
    """Bring together the content of a release from its own files and the restricted ones."""
    frozen, facts = read_frozen(bundle.folder), bundle.facts
    made = [_estimated(bundle, restricted, one) for one in bundle.rounds]
    whole = {name: pd.concat([one[name] for one in made], ignore_index=True) for name in made[0]}
    known = {
        str(code): (str(name), str(unit))
        for table in frozen.standings.values()
        for code, name, unit in table[["agency_code", "name", "unit_id"]].to_numpy().tolist()
    }
    units = frozen.units.assign(drawn=frozen.units["drawn"] == "1")
    return ReleaseContent(
        title=Words(**facts["title"]),
        province=Words(**facts["province"]),
        simulated=facts["simulated"],
        two_person=facts["two_person"],
        released_on=date.fromisoformat(facts["released_on"]),
        rule_in_force="@".join(filter(None, (facts["rule"], facts["rule_version"]))),
        rounds=tuple(_facts(one) for one in facts["rounds"]),
        labels=frozen.labels.assign(order=frozen.labels["order"].astype(int)),
        units=units,
        estimates=whole["estimates"],
        weighting=whole["weighting"],
        sensitivity=whole["sensitivity"],
        truth=None,
        versions=facts["versions"],
        seeds=facts["seeds"],
        files={},
        **release_tables.index_tables(_blocks(bundle, restricted, whole["estimates"]), known),
    )


def _estimated(bundle: Bundle, restricted: Path, round_id: str) -> dict[str, pd.DataFrame]:
    """Weigh and estimate a round again as its specifications in the release say."""
    place = bundle.folder / "data" / round_id
    path = microdata(restricted, round_id)
    units = unit_columns(place / RESPONDENTS)
    spec = place / bundles.WEIGHT_SPEC
    weights = spec if spec.is_file() else None
    estimate = bundle.file(f"data/{round_id}/{bundles.ESTIMATE_SPEC}")
    asked = read_questionnaire(bundle.file(f"data/{round_id}/{bundles.QUESTIONNAIRE}"))
    table, record = estimated(read_respondents(path), asked, weights, estimate, units)
    return {
        "estimates": table,
        "weighting": release_tables.weighting_of(round_id, record),
        "sensitivity": sensitivity(path, table, asked, weights, estimate, units),
    }


def _blocks(bundle: Bundle, restricted: Path, estimates: pd.DataFrame) -> dict[str, scoring.Block]:
    """Compute the blocks of the year again from what was scored and estimated."""
    text = {"agency_code": str, "criterion": str, "evidence": str, "source": str, "rating": str}
    scored, heads = (
        pd.read_csv(restricted_file(restricted, name), dtype=text) for name in bundles.SCORES
    )
    scores = (scored, heads)
    standings = read_frozen(bundle.folder).standings
    names = [*standings, *([scoring.PROVINCE] if bundle.facts["province_points"] else [])]
    made = {}
    for name in names:
        units = {scoring.PROVINCE: scoring.PROVINCE}
        if name in standings:
            own = standings[name]
            units = dict(sorted(zip(own["agency_code"], own["unit_id"], strict=True)))
        rules = rule_files.load(bundle.facts["versions"][f"index_{name}"])
        made[name] = scoring.compute_block(rules, estimates, scores, units)
    return made


def _facts(held: dict[str, Any]) -> RoundFacts:
    days = {name: date.fromisoformat(held[name]) for name in ("opens", "closes")}
    words = {name: Words(**held[name]) for name in ("title", "design", "weight_status")}
    return RoundFacts(**(held | days | words))


def _figure(
    table: str, number: int, mine: list[str] | None, said: list[str] | None, head: list[str]
) -> Finding:
    """Name the first figure of a row that is not what the answers give."""
    row = said or mine or []
    item = ", ".join(cell for cell in row[:6] if cell)
    column = next(
        (
            name
            for name, one, other in zip_longest(head, mine or [], said or [])
            if one != other and name
        ),
        "",
    )
    given, found = (
        dict(zip(head, one or [], strict=False)).get(column, "") for one in (said, mine)
    )
    return wrong(
        "figure",
        f"tables/{table} {number} {column}",
        f"{table} dòng {number} ({item}), cột {column}: công bố “{given}”, tính lại “{found}”.",
        f"{table} row {number} ({item}), column {column}: published '{given}', computed '{found}'.",
    )


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _files(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }


def _told(page: Path) -> str:
    """Return what stands for a file of the pages: of a chart its words and numbers.

    Where a line of a chart runs depends on the fonts and the library of the machine.
    """
    data = page.read_bytes()
    return "\n".join(_WORDS.findall(data.decode())) if page.suffix == ".svg" else _digest(data)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
