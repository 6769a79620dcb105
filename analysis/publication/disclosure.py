"""What may be published about a group, and with how many digits.

Three questions are answered for every figure before it leaves the house: could it tell
something about fewer than ten people (confidential, ``c``), is it too uncertain to be read
(unreliable, ``u``), and how many digits does its sample carry. A figure that is withheld
takes everything with it from which it could be worked out again: its error, its interval,
its counts, and a second figure where the total minus the others would give it away.

Figures are in percent, 0 to 100; counts are unweighted persons. What a figure looks like on
a page is left to ``tables`` and ``pages``.

References
----------
NHS England, GP Patient Survey technical annex (fewer than ten answers: no figure).
Parker, J. D. et al. (2017). National Center for Health Statistics data presentation
standards for proportions. Vital and Health Statistics 2(175).
Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small
expected number of positive counts estimated from survey data. Survey Methodology 24, 193-201.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

import pandas as pd
from scipy.special import betaincinv, stdtrit

from intake.findings import Finding, ReleaseError, Words

SMALLEST_GROUP = 10
RELIABLE_GROUP = 30
FULL_DIGITS_FROM = 100
EXTREMES_FROM = 50
WIDEST_INTERVAL = 0.30
NARROW_INTERVAL = 0.05
WIDEST_RELATIVE = 1.30
FEWEST_DF = 8
COUNT_STEP = 5

CONFIDENTIAL, UNRELIABLE = "c", "u"
REVIEW, COMPLEMENT = "r", "k"
SHARE_RULES = frozenset({"top2", "share"})
UNIT_DOMAIN, URBAN_DOMAIN = "unit", "urban"

ESTIMATE_COLUMNS = (
    "round",
    "quantity",
    "level",
    "rule",
    "domain",
    "category",
    "value",
    "se",
    "low",
    "high",
    "n",
    "n_effective",
    "deff",
    "df",
    "flag",
)
PROTECTED_COLUMNS = (*ESTIMATE_COLUMNS, "note", "bound")
_NOISE = 1e-6  # a weighted mean of hundreds may miss 100 in the last bits
_MANY_DF = 1e6
_FIGURES = ("value", "se", "low", "high", "n_effective", "deff", "df")


@dataclass(frozen=True)
class Reliability:
    """How far a proportion can be trusted: effective n, interval, verdict, and its complement.

    ``verdict`` is ``show``, ``hide`` or ``review`` (a person decides); ``complement`` says that
    one minus the proportion is too uncertain to be read by itself.
    """

    n_star: float
    low: float
    high: float
    verdict: str
    complement: bool


def reliability(
    p: float, variance: float, n: int, df: float, *, n_effective: float | None = None
) -> Reliability:
    """Judge a proportion by the standards of the National Center for Health Statistics.

    Parameters
    ----------
    p
        The proportion, 0 to 1.
    variance
        Its sampling variance under the design; not a number when it is not known.
    n
        Unweighted answers, at least 1.
    df
        Degrees of freedom of the variance.
    n_effective
        Effective answers known from elsewhere. Taken for an index that is no proportion,
        whose variance says nothing about ``p * (1 - p)``.

    Examples
    --------
    >>> found = reliability(0.85, 0.85 * 0.15 / 100 * 1.8, 100, 20)
    >>> round(found.n_star, 4), round(found.low, 6), round(found.high, 6), found.verdict
    (50.2681, 0.721096, 0.934946, 'show')
    """
    if n < 1 or not 0 <= p <= 1 or math.isnan(variance) or math.isnan(df) or df <= 0:
        return Reliability(math.nan, math.nan, math.nan, "hide", complement=False)
    n_star = float(n)
    extreme = p in {0.0, 1.0}
    if n_effective is not None and not math.isnan(n_effective):
        n_star = min(n_star, _adjusted(n_effective, n, df))
    elif not extreme and variance > 0:
        n_star = min(n_star, _adjusted(p * (1 - p) / variance, n, df))
    low = 0.0 if p == 0 else float(betaincinv(n_star * p, n_star * (1 - p) + 1, 0.025))
    high = 1.0 if p == 1 else float(betaincinv(n_star * p + 1, n_star * (1 - p), 0.975))
    width = high - low
    wide = width > NARROW_INTERVAL
    hide = (
        n < RELIABLE_GROUP
        or n_star < RELIABLE_GROUP
        or width >= WIDEST_INTERVAL
        or (wide and p > 0 and width / p > WIDEST_RELATIVE)
    )
    complement = not hide and wide and p < 1 and width / (1 - p) > WIDEST_RELATIVE
    verdict = "hide" if hide else "review" if df < FEWEST_DF or extreme else "show"
    return Reliability(n_star, low, high, verdict, complement)


def _adjusted(n_effective: float, n: int, df: float) -> float:
    """Return the effective size that also pays for an uncertain variance."""
    if n < 2:
        return 0.0
    return n_effective * float(stdtrit(n - 1, 0.975) / stdtrit(df, 0.975)) ** 2


def decimals_for(n: float) -> int:
    """Return how many decimals a figure on ``n`` answers carries."""
    return 2 if n >= FULL_DIGITS_FROM else 1


def half_up(value: float, decimals: int) -> float:
    """Return the value rounded half up, as the printed tables are.

    Examples
    --------
    >>> half_up(83.945, 2), half_up(2.5, 0)
    (83.95, 3.0)
    """
    step = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP))


def protect(estimates: pd.DataFrame, *, urban_of: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Withhold and round every figure of an estimates table.

    Parameters
    ----------
    estimates
        Columns ``ESTIMATE_COLUMNS``. A flag ``c`` or ``u`` that a person has already set stays.
    urban_of
        For every unit its category of the domain ``urban``. Without it, results for urban and
        rural minus results of their units cannot be checked, so a table that holds both
        domains is refused.

    Returns
    -------
    pandas.DataFrame
        Columns ``PROTECTED_COLUMNS`` in the same row order. ``flag`` is ``c``, ``u`` or empty;
        all figures of a flagged row are missing, and of a confidential row the count too.
        ``note`` is ``r`` (few degrees of freedom, or 0 or 100 %: read with care) or ``k``
        (the complement is unreliable). ``bound`` is ``<5`` or ``>95`` where an exact 0 or 100 %
        of a small group is withheld.

    Raises
    ------
    ReleaseError
        A column is missing, a figure lies outside 0 to 100, or a figure stands twice.
    """
    _check(estimates)
    rows: list[dict[str, object]] = [
        {str(name): value for name, value in record.items()}
        for record in estimates.loc[:, list(ESTIMATE_COLUMNS)].to_dict("records")
    ]
    for row in rows:
        _judge(row)
    _refuse_unknown_nesting(rows, urban_of)

    def series_of(position: int) -> tuple[str, str, str]:
        row = rows[position]
        return str(row["round"]), str(row["quantity"]), str(row["rule"])

    order = sorted(range(len(rows)), key=series_of)
    for _, positions in groupby(order, key=series_of):
        _complement([rows[position] for position in positions], urban_of or {})
    for row in rows:
        _withhold_or_round(row)
    return pd.DataFrame(rows, columns=list(PROTECTED_COLUMNS))


