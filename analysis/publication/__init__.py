"""From estimates and points to a frozen folder that anyone can read and check."""

from analysis.publication.content import ReleaseContent, RoundFacts
from analysis.publication.disclosure import protect, reliability, shown_units
from analysis.publication.release import build_release, rebuild_site, seal, verify_release

__all__ = [
    "ReleaseContent",
    "RoundFacts",
    "build_release",
    "protect",
    "rebuild_site",
    "reliability",
    "seal",
    "shown_units",
    "verify_release",
]
