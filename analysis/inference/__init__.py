"""Whether differences are more than chance: ranks and what they can carry."""

from analysis.inference import ranks

__all__ = ["ranks"]