def shown_units(protected: pd.DataFrame, rule: str) -> frozenset[str]:
    """Return the units whose own overall index is published under a rule: only they are ranked."""
    own = protected[
        (protected["domain"] == UNIT_DOMAIN)
        & (protected["level"] == "overall")
        & (protected["rule"] == rule)
    ]
    hidden = set(own.loc[own["flag"] != "", "category"].astype(str))
    return frozenset(set(own["category"].astype(str)) - hidden)


def _check(estimates: pd.DataFrame) -> None:
    absent = [name for name in ESTIMATE_COLUMNS if name not in estimates.columns]
    if absent:
        raise ReleaseError(
            [
                Finding(
                    "estimates-column-missing",
                    Words(
                        f"Bảng ước lượng thiếu cột '{name}'.",
                        f"The estimates table lacks the column '{name}'.",
                    ),
                    Words(
                        "Hãy lập bảng ước lượng với đủ các cột.",
                        "Make the estimates table with all its columns.",
                    ),
                    column=name,
                )
                for name in absent
            ]
        )
    value = pd.to_numeric(estimates["value"])
    outside = estimates[(value < -_NOISE) | (value > 100 + _NOISE)]
    if len(outside):
        first = outside.iloc[0]
        raise ReleaseError(
            Finding(
                "estimate-outside-percent",
                Words(
                    f"Ước lượng '{first['quantity']}' là {first['value']}, ngoài khoảng 0–100 %.",
                    f"The estimate '{first['quantity']}' is {first['value']}, outside 0 to 100 %.",
                ),
                Words("Kết quả phải tính bằng phần trăm.", "Results must be in percent."),
            )
        )
    twice = estimates[estimates.duplicated(list(ESTIMATE_COLUMNS[:2] + ESTIMATE_COLUMNS[3:6]))]
    if len(twice):
        first = twice.iloc[0]
        place = f"{first['round']} {first['quantity']} {first['rule']} {first['category']}"
        raise ReleaseError(
            Finding(
                "estimate-twice",
                Words(f"Ước lượng '{place}' có hai dòng.", f"The estimate '{place}' stands twice."),
                Words("Mỗi kết quả chỉ được có một dòng.", "Keep one row for each result."),
            )
        )


