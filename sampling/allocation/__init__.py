"""How many in each stratum: rules that share out a total, and optima under a cost or a cv."""

from sampling.allocation.rules import equal, neyman, power, proportional, square_root

__all__ = ["equal", "neyman", "power", "proportional", "square_root"]
