"""Truth: designs drawn 2,000 times keep what they promise (`make simulate` prints the tables).

Asserted of every design: bias of the Horvitz–Thompson and Hájek means within 3 Monte-Carlo
standard errors (who is beyond is judged by 10,000 new draws, and both are printed), inclusion
as stated (p > 1e-4 in every stage), and, with ten primary units or more, coverage of the 95 %
interval of the Hájek mean between 93.5 % and 96.5 %, with two Monte-Carlo standard errors of
play. A design whose intervals theory makes too wide is named in the catalogue with the reason,
and is held to the lower end alone.
"""

from __future__ import annotations

import multiprocessing
from time import perf_counter

import numpy as np
import pytest
from simulation import coordinated, judging, synthetic
from simulation.catalogue import CONSERVATIVE, cases
from simulation.judging import HIGH, LOW, Verdict
from simulation.repeating import jobs, reader_of, repeated

DRAWS = 2000
HT_OUTSIDE = (
    "communes of 5,000 to 160,000 people drawn with equal or independent chances have skewed "
    "totals, for which 28 are few; the Hájek mean, which is what rounds publish, is asserted"
)


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    began = perf_counter()
    print(
        f"\nRepeated draws on the frame of {synthetic.DAY:%d/%m/%Y}, synthetic persons (one in "
        "twenty adults on the lists of the shipped design, one in a hundred on others; villages, "
        "households, dossiers, visits synthetic).\nBias in Monte-Carlo standard errors; two "
        "numbers: share satisfied, mean score. Coverage: of the Hájek mean, "
        "then of the Horvitz–Thompson mean. Units: primary units that chance draws, "
        "else df of the lists.\n"
    )
    print(judging.HEAD)
    made: list[Verdict] = []
    for name, found in repeated(jobs(cases().values())):
        reader = reader_of(name)
        made.append(judging.judge(reader.case, reader, found))
        print(judging.line(made[-1]), flush=True)
    made = looked_at_again(made)
    summary(made, perf_counter() - began)
    return made


def looked_at_again(made: list[Verdict]) -> list[Verdict]:
    """Judge a design that seems biased by new draws alone, five times as many.

    Among 44 fair designs one is beyond three errors in one run of eight. A true bias stands
    out √5 times as far in the new draws; chance does not come twice.
    """
    doubtful = {one.name: one for one in made if one.biased}
    again = dict(doubtful)
    work = [job for one in doubtful.values() for job in jobs([one.case], DRAWS, 5 * DRAWS)]
    if work:
        print("\nBeyond three errors: drawn again with new secrets, judged by these alone")
    for name, found in repeated(work):
        reader = reader_of(name)
        again[name] = judging.judge(reader.case, reader, found)
        print(judging.line(again[name]), flush=True)
    return [again.get(one.name, one) for one in made]


def summary(made: list[Verdict], seconds: float) -> None:
    """Print how much each method saves against srs, what is wide on purpose, and the cost."""
    print("\nVariance of the Hájek mean against srs in the same group (satisfied, score)")
    base = {one.case.group: one.empirical[2:] for one in made if one.case.name.startswith("srs")}
    base |= {one.case.group: one.empirical[2:] for one in made if one.case.name == "srs"}
    for one in made:
        if one.case.group in base:
            share = (one.empirical[2:] / base[one.case.group]) ** 2
            print(f"  {one.name:<44} {share[0]:.2f} {share[1]:.2f}")
    for reason in sorted({one.case.wide for one in made} - {""}):
        names = [one.name for one in made if one.case.wide == reason]
        print(f"\nMay hold more than {HIGH:.1%}: {CONSERVATIVE[reason]}\n  {'; '.join(names)}")
    names = [one.name for one in made if one.totals_outside and not one.case.wide]
    print(f"\nHT outside, not asserted: {HT_OUTSIDE}\n  {'; '.join(names)}")
    cpu = sum(one.seconds for one in made)
    print(f"\n{sum(one.draws for one in made):,} draws in {seconds:.0f} s, {cpu:.0f} s of CPU")


@pytest.mark.slow
def test_estimators_are_unbiased_within_three_monte_carlo_errors(verdicts: list[Verdict]) -> None:
    off = {one.name: (one.bias_ht, one.bias_hajek) for one in verdicts if one.biased}

    assert len(verdicts) == len(cases())
    assert not off


@pytest.mark.slow
def test_units_are_drawn_as_often_as_their_probabilities_say(verdicts: list[Verdict]) -> None:
    off = {one.name: one.inclusion for one in verdicts if min(one.inclusion.values()) < 1e-4}

    assert not off


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(verdicts: list[Verdict]) -> None:
    many = [one for one in verdicts if not one.few]

    low = {v.name: v.coverage for v in many if (v.coverage < LOW - 2 * v.error).any()}
    high = {
        v.name: v.coverage
        for v in many
        if not v.case.wide and (v.coverage > HIGH + 2 * v.error).any()
    }

    assert many
    assert not low
    assert not high


@pytest.mark.slow
def test_coordinated_draws_overlap_as_theory_says_and_stay_unbiased() -> None:
    work = [(pair, DRAWS) for pair in coordinated.PAIRS]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        made = pool.map(coordinated.repeated, work, chunksize=1)
    print(f"\nPairs of draws by permanent random numbers, {DRAWS:,} times\n  ", end="")
    print(*made, sep="\n  ")

    assert all(one.p > 1e-4 and (np.abs(one.bias) <= 3).all() for one in made)
    for one in made:
        if one.exact is not None:
            assert abs(one.overlap - one.exact) <= 3 * one.error + 1e-9
        else:
            assert one.overlap < one.independent
