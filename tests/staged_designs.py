"""A small frame of villages in communes, and designs of several stages and methods on it."""

from sampling import Frame, SampleDesign

VILLAGES = {"c1": 4, "c2": 3, "c3": 6, "c4": 5, "c5": 3}


def villages(strata=None, **columns):
    """Villages of five communes with 40, 50, 60 … households."""
    rows = []
    for commune, held in VILLAGES.items():
        for number in range(1, held + 1):
            row = {
                "unit_id": f"{commune}v{number}",
                "unit_name": f"Thôn {number}",
                "province": "HP",
                "stratum": (strata or {}).get(commune, "a"),
                "size": 40 + 10 * number,
                "households": 20 + number,
                "parent_id": commune,
                "terrain": "hill" if number <= 2 else "plain",
                "lat": 20 + number / 10,
                "lon": 106 + len(rows) / 10,
            }
            rows.append({**row, **columns})
    return Frame.from_rows(rows)


def a_design(*stages, **fields):
    first = {"unit": "commune", "id": "parent_id", "method": "srs", "take": 2}
    return SampleDesign.from_dict({"version": 1, "stages": [first, *stages], **fields})


VILLAGE = {"unit": "village", "id": "unit_id", "method": "srs", "take": 2}
HOUSEHOLD = {"unit": "household", "method": "srs", "take": 5, "size": "households"}
PERSON = {"unit": "person", "method": "kish"}


METHODS = [
    "srs",
    "systematic",
    "systematic_circular",
    "pps_systematic",
    "sampford",
    "brewer",
    "pareto",
    "poisson",
    "rao_hartley_cochran",
    "chromy",
    "cube",
    "local_pivotal",
    "scps",
]


def by_method(method, take=6, **more):
    needs = {"cube": {"balance": ["households"]}}
    spread = {"spread": ["lat", "lon"]}
    needs |= {"local_pivotal": spread, "scps": spread}
    stage = {"unit": "village", "method": method, "take": take, **needs.get(method, {}), **more}
    return SampleDesign.from_dict({"version": 1, "stages": [stage]})