def _refuse_unknown_nesting(
    rows: Iterable[Mapping[str, object]], urban_of: Mapping[str, str] | None
) -> None:
    rows = list(rows)
    areas = {str(row["category"]) for row in rows if row["domain"] == URBAN_DOMAIN}
    if not areas:
        return
    rounds = {str(row["round"]) for row in rows if row["domain"] == URBAN_DOMAIN}
    units = {
        str(row["category"])
        for row in rows
        if row["domain"] == UNIT_DOMAIN and str(row["round"]) in rounds
    }
    unknown = sorted(unit for unit in units if (urban_of or {}).get(unit) not in areas)
    if unknown:
        raise ReleaseError(
            Finding(
                "unit-without-urban",
                Words(
                    f"Không biết đơn vị '{unknown[0]}' thuộc đô thị hay nông thôn.",
                    f"It is not known whether the unit '{unknown[0]}' is urban or rural.",
                ),
                Words(
                    "Hãy thêm cột 'urban' vào bảng đơn vị, cùng mã với bảng ước lượng.",
                    "Give the units table a column 'urban' with the codes of the estimates.",
                ),
            )
        )


def _number(value: object) -> float:
    if value is None or value is pd.NA:
        return math.nan
    number = value if isinstance(value, float) else float(str(value))
    return number if math.isfinite(number) else math.nan


def _judge(row: dict[str, object]) -> None:
    """Set the flag, note and bound of one row by its own numbers."""
    value, se, n = _number(row["value"]), _number(row["se"]), _number(row["n"])
    given = row["flag"] if row["flag"] in {CONFIDENTIAL, UNRELIABLE} else ""
    count = 0 if math.isnan(n) else int(n)
    row["n"] = count
    row["flag"], row["note"], row["bound"] = given, "", ""
    if row["df"] == math.inf:
        row["df"] = _MANY_DF
    for column in _FIGURES:
        row[column] = _number(row[column])
    value = min(max(round(value, 9), 0.0), 100.0) if not math.isnan(value) else value
    row["value"] = value
    if count < SMALLEST_GROUP:
        row["flag"] = CONFIDENTIAL
        return
    if given:
        return
    interval_known = not (math.isnan(_number(row["low"])) or math.isnan(_number(row["high"])))
    if math.isnan(value) or not interval_known:
        row["flag"] = UNRELIABLE
        return
    found = reliability(
        value / 100,
        (se / 100) ** 2,
        count,
        _number(row["df"]),
        n_effective=None if row["rule"] in SHARE_RULES else _number(row["n_effective"]),
    )
    if found.verdict == "hide":
        row["flag"] = UNRELIABLE
    elif value in {0.0, 100.0} and count < EXTREMES_FROM:
        # That everyone in a small group said the same is itself told about each of them.
        row["flag"], row["bound"] = CONFIDENTIAL, "<5" if value == 0 else ">95"
    elif found.verdict == "review":
        row["note"] = REVIEW
    elif found.complement and row["rule"] in SHARE_RULES:
        row["note"] = COMPLEMENT


