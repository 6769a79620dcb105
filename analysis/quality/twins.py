"""Whether responses of a unit are too much alike to come from different people.

Forms that were copied and changed a little share most of their answers. How alike honest
answers are depends on the number of people and items, so no fixed limit is right: of 22 items
4 % of honest answers (50 people) to 30 % (3,000) have a twin that agrees in 85 %. Each unit is
therefore held against as many responses of its stratum.

Agreement is a share of the items that both answered, counted in whole items of the battery.

References
----------
Kuriakose, N. and Robbins, M. (2016). Don't get duped: fraud through duplication in public
opinion surveys. Statistical Journal of the IAOS 32, 283-291.
Simmons, K. et al. (2016). Evaluating a new proposal for detecting data falsification in
surveys. Statistical Journal of the IAOS 32, 327-338.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse, special

from analysis.quality.rules import Rules
from analysis.quality.tables import Flags, Floats, Groups, Integers, answers_of, flag_table
from intake.findings import EstimationError

Levels = NDArray[np.uint8] | NDArray[np.uint16]
_BLOCK = 2048
# Responses in a band of the mean answer, where the stratum has more than its fewest bands.
_BAND = 200
# Pairs of more responses than this no longer fit into memory.
_LARGEST = 40_000


class _Links(NamedTuple):
    """Which forms agree closely, equal forms taken together.

    ``left`` and ``right`` are pairs of different forms, ``own`` says of each form whether two
    equal ones count as close, ``form_of`` (rows × forms) which form each response is.
    """

    left: Integers
    right: Integers
    own: Flags
    form_of: Any


def agreement(answers: Floats) -> Levels:
    """Return how many items of the battery each pair of responses agrees on.

    Equal answers over items that both answered, on the scale of all items and rounded down;
    0 for pairs that share fewer than half of the items, and on the diagonal.

    Parameters
    ----------
    answers
        Shape (responses, items), missing as NaN.

    Raises
    ------
    EstimationError
        ``quality-stratum-large``: more than 40,000 responses.

    Returns
    -------
    numpy.ndarray
        Shape (responses, responses), whole numbers from 0 to the number of items.

    Examples
    --------
    >>> agreement(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 4.0], [5.0, np.nan, 4.0]])).tolist()
    [[0, 2, 0], [2, 0, 1], [0, 1, 0]]
    """
    rows, items = answers.shape
    if rows > _LARGEST:
        raise EstimationError.of(
            "quality-stratum-large",
            f"{rows} phiếu trong một tầng, tối đa {_LARGEST}.",
            f"{rows} responses in one stratum; at most {_LARGEST} are compared.",
            "Chia thành các tầng nhỏ hơn.",
            "Part them into smaller strata.",
        )
    given = ~np.isnan(answers)
    codes = [pd.factorize(column)[0] for column in answers.T]
    choices = [
        (code[:, None] == np.arange(code.max() + 1)).astype(np.float32)
        for code in codes
        if code.max() >= 0
    ]
    chosen = np.hstack(choices) if choices else np.zeros((rows, 1), dtype=np.float32)
    complete = bool(given.all())
    answered = given.astype(np.float32)
    kind: Any = np.uint8 if items < 256 else np.uint16
    found: Levels = np.empty((rows, rows), dtype=kind)
    for start in range(0, rows, _BLOCK):
        part = slice(start, start + _BLOCK)
        equal = chosen[part] @ chosen.T
        if not complete:
            both = answered[part] @ answered.T
            share = equal / np.maximum(both, 1.0)
            equal = np.where(2 * both >= items, np.floor(share * items + 1e-4), 0.0)
        found[part] = equal
    np.fill_diagonal(found, 0)
    return found


def near_duplicates(
    responses: pd.DataFrame,
    items: Sequence[str],
    *,
    unit: str,
    stratum: str | None = None,
    seed: int = 0,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """F5: share of the responses of a unit that have a near twin in it, by permutation.

    M_i is the largest agreement of response i with another of its unit. c is the 99th
    percentile of M in samples of n_u responses from the other units of the stratum; it is
    computed exactly, from the hypergeometric chance that a sample holds one of the responses
    that agree so closely, which is the limit of ever more draws. S_u is the share of
    responses with M_i ≥ c.

    p compares S_u with S when the responses of the stratum are dealt out to its units anew,
    ``rules.twin_draws`` times, and ``rules.twin_fine_draws`` times where fewer than one in
    fifty reaches it. They are dealt within ``rules.twin_bands`` bands of the mean answer: in a
    unit where all are content, honest answers agree more, and without the bands one honest
    unit in forty would have p < .001 where units differ much.

    Parameters
    ----------
    responses
        One row per response.
    items
        Columns with the codes of the answers, at least two; negative codes are missing.
    seed
        Each unit draws from a stream of the seed and its own name, so that one unit more
        leaves the others' p alone.

    Returns
    -------
    pandas.DataFrame
        `FLAG_COLUMNS`: ``value`` S_u, ``reference`` the mean S by permutation, ``p``
        (1 + samples that reach S_u) / (1 + samples). ``note`` is ``few-responses`` below three
        and ``few-others`` where the stratum has too few other responses to draw from.

    Raises
    ------
    EstimationError
        ``quality-items-few`` and those of `straight_lines`.
    """
    limits = rules or Rules()
    if len(items) < 2:
        raise EstimationError.of(
            "quality-items-few",
            "Cần ít nhất hai câu hỏi.",
            "At least two items are needed.",
            "Chọn thêm câu hỏi.",
            "Choose more items.",
        )
    answers = answers_of(responses, items)
    groups = Groups(responses, unit, stratum)
    size = len(groups.units)
    value, reference, p = np.full(size, np.nan), np.full(size, np.nan), np.full(size, np.nan)
    note = [""] * size
    fine = max(limits.twin_fine_draws, int(np.ceil(2 * size / limits.false_discovery)))
    for code in range(len(groups.strata)):
        rows = np.flatnonzero(groups.stratum_of_row == code)
        if not rows.size:
            continue
        levels = agreement(answers[rows])
        unit_of = groups.of_row[rows]
        counts = _level_counts(levels, len(items))
        links: dict[int, _Links] = {}
        forms = np.unique(np.nan_to_num(answers[rows], nan=-1.0), axis=0, return_inverse=True)[1]
        band = _bands(answers[rows], max(limits.twin_bands, rows.size // _BAND))
        for number in np.unique(unit_of):
            own = np.flatnonzero(unit_of == number)
            others = np.flatnonzero(unit_of != number)
            if own.size < 3:
                note[number] = "few-responses"
            elif others.size < limits.twin_pool * own.size:
                note[number] = "few-others"
            else:
                rng = _stream(seed, groups.units[number])
                value[number], reference[number], p[number] = _judge(
                    levels, counts, links, forms.ravel(), band, own, others, limits, fine, rng
                )
    return flag_table(
        "F5",
        "near-duplicate",
        limits,
        unit=groups.units,
        stratum=[groups.strata[code] for code in groups.stratum_of],
        n=groups.n,
        value=value,
        reference=reference,
        p=p,
        beyond=np.nan_to_num(p, nan=1.0) < limits.twin_p,
        note=note,
    )


def _judge(
    levels: Levels,
    counts: Integers,
    links: dict[int, _Links],
    forms: Integers,
    band: Integers,
    own: Integers,
    others: Integers,
    rules: Rules,
    fine: int,
    rng: np.random.Generator,
) -> tuple[float, float, float]:
    """Return S of the unit, the mean S of permuted samples, and p."""
    limit = _close(counts, levels, own, others, rules.twin_percentile)
    within = levels[np.ix_(own, own)]
    share = float((within.max(axis=1) >= limit).mean())
    if limit == 0:
        return 1.0, 1.0, 1.0
    if limit not in links:
        links[limit] = _linked(levels, forms, limit)
    bands = int(band.max()) + 1
    take = np.bincount(band[own], minlength=bands)
    pools = [np.flatnonzero(band == number) for number in range(bands)]
    picks = [(pool, int(number)) for pool, number in zip(pools, take, strict=True) if number]
    sampled = _sampled(links[limit], picks, rules.twin_draws, rng)
    mean = float(sampled.mean())
    # Only where hardly any sample reaches the unit are more needed to tell how rare it is.
    if (sampled >= share - 1e-6).mean() < 0.02 and fine > rules.twin_draws:
        further = _sampled(links[limit], picks, fine - rules.twin_draws, rng)
        sampled = np.concatenate([sampled, further])
    reached = int((sampled >= share - 1e-6).sum())
    return share, mean, (1 + reached) / (1 + sampled.size)


def _linked(levels: Levels, forms: Integers, limit: int) -> _Links:
    """Return which forms agree at least so much."""
    kinds, first, times = np.unique(forms, return_index=True, return_counts=True)
    left, right = [], []
    for start in range(0, kinds.size, _BLOCK):
        part = first[start : start + _BLOCK]
        one, other = np.nonzero(levels[np.ix_(part, first)] >= limit)
        later = other > one + start
        left.append(one[later] + start)
        right.append(other[later])
    last = np.zeros(kinds.size, dtype=np.int64)
    last[forms] = np.arange(forms.size)
    own = (times > 1) & (levels[first, last] >= limit)
    rows = np.arange(forms.size)
    form_of = sparse.csr_matrix(
        (np.ones(forms.size, dtype=np.float32), (rows, forms)), shape=(forms.size, kinds.size)
    )
    return _Links(np.concatenate(left), np.concatenate(right), own, form_of)


def _bands(answers: Floats, bands: int) -> Integers:
    """Return the band of each response, by equal numbers, of its mean answer."""
    given = ~np.isnan(answers)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(given, answers, 0.0).sum(axis=1) / given.sum(axis=1)
    edges = np.quantile(np.nan_to_num(mean), np.arange(1, bands) / bands)
    found: Integers = np.searchsorted(edges, np.nan_to_num(mean), side="right").astype(np.int64)
    return found


def _close(
    counts: Integers, levels: Levels, own: Integers, others: Integers, percentile: float
) -> int:
    """Return the percentile of the largest agreement in samples of the others."""
    items = counts.shape[1] - 1
    free = counts[others] - _level_counts(levels[np.ix_(others, own)], items)
    # The diagonal holds a 0 that is no other response.
    free[:, 0] -= 1
    closer = np.cumsum(free[:, ::-1], axis=1)[:, ::-1]
    left, drawn = float(others.size - 1), float(own.size - 1)
    spared = (left - drawn) - closer
    # Chance that none of the closer ones is among the others in the sample.
    log = (
        special.gammaln(left - closer + 1)
        - special.gammaln(np.maximum(spared, 0.0) + 1)
        - special.gammaln(left + 1)
        + special.gammaln(left - drawn + 1)
    )
    reached = np.where(spared >= 0, 1.0 - np.exp(np.minimum(log, 0.0)), 1.0).mean(axis=0)
    beyond = np.append(reached[1:], 0.0)
    return int(np.flatnonzero(beyond <= 1.0 - percentile + 1e-12)[0])


def _level_counts(levels: Levels, items: int) -> Integers:
    """Return for each row how many columns hold each level (rows × items + 1)."""
    width = items + 1
    found = np.zeros((levels.shape[0], width), dtype=np.int64)
    for start in range(0, levels.shape[0], _BLOCK):
        part = levels[start : start + _BLOCK].astype(np.int64)
        keys = (part + np.arange(part.shape[0])[:, None] * width).ravel()
        found[start : start + _BLOCK] = np.bincount(keys, minlength=part.shape[0] * width).reshape(
            -1, width
        )
    return found


def _sampled(
    links: _Links, picks: list[tuple[Integers, int]], draws: int, rng: np.random.Generator
) -> Floats:
    """Return the share of responses with a close match in each of many samples.

    ``picks`` say how many to draw from which rows.
    """
    rows = links.form_of.shape[0]
    take = sum(number for _, number in picks)
    shares = [np.zeros(0)]
    block = max(1, min(draws, 4_000_000 // max(rows, links.left.size, 1)))
    for start in range(0, draws, block):
        number = min(block, draws - start)
        drawn = np.zeros((number, rows), dtype=np.float32)
        for pool, wanted in picks:
            keys = rng.random((number, pool.size), dtype=np.float32)
            chosen = np.argpartition(keys, wanted - 1, axis=1)[:, :wanted]
            np.put_along_axis(drawn, pool[chosen], 1.0, axis=1)
        times = np.asarray((links.form_of.T @ drawn.T).T)
        present = times > 0
        sample, edge = np.nonzero(present[:, links.left] & present[:, links.right])
        close = (times > 1) & links.own
        close[sample, links.left[edge]] = True
        close[sample, links.right[edge]] = True
        shares.append((times * close).sum(axis=1) / take)
    return np.concatenate(shares).astype(np.float64)


def _stream(seed: int, name: object) -> np.random.Generator:
    """Return the generator of one unit, which the other units leave alone."""
    digest = hashlib.sha256(f"{seed}|{name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
