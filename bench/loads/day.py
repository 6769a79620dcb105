"""From the figures of a run to a day of the whole country: the arithmetic, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

Figures = Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True)
class Assumed:
    """What no measurement of ours can tell.

    ``finished`` procedures a day; the ``shares`` of them that are answered; the part of a day's
    answers in its busiest hour, and how many times the mean of that hour its busiest second has;
    how busy cores may be then; ``days`` of a round; ``provinces``.
    """

    finished: int = 300_000
    shares: tuple[float, ...] = (0.1, 0.3, 1.0)
    peak: float = 0.2
    burst: float = 3.0
    busy: float = 0.5
    days: int = 30
    provinces: int = 34


@dataclass(frozen=True)
class Each:
    """What one response costs on PostgreSQL: CPU milliseconds, and KiB.

    ``opening`` is what a mix takes for each answer that waited, beside writing all anew.
    """

    application: float
    database: float
    opening: float
    waiting: float
    logged: float
    mixed: float


@dataclass(frozen=True)
class Need:
    """What a share of answers needs."""

    responses: float
    second: float
    application: float
    database: float
    waiting: float
    logged: float
    stored: float


def need(share: float, each: Each, assumed: Assumed) -> Need:
    """Return what a share needs: responses a day and in the busiest second; cores; GiB a day that
    wait and are logged; GiB that a round has stored at its end.
    """
    responses = assumed.finished * share
    second = responses * assumed.peak / 3600 * assumed.burst
    cores = second / 1000 / assumed.busy
    gib = responses / 2**20
    return Need(
        responses,
        second,
        cores * each.application,
        cores * each.database,
        gib * each.waiting,
        gib * each.logged,
        gib * each.mixed * assumed.days,
    )


def mix_seconds(mixes: Mapping[str, float], stored: float) -> tuple[float, bool]:
    """Return the seconds of a mix of so many responses, and whether they were measured.

    Beyond the largest that was measured they grow with the number.
    """
    known = {int(name.rpartition("_")[2]): value for name, value in mixes.items() if "wall" in name}
    if stored in known:
        return known[int(stored)], True
    largest = max(known)
    return known[largest] * stored / largest, False


def each_of(figures: Figures) -> Each:
    """Gather what one response costs from the parts of a run."""
    steps = figures.get("hosts", {}).get("PostgreSQL") or figures["workers"]["PostgreSQL"]
    left, mixes = figures["journeys"]["PostgreSQL"], figures["mix"]["PostgreSQL"]
    mixed = [value for name, value in mixes.items() if name.startswith("kib")]
    opened = [value for name, value in mixes.items() if name.startswith("open_ms")]
    return Each(
        median(value for name, value in steps.items() if name.startswith("cpu_ms")),
        median(value for name, value in steps.items() if name.startswith("database_ms")),
        max(opened),
        left["stored"] / 1024,
        left["log"] / 1024,
        mixed[-1],
    )


def lines(figures: Figures, assumed: Assumed) -> Iterator[str]:
    """Yield the arithmetic."""
    each = each_of(figures)
    yield (
        f"assumed: {assumed.finished:,} finished procedures a day, {100 * assumed.peak:.0f} % of"
        f" the answers in the busiest hour, {assumed.burst:.0f} times its mean in the busiest"
        f" second, cores {100 * assumed.busy:.0f} % busy then, a round of"
        f" {assumed.days} days"
    )
    yield (
        f"measured: a response takes {each.application:.1f} ms of CPU in the application and"
        f" {each.database:.2f} ms in PostgreSQL; {each.waiting:.1f} KiB while it waits,"
        f" {each.logged:.1f} KiB of log, {each.mixed:.1f} KiB once mixed"
    )
    yield (
        f"one core of PostgreSQL feeds {each.application / each.database:.1f} cores of application:"
        f" {1000 / each.database:,.0f} responses a second, if nothing else stops them"
    )
    yield (
        "answered   a day  busiest second   application cores  PostgreSQL cores"
        "   GiB a day: waiting, log   GiB after the round"
    )
    for share in assumed.shares:
        one = need(share, each, assumed)
        yield (
            f"{100 * share:6.0f} % {one.responses:8,.0f}{one.second:16.1f}{one.application:20.2f}"
            f"{one.database:18.2f}{one.waiting:21.2f}, {one.logged:.2f}{one.stored:20.1f}"
        )
    night = assumed.finished * assumed.shares[1]
    yield (
        f"opening takes {each.opening:.2f} ms of each answer that waited:"
        f" {night * each.opening / 1000:.0f} s of a night of the country ({night:,.0f}),"
        f" {night * each.opening / 1000 / assumed.provinces:.1f} s of a province"
    )
    if "night_memory" in figures["mix"]["PostgreSQL"]:
        grown = figures["mix"]["PostgreSQL"]["night_memory"]
        country = night * grown / 2**20
        yield (
            f"it holds {grown:.1f} KiB each in memory: {country:.1f} GiB of a night of the country"
            f" (extrapolated), {1024 * country / assumed.provinces:.0f} MiB of a province"
        )
    yield from _mixes(figures["mix"], assumed)


def _mixes(mixes: Mapping[str, Mapping[str, float]], assumed: Assumed) -> Iterator[str]:
    whole = assumed.finished * assumed.shares[1] * assumed.days
    yield (
        f"a mix writes all anew, seconds in which nobody is answered; {whole:,.0f} responses are a"
        f" round of the country, {whole / assumed.provinces:,.0f} of a province"
    )
    for name, known in mixes.items():
        told = []
        for stored in (100_000, whole / assumed.provinces, 1_000_000, whole):
            seconds, measured = mix_seconds(known, stored)
            told.append(f"{stored:,.0f}: {seconds:.0f} s{'' if measured else ' (extrapolated)'}")
        yield f"{name:11} " + "; ".join(told)


def show(figures: Figures, assumed: Assumed | None = None) -> None:
    """Print the arithmetic, or which parts it lacks."""
    lacking = [one for one in ("journeys", "workers", "mix") if one not in figures]
    if lacking:
        print(f"   left out: run the parts {', '.join(lacking)} first")
        return
    for line in lines(figures, assumed or Assumed()):
        print(line)
