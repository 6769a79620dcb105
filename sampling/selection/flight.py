"""The flight of the cube method: steps that keep probabilities and balancing totals.

The state is one number psi for each unit, at the start its inclusion probability. A unit with
psi 0 or 1 is decided. A step moves the psi of a few undecided units along a direction in which
no balancing total changes, as far up or as far down as 0 and 1 allow, with chances that leave
the expectation of every psi as it was.

**The table.** Row k holds x_kj / pi_k for the balancing variables j = 0 … p−1; each column is
then divided by its largest absolute value over the units undecided at the start (a column of
zeros stays).

**One flight** through a group of units in a stated order:

1. It first takes as many uniform numbers as the group has undecided units; its step t = 0, 1, …
   uses number t.
2. The window is the first p+1 undecided units in order (all that are left, when fewer).
3. The direction comes from Gauss–Jordan elimination of the window's table with complete pivoting.
   Pivot: the entry of largest absolute value among the variables not used yet (equal ones: first
   unit, then first variable). At most 1e-12: elimination ends. Otherwise, with pivot entry m at
   unit k, variable v: e_i = M_iv / m for each unit i; for every other variable w,
   M_iw = M_iw − e_i · f_w with f_w = M_kw of before; column v becomes e; v is used.
4. The first unit of the window that is no pivot unit has u = 1, the pivot unit of variable v has
   u = − (its entry of column v), all others have u = 0. If every unit is a pivot unit the flight
   ends.
5. up = the least of (1 − psi)/u over u > 0 and psi/(−u) over u < 0; down = the least of psi/u
   over u > 0 and (1 − psi)/(−u) over u < 0. If the uniform number is below down/(up + down),
   psi becomes psi + up·u, else psi + (−down)·u. The (first) unit that set the bound is put on 0
   or 1 exactly, and so is every value within 1e-12 of 0 or 1.

All arithmetic is elementwise in double precision, so that any machine takes the same steps.

**Large groups.** A group of more than ``PLAIN`` = 1,000 undecided units (and more than 10 (p+1))
is first cut, in order, into blocks of 10 (p+1) consecutive undecided units, the last one shorter.
Each block flies alone, all blocks side by side: their uniform numbers are taken together,
those of the first block first. This is repeated with the units that are left until no group is
large; then each group flies as a whole. A direction within a block is one of the
whole population too, so balance and probabilities are kept just as exactly.

Sources: Deville & Tillé (2004), Efficient balanced sampling: the cube method, Biometrika 91;
Chauvet & Tillé (2006), A fast algorithm for balanced sampling, Computational Statistics 21
(the window of p+1 units).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sampling.chance import Chance
from sampling.selection.inputs import ROUNDING, settle

PLAIN = 1000
"""Up to so many undecided units a group flies as a whole, one step after the other."""

BLOCK = 10
"""A block of a larger group holds so many windows."""

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]


def undecided(psi: Floats) -> Mask:
    """Say which units are neither in the sample nor out of it."""
    open_units: Mask = (psi > 0) & (psi < 1)
    return open_units


def scaled_table(pi: Floats, balance: Floats) -> Floats:
    """Return x/pi with each column divided by its largest absolute value; 0 where decided."""
    table = np.array(balance, order="C")
    scale(table, pi)
    return table


def scale(table: Floats, pi: Floats) -> Floats:
    """Turn balancing variables into the scaled table in place; return each column's divisor."""
    open_units = undecided(pi)
    table[~open_units] = 0.0
    np.divide(table, pi[:, None], out=table, where=open_units[:, None])
    largest: Floats = np.maximum(table.max(axis=0, initial=0.0), -table.min(axis=0, initial=0.0))
    table /= np.where(largest > 0, largest, 1.0)
    return largest


def fly_groups(psi: Floats, table: Floats, groups: Sequence[Places], rng: Chance) -> None:
    """Fly through each group alone, large ones by blocks first; ``psi`` changes in place."""
    limit = max(PLAIN, BLOCK * (table.shape[1] + 1))
    left = _still_open(psi, groups)
    while any(len(group) > limit for group in left):
        large = [group for group in left if len(group) > limit]
        fly(psi, table, _blocks(large, BLOCK * (table.shape[1] + 1)), rng)
        left = _still_open(psi, left)
    fly(psi, table, left, rng)


def _still_open(psi: Floats, groups: Sequence[Places]) -> list[Places]:
    kept = [group[undecided(psi[group])] for group in groups]
    return [group for group in kept if len(group)]


def _blocks(groups: Sequence[Places], size: int) -> list[Places]:
    return [group[at : at + size] for group in groups for at in range(0, len(group), size)]


def fly(psi: Floats, table: Floats, groups: Sequence[Places], rng: Chance) -> None:
    """Take the steps of all groups side by side until none of them has a direction left."""
    if not groups:
        return
    units = np.concatenate(groups)
    numbers = rng.random(len(units))
    windows = _Windows(groups, table.shape[1] + 1)
    while windows.count:
        at = units[windows.slots]
        matrix = table[at]
        matrix[~windows.filled] = 0.0
        direction, moves = kernel_direction(matrix, windows.filled)
        if not moves.all():
            windows.keep(moves)
            direction, at = direction[moves], at[moves]
        moved = step(psi[at], direction, numbers[windows.turn])
        psi[at[windows.filled]] = moved[windows.filled]
        windows.refill(undecided(moved))


