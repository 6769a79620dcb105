"""What the answers of a survey round say, how sure that is, and how many points it is worth.

Names that a notebook needs stand here; each is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis import estimation as estimate
    from analysis import quality, satisfaction, weighting
    from analysis import replication as replicate
    from analysis.design import SurveyDesign
    from analysis.inference import (
        drivers,
        models,
        nonresponse,
        ranks,
        reliability,
        small_area,
        testing,
        two_sources,
    )

_HOMES = {
    "SurveyDesign": "analysis.design:SurveyDesign",
    "estimate": "analysis.estimation",
    "weighting": "analysis.weighting",
    "replicate": "analysis.replication",
    "quality": "analysis.quality",
    "satisfaction": "analysis.satisfaction",
    **{
        name: f"analysis.inference.{name}"
        for name in (
            "drivers",
            "models",
            "nonresponse",
            "ranks",
            "reliability",
            "small_area",
            "testing",
            "two_sources",
        )
    },
}

__all__ = [
    "SurveyDesign",
    "drivers",
    "estimate",
    "models",
    "nonresponse",
    "quality",
    "ranks",
    "reliability",
    "replicate",
    "satisfaction",
    "small_area",
    "testing",
    "two_sources",
    "weighting",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module or a class
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = home.partition(":")
    found = importlib.import_module(module)
    found = getattr(found, attribute) if attribute else found
    globals()[name] = found
    return found
