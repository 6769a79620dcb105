"""Several faults of one design on one frame: all are told at once, and none that is not there."""

import pytest

from intake.findings import DesignError
from sampling import Frame, SampleDesign, check_design, draw, takes_of

COMMUNES = {"c1": "a", "c2": "a", "c3": "b"}


def villages(**changed):
    """Two villages in each commune, 30 households in each; ``c1v1__households='x'`` changes one."""
    rows = []
    for commune, stratum in COMMUNES.items():
        for number in (1, 2):
            name = f"{commune}v{number}"
            row = {"unit_id": name, "unit_name": name.upper(), "province": "HP"}
            row |= {"stratum": stratum, "size": 100, "parent_id": commune, "households": 30}
            row |= {"kind": "near" if number == 1 else "far", "east": number}
            row |= {
                key.partition("__")[2]: value
                for key, value in changed.items()
                if key.partition("__")[0] == name
            }
            rows.append(row)
    return Frame.from_rows(rows, "villages.csv")


def staged(first=(), second=(), third=(), **fields):
    stages = [
        {"unit": "commune", "id": "parent_id", "method": "srs", "take": {"a": 2, "b": 1}},
        {"unit": "village", "id": "unit_id", "method": "srs", "take": 1},
        {"unit": "household", "method": "srs", "take": 5, "size": "households"},
    ]
    changes = (first, second, third)
    stages = [{**one, **dict(change)} for one, change in zip(stages, changes, strict=True)]
    return SampleDesign.from_dict({"version": 1, "stages": stages, **fields})


def told(design, units):
    with pytest.raises(DesignError) as refused:
        takes_of(design, units)
    return sorted({(one.code, one.path) for one in refused.value.findings
                   if one.severity == "error"})  # fmt: skip


COMBINED = {
    "a column of sizes is missing, a stratum unknown, a take and a list too short": (
        staged(
            {"method": "sampford", "size": "adults", "take": {"a": 3, "b": 1, "z": 1}},
            third={"take": 31},
        ),
        villages(),
        [
            ("design-column-missing", "stages[0].size"),
            ("design-stratum-unknown", "stages[0].take.z"),
            ("design-take-above-list", "stages[2].take"),
            ("design-take-above-stratum", "stages[0].take"),
        ],
    ),
    "a broken size, an unknown certainty, another frame, a missing domain": (
        staged(
            {"method": "sampford", "size": "households", "certainty": ["c9"]},
            frame="0" * 64,
            domains=["type"],
        ),
        villages(c1v1__households="x"),
        [
            ("design-certainty-unknown", "stages[0].certainty"),
            ("design-column-missing", "domains"),
            ("design-frame-differs", "frame"),
            ("design-size-not-whole", "stages[0].size"),
            ("design-size-not-whole", "stages[2].size"),
        ],
    ),
    "a commune in two strata hides no fault of the other strata and stages": (
        staged({"take": {"a": 9, "b": 1, "c": 2, "z": 1}}, {"take": 3}, {"take": 31}),
        villages(c1v1__stratum="c"),
        [
            # Of c1 nothing is known: neither the take of 9 in a nor that of 2 in c is judged.
            ("design-stratum-unknown", "stages[0].take.z"),
            ("design-take-above-list", "stages[1].take"),
            ("design-take-above-list", "stages[2].take"),
            ("design-unit-divided", "stages[0].id"),
        ],
    ),
    "ids of communes are missing, but not the lists of their villages": (
        staged({"id": "commune", "take": {"a": 9, "z": 1}}, {"take": {"a": 3}}, {"take": 31}),
        villages(),
        [
            ("design-column-missing", "stages[0].id"),
            ("design-stratum-unknown", "stages[0].take.z"),
            ("design-stratum-without-take", "stages[0].take"),
            ("design-stratum-without-take", "stages[1].take"),
            ("design-take-above-list", "stages[2].take"),
        ],
    ),
    "strata are missing in stage 1 and groups lack a take in stages 2 and 3": (
        staged(
            {"strata": "region", "sort": "east"},
            {"strata": "kind", "take": {"near": 1, "here": 1}},
            {"strata": "kind", "take": {"far": 31}},
        ),
        villages(),
        [
            ("design-column-missing", "stages[0].strata"),
            ("design-stratum-unknown", "stages[1].take.here"),
            ("design-stratum-without-take", "stages[1].take"),
            ("design-stratum-without-take", "stages[2].take"),
            ("design-take-above-list", "stages[2].take"),
        ],
    ),
    "a total that is too small to be shared out, and faults of later stages": (
        staged(
            {"take": 1, "allocation": "equal", "sort": "order"},
            {"take": 3},
            {"size": "persons"},
        ),
        villages(),
        [
            ("allocation-floors-above-total", "stages[0].take"),
            ("design-column-missing", "stages[0].sort"),
            ("design-column-missing", "stages[2].size"),
            ("design-take-above-list", "stages[1].take"),
        ],
    ),
    "a total above what the strata hold is known without sizes": (
        staged(
            {"take": 99, "allocation": "proportional", "method": "brewer", "size": "households"},
            {"strata": "where", "take": {"x": 1}},
        ),
        villages(c1v1__households="0"),
        [
            ("allocation-caps-below-total", "stages[0].take"),
            ("design-column-missing", "stages[1].strata"),
            ("design-size-not-whole", "stages[0].size"),
            ("design-size-not-whole", "stages[2].size"),
        ],
    ),
    "standard deviations are lacking, coordinates no numbers, certainties fill a take": (
        staged(
            {"take": 3, "allocation": "neyman", "sharing": {"sds": {"a": 1}}},
            {"method": "local_pivotal", "spread": ["east", "north"]},
            {"per_stratum": {"q": {"take": 2}}},
        ),
        villages(c2v2__east="far"),
        [
            ("design-column-missing", "stages[1].spread"),
            ("design-column-not-a-number", "stages[1].spread"),
            ("design-sharing-incomplete", "stages[0].sharing.sds"),
            ("design-stratum-unknown", "stages[2].per_stratum.q"),
        ],
    ),
    "names shared by two stages stand beside takes that do not fit": (
        staged({"take": {"a": 3}}, {"id": "kind"}, {"take": 61}),
        villages(
            c1v1__kind="c1", c2v1__kind="k2", c2v2__kind="l2", c3v1__kind="k3", c3v2__kind="l3"
        ),
        [
            ("design-name-shared", "stages[1].id"),
            ("design-stratum-without-take", "stages[0].take"),
            ("design-take-above-list", "stages[2].take"),
            ("design-take-above-stratum", "stages[0].take"),
        ],
    ),
    "a size of one stratum alone is missing, and every k-th visit has no target": (
        staged(
            {"per_stratum": {"a": {"method": "cube", "balance": ["rooms"], "take": 3}}},
            {"take": 2},
            {
                "method": "every_kth",
                "strata": "stratum",
                "take": {"b": 4},
                "per_stratum": {"b": {"size": "visits"}},
            },
        ),
        villages(),
        [
            ("design-column-missing", "stages[0].balance"),
            ("design-column-missing", "stages[2].size"),
            ("design-stratum-without-take", "stages[2].take"),
            ("design-take-above-stratum", "stages[0].take"),
        ],
    ),
}