class _Windows:
    """The window of each group: slots of its units in order, and what comes next."""

    def __init__(self, groups: Sequence[Places], width: int) -> None:
        ends = np.cumsum([len(group) for group in groups])
        starts = np.concatenate([[0], ends[:-1]])
        self.turn = starts.copy()
        self.end = ends
        self.slots = starts[:, None] + np.arange(width)
        self.next = np.minimum(starts + width, ends)
        self._mark()

    @property
    def count(self) -> int:
        return len(self.slots)

    def _mark(self) -> None:
        self.filled: Mask = self.slots < self.end[:, None]
        self.slots[~self.filled] = 0

    def keep(self, moves: Mask) -> None:
        """Let go of the groups that have no direction left."""
        self.turn, self.end, self.next = self.turn[moves], self.end[moves], self.next[moves]
        self.slots, self.filled = self.slots[moves], self.filled[moves]

    def refill(self, open_units: Mask) -> None:
        """Put the undecided units first, in their order, then the next ones of the group."""
        stay = self.filled & open_units
        order = np.argsort(~stay, axis=1, kind="stable")
        held = stay.sum(axis=1)
        fresh = np.arange(self.slots.shape[1]) - held[:, None]
        kept = np.take_along_axis(self.slots, order, axis=1)
        self.slots = np.where(fresh < 0, kept, self.next[:, None] + fresh)
        self.next = np.minimum(self.next + self.slots.shape[1] - held, self.end)
        self.turn += 1
        self._mark()


def kernel_direction(matrix: Floats, filled: Mask) -> tuple[Floats, Mask]:
    """Return for each group a direction u with sum over units u·x = 0, and whether there is one.

    Parameters
    ----------
    matrix : array (groups, units, variables)
        Is overwritten. Empty places of a window hold zeros.
    filled : array (groups, units) of bool
    """
    groups, width, p = matrix.shape
    every = np.arange(groups)
    free = filled.copy()
    open_variables = np.ones((groups, p))
    pivots: list[tuple[Places, Places, Mask]] = []
    size = np.empty_like(matrix)
    for _ in range(min(width, p)):
        np.abs(matrix, out=size)
        size *= open_variables[:, None, :]
        unit, variable = np.divmod(size.reshape(groups, -1).argmax(axis=1), p)
        pivot = matrix[every, unit, variable]
        live = size[every, unit, variable] > ROUNDING
        if not live.any():
            break
        column = matrix[every, :, variable]
        column[live] /= pivot[live, None]
        factor = matrix[every, unit]
        factor[~live] = 0.0
        factor[every, variable] = 0.0
        np.multiply(column[:, :, None], factor[:, None, :], out=size)
        matrix -= size
        matrix[every, :, variable] = column
        free[every[live], unit[live]] = False
        open_variables[every[live], variable[live]] = 0.0
        pivots.append((unit, variable, live))
    moving = free.argmax(axis=1)
    direction = np.zeros((groups, width))
    for unit, variable, live in pivots:
        at = every[live]
        direction[at, unit[live]] = -matrix[at, moving[live], variable[live]]
    direction[every, moving] = 1.0
    has_one: Mask = np.asarray(free.any(axis=1))
    return direction, has_one


def step(psi: Floats, direction: Floats, numbers: Floats) -> Floats:
    """Return psi after one step of each group (rows), by one uniform number each."""
    every = np.arange(len(psi))
    rises = direction > 0
    size = np.abs(direction)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        above, below = (1 - psi) / size, psi / size
    still = size == 0
    above[still] = below[still] = np.inf
    upward, downward = np.where(rises, above, below), np.where(rises, below, above)
    up_unit, down_unit = upward.argmin(axis=1), downward.argmin(axis=1)
    up, down = upward[every, up_unit], downward[every, down_unit]
    goes_up = numbers < down / (up + down)
    moved: Floats = psi + np.where(goes_up, up, -down)[:, None] * direction
    unit = np.where(goes_up, up_unit, down_unit)
    moved[every, unit] = goes_up == rises[every, unit]
    settle(moved)
    return moved


def fly_within_strata(psi: Floats, table: Floats, groups: Sequence[Places], rng: Chance) -> None:
    """Fly through all groups together, keeping the number drawn from each of them.

    As one flight, with these differences: the order is stratum by stratum; units alone in their
    stratum are left aside; the window is the shortest beginning of the others whose number of
    units less its number of strata exceeds p (all of them, when none does); its table holds
    first one variable for each stratum of the window (1 for its units, 0 else), then the
    columns of ``table``.
    """
    rest = deque(group for group in _still_open(psi, groups) if len(group) > 1)
    numbers = rng.random(sum(len(group) for group in rest))
    turn = 0
    while chosen := _first_strata(rest, table.shape[1]):
        at = np.concatenate(chosen)
        matrix = np.zeros((1, len(at), len(chosen) + table.shape[1]))
        code = np.repeat(np.arange(len(chosen)), [len(part) for part in chosen])
        matrix[0, np.arange(len(at)), code] = 1.0
        matrix[0, :, len(chosen) :] = table[at]
        direction, moves = kernel_direction(matrix, np.ones((1, len(at)), dtype=np.bool_))
        if not moves[0]:
            return
        psi[at] = step(psi[at][None, :], direction, numbers[turn : turn + 1])[0]
        turn += 1
        used = [rest.popleft() for _ in chosen]
        rest.extendleft(reversed([g for g in _still_open(psi, used) if len(g) > 1]))


def _first_strata(groups: deque[Places], p: int) -> list[Places]:
    chosen: list[Places] = []
    wanted = p + 1
    for group in groups:
        part = group[: wanted + 1]
        chosen.append(part)
        wanted -= len(part) - 1
        if wanted <= 0:
            break
    return chosen
