"""A source of chance that takes every way: expectations by enumeration, not by repeating.

A tool compares its uniform numbers with chances, or multiplies one to choose from a list. The
numbers given here note what they are compared with; `outcomes` runs the tool once for each
sequence of answers and returns what came out, with its probability.
"""

from __future__ import annotations

import numpy as np


class Way:
    """The answers given so far, and the probability of giving them."""

    def __init__(self, script):
        self.script, self.at, self.probability, self.open = script, 0, 1.0, []

    def answer(self, chances):
        """Return the number of the answer taken here; the others are noted."""
        possible = [number for number, chance in enumerate(chances) if chance > 0]
        if self.at < len(self.script):
            taken = self.script[self.at]
        else:
            taken = possible[0]
            self.open += [(*self.script, other) for other in possible[1:]]
            self.script = (*self.script, taken)
        self.at += 1
        self.probability *= chances[taken]
        return taken

    def random(self, size=None):
        if size is None:
            return Number(self)
        numbers = np.empty(size, dtype=object)
        numbers[:] = [Number(self) for _ in range(size)]
        return numbers


class Number:
    """A uniform number that is each of its values at once, between what is known of it."""

    def __init__(self, way):
        self.way, self.low, self.high = way, 0.0, 1.0

    def __lt__(self, end):
        assert -1e-12 <= end <= 1 + 1e-12
        end = min(max(float(end), self.low), self.high)
        below = (end - self.low) / (self.high - self.low)
        if self.way.answer([below, 1 - below]) == 0:
            self.high = end
            return True
        self.low = end
        return False

    def __mul__(self, held):
        return self.way.answer([1 / held] * held) + 0.5


def outcomes(tool):
    """Return {drawn positions: probability} of a tool called with a source of chance."""
    found, left = {}, [()]
    while left:
        way = Way(left.pop())
        drawn = tuple(int(position) for position in tool(way))
        left += way.open
        found[drawn] = found.get(drawn, 0.0) + way.probability
    return found


def inclusion(found, held):
    """Return the expected number of times each of ``held`` units is drawn."""
    pi = np.zeros(held)
    for drawn, probability in found.items():
        pi[list(drawn)] += probability
    return pi