@pytest.mark.parametrize("case", COMBINED)
def test_all_that_can_be_known_is_told_at_once(case):
    design, units, expected = COMBINED[case]
    assert told(design, units) == expected
    with pytest.raises(DesignError):
        draw(units, design, 1)


def test_rows_without_a_unit_are_counted_and_the_strata_they_touch_not_judged():
    units = villages(c1v1__parent_id="", c3v2__parent_id="")
    design = staged({"take": {"a": 1, "b": 1}})
    (finding,) = [one for one in design.check_against(units) if one.severity == "error"]
    assert (finding.code, finding.column, finding.row) == ("design-unit-divided", "parent_id", 2)
    assert "2 rows leave the column 'parent_id' empty" in finding.message.en
    assert "2 dòng để trống cột “parent_id”" in finding.message.vi


def test_a_finding_about_a_cell_names_the_line_of_the_frame_and_what_stands_there():
    design = staged({"method": "sampford", "size": "households"})
    findings = design.check_against(villages(c2v1__households="3,5"))
    assert {(one.code, one.file, one.row, one.column) for one in findings} >= {
        ("design-size-not-whole", "villages.csv", 4, "households")
    }
    assert "holds '3,5', which is no whole positive number" in findings[0].message.en


def test_a_finding_about_a_design_names_its_file_and_line(tmp_path):
    path = tmp_path / "design.yaml"
    path.write_text(
        "version: 1\nstages:\n  - unit: commune\n    id: parent_id\n    method: srs\n"
        "    take:\n      a: 9\n      z: 1\n",
        encoding="utf-8",
    )
    design, _ = check_design(path)
    assert [(one.file, one.row, one.path) for one in design.check_against(villages())] == [
        ("design.yaml", 8, "stages[0].take.z"),
        ("design.yaml", 6, "stages[0].take"),
        ("design.yaml", 6, "stages[0].take"),
    ]
    assert design == SampleDesign.from_dict(design.as_dict())


def test_a_group_without_a_take_is_told_once_with_its_number_of_units():
    design = staged({}, {"strata": "kind", "take": {"near": 1}})
    (finding,) = [one for one in design.check_against(villages()) if one.severity == "error"]
    assert "group 'far' has no take; it stands in 3 units, the first of them c1" in (
        finding.message.en
    )


def test_deviations_of_zero_are_noted_and_the_take_shared_out_by_size():
    first = {"method": "brewer", "size": "households", "take": 3, "allocation": "neyman"}
    design = staged({**first, "sharing": {"sds": {"a": 0, "b": 0}}})
    takes, findings = takes_of(design, villages())
    assert takes == takes_of(staged({**first, "allocation": "proportional"}), villages())[0]
    (noted,) = [one for one in findings if one.code == "allocation-nothing-varies"]
    assert (noted.severity, noted.path) == ("warning", "stages[0].sharing.sds")
    assert "chia theo tỷ lệ với quy mô" in noted.message.vi
    varied = staged({**first, "sharing": {"sds": {"a": 0, "b": 1}}})
    assert "allocation-nothing-varies" not in {one.code for one in takes_of(varied, villages())[1]}