def _complement(rows: list[dict[str, object]], urban_of: Mapping[str, str]) -> None:
    """Withhold further categories until no total minus the shown ones stands on a small group."""
    by_domain: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        by_domain.setdefault(str(row["domain"]), []).append(row)
    totals = by_domain.pop("", [])
    total = _count(totals[0]) if totals else None
    units, areas = by_domain.get(UNIT_DOMAIN, []), by_domain.get(URBAN_DOMAIN, [])
    settled = False
    while not settled:
        settled = True
        for categories in by_domain.values():
            whole = total if total is not None else sum(_count(row) for row in categories)
            settled &= not _hide_until_safe(whole, categories, categories)
        for area in areas:
            code = str(area["category"])
            inside = [row for row in units if urban_of.get(str(row["category"])) == code]
            settled &= not _hide_until_safe(_count(area), inside, inside)
        if total is not None and areas:
            # A withheld area can be put together from its units, beside the area that is shown.
            closed = {str(area["category"]) for area in areas if area["flag"]}
            loose = [row for row in units if urban_of.get(str(row["category"])) in closed]
            shown_areas = [area for area in areas if not area["flag"]]
            settled &= not _hide_until_safe(total, [*shown_areas, *loose], loose, pair=False)


def _hide_until_safe(
    whole: int,
    categories: list[dict[str, object]],
    candidates: list[dict[str, object]],
    *,
    pair: bool = True,
) -> bool:
    """Hide the smallest shown candidates until the rest is nobody or at least ten; say if any."""
    changed = False
    while True:
        shown = [row for row in candidates if not row["flag"]]
        rest = whole - sum(_count(row) for row in categories if not row["flag"])
        hidden = [row for row in categories if row["flag"]]
        small = [row for row in hidden if _count(row) < SMALLEST_GROUP]
        alone = pair and len(hidden) == 1 and len(small) == 1
        if not shown or not (0 < rest < SMALLEST_GROUP or alone):
            return changed
        smallest = min(shown, key=lambda row: (_count(row), str(row["category"])))
        smallest["flag"], smallest["note"] = CONFIDENTIAL, ""
        changed = True


def _count(row: Mapping[str, object]) -> int:
    count = row["n"]
    return count if isinstance(count, int) else 0


def _withhold_or_round(row: dict[str, object]) -> None:
    n = _count(row)
    decimals = decimals_for(n)
    if row["flag"]:
        for column in _FIGURES:
            row[column] = math.nan
        row["note"] = ""
    else:
        for column in ("value", "se", "low", "high"):
            figure = _number(row[column])
            row[column] = math.nan if math.isnan(figure) else half_up(figure, decimals)
        for column, kept in (("deff", 2), ("n_effective", 0), ("df", 0)):
            figure = _number(row[column])
            if not math.isnan(figure) and n < FULL_DIGITS_FROM:
                # Effective size, design effect and degrees of freedom would tell the exact count.
                figure = half_up(figure, 1) if column == "deff" else _to_step(figure)
            row[column] = figure if math.isnan(figure) else half_up(figure, kept)
    if row["flag"] == CONFIDENTIAL:
        row["n"] = None
    elif n < FULL_DIGITS_FROM:
        row["n"] = int(_to_step(n))


def _to_step(count: float) -> float:
    return half_up(count / COUNT_STEP, 0) * COUNT_STEP
