"""How long answering took: two coarse numbers of a form, and what they say to the next person.

A page measures by itself while it is in view and sends a band and a count, never a time. Forms
without script, on paper or with an interviewer bring none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from sqlalchemy import Engine, func, select

from survey_app.db import reading
from survey_app.db.answers import response
from survey_app.db.fieldwork import survey_round

BANDS = (1, 2, 3, 4, 5)
"""Less than 3 minutes, 3 to 5, 5 to 8, 8 to 12, and 12 or more; `static/respond/pace.js`."""

FEWEST = 30
"""Measured responses below which no median is told."""

_NUMBER = re.compile(r"0|[1-9][0-9]?")


@dataclass(frozen=True)
class Pace:
    """``n_fast_pages`` topics were answered in less than 2 s an item; ``duration_band`` of all."""

    n_fast_pages: int | None = None
    duration_band: int | None = None


UNMEASURED = Pace()


@dataclass(frozen=True)
class Median:
    """The band in which the middle response lies; ``count`` of them, down to a multiple of ten."""

    band: int
    count: int


def read_pace(fields: Mapping[str, Sequence[str]], topics: int) -> Pace:
    """Return what a form says of its time.

    Parameters
    ----------
    fields
        Form field -> values as sent.
    topics
        How many topics the questionnaire has; no more can have been fast.

    Returns
    -------
    Pace
        Both numbers, or `UNMEASURED` where one is missing, doubled or impossible: a form is
        never refused for its time.
    """
    fast = _number(fields.get("n_fast_pages", ()))
    band = _number(fields.get("duration_band", ()))
    if fast is None or fast > topics or band not in BANDS:
        return UNMEASURED
    return Pace(fast, band)


def _number(values: Sequence[str]) -> int | None:
    if len(values) != 1 or not _NUMBER.fullmatch(values[0]):
        return None
    return int(values[0])


def median_of(engine: Engine, questionnaire: tuple[str, str], *, simulated: bool) -> Median | None:
    """Return the median band of the mixed responses to one version of a questionnaire.

    Simulated rounds and real ones never speak for each other. None below `FEWEST` responses
    with a band.
    """
    query = (
        select(response.c.duration_band, func.count())
        .join(survey_round, survey_round.c.round_id == response.c.round_id)
        .where(
            response.c.questionnaire_version == "@".join(questionnaire),
            response.c.duration_band.is_not(None),
            survey_round.c.simulated == simulated,
        )
        .group_by(response.c.duration_band)
        .order_by(response.c.duration_band)
    )
    with reading(engine) as connection:
        counts = [(int(band), int(number)) for band, number in connection.execute(query)]
    total = sum(number for _, number in counts)
    if total < FEWEST:
        return None
    reached = accumulate(number for _, number in counts)
    band = next(
        band for (band, _), so_far in zip(counts, reached, strict=True) if 2 * so_far >= total
    )
    return Median(band, total // 10 * 10)
