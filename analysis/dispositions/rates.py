"""How many answered, cooperated, refused or were reached: AAPOR's outcome rates.

All sixteen rates come from eight classes of final dispositions: complete (I), partial (P),
refusal (R), non-contact (NC), other (O), unknown whether eligible (UH), unknown otherwise (UO),
and not eligible. Some count cases of unknown eligibility in part: with the share e of them
that is taken to be eligible.

===== ================================ ===== =================================
rate  definition                       rate  definition
===== ================================ ===== =================================
RR1   I / (I+P + R+NC+O + UH+UO)       REF1  R / (I+P + R+NC+O + UH+UO)
RR2   (I+P) / the same                 REF2  R / (I+P + R+NC+O + e(UH+UO))
RR3   I / (I+P + R+NC+O + e(UH+UO))    REF3  R / (I+P + R+NC+O)
RR4   (I+P) / the same                 CON1  (I+P+R+O) / (I+P+R+O+NC + UH+UO)
RR5   I / (I+P + R+NC+O)               CON2  … with e(UH+UO)
RR6   (I+P) / the same                 CON3  … without UH, UO
COOP1 I / (I+P + R+O)                  COOP3 I / (I+P + R)
COOP2 (I+P) / the same                 COOP4 (I+P) / the same
===== ================================ ===== =================================

Rates lie between 0 and 1.

References
----------
AAPOR (2023). Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for
Surveys, 10th edition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from intake.findings import Faults, IntakeError, Words

Floats = NDArray[np.float64]

CLASSES = (
    "complete",
    "partial",
    "refusal",
    "non_contact",
    "other",
    "unknown",
    "unknown_other",
    "not_eligible",
)
_ELIGIBLE = CLASSES[:5]
_REACHED = ("complete", "partial", "refusal", "other")
_UNKNOWN = ("unknown", "unknown_other")
_ANSWERED = ("complete", "partial")
# Numerator, what surely belongs to the denominator, and how the unknown ones count in it.
RATES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "RR1": (("complete",), _ELIGIBLE, "all"),
    "RR2": (_ANSWERED, _ELIGIBLE, "all"),
    "RR3": (("complete",), _ELIGIBLE, "e"),
    "RR4": (_ANSWERED, _ELIGIBLE, "e"),
    "RR5": (("complete",), _ELIGIBLE, "none"),
    "RR6": (_ANSWERED, _ELIGIBLE, "none"),
    "COOP1": (("complete",), _REACHED, "none"),
    "COOP2": (_ANSWERED, _REACHED, "none"),
    "COOP3": (("complete",), ("complete", "partial", "refusal"), "none"),
    "COOP4": (_ANSWERED, ("complete", "partial", "refusal"), "none"),
    "REF1": (("refusal",), _ELIGIBLE, "all"),
    "REF2": (("refusal",), _ELIGIBLE, "e"),
    "REF3": (("refusal",), _ELIGIBLE, "none"),
    "CON1": (_REACHED, _ELIGIBLE, "all"),
    "CON2": (_REACHED, _ELIGIBLE, "e"),
    "CON3": (_REACHED, _ELIGIBLE, "none"),
}
RATE_COLUMNS = (
    "group",
    "rate",
    "n",
    "e",
    "value",
    "low",
    "high",
    "n_effective",
    "value_weighted",
    "low_weighted",
    "high_weighted",
)


def parts_of(e: Floats) -> tuple[Floats, Floats]:
    """Return what each class counts in numerators (rates × classes) and in denominators.

    Denominators have shape (groups, rates, classes), for the share e of each group.
    """
    over, under = np.zeros((len(RATES), len(CLASSES))), np.zeros((len(RATES), len(CLASSES)))
    part = np.zeros(len(RATES))
    unknown = np.array([name in _UNKNOWN for name in CLASSES])
    for place, (above, below, how) in enumerate(RATES.values()):
        over[place] = [name in above for name in CLASSES]
        under[place] = [name in below or (how == "all" and name in _UNKNOWN) for name in CLASSES]
        part[place] = how == "e"
    share = part[None, :, None] * np.nan_to_num(e)[:, None, None] * unknown
    return over, under[None] + share


def eligible_share(counts: Floats) -> Floats:
    """Return e: the eligible among cases whose eligibility is known (groups × classes in).

    Missing where no case is known.

    Examples
    --------
    >>> eligible_share(np.array([[50.0, 10, 20, 8, 2, 30, 0, 10]])).tolist()
    [0.9]
    """
    known = counts[:, : len(_ELIGIBLE)].sum(axis=1)
    whole = known + counts[:, -1]
    share: Floats = np.divide(known, whole, out=np.full(len(counts), np.nan), where=whole > 0)
    return share


def rates_of(counts: Floats, e: Floats) -> Floats:
    """Return the rates (groups × rates, in the order of `RATES`) of counts (groups × classes).

    Missing where the denominator is zero, and where e is needed and not known.

    Examples
    --------
    >>> counts = np.array([[50.0, 10, 20, 8, 2, 30, 0, 10]])
    >>> rates_of(counts, eligible_share(counts))[0, :4].round(3).tolist()
    [0.417, 0.5, 0.427, 0.513]
    """
    over, under = parts_of(e)
    below = np.einsum("gc,grc->gr", counts, under)
    value: Floats = np.full(below.shape, np.nan)
    np.divide(counts @ over.T, below, out=value, where=below > 0)
    unknown = counts[:, [CLASSES.index(name) for name in _UNKNOWN]].sum(axis=1) > 0
    needs = np.array([how == "e" for _, _, how in RATES.values()])
    value[(np.isnan(e) & unknown)[:, None] & needs] = np.nan
    return value


def tally(
    cases: pd.DataFrame,
    disposition: str,
    by: str | None = None,
    weight: str | None = None,
) -> pd.DataFrame:
    """Count cases by their final disposition, for `outcome_rates`.

    Parameters
    ----------
    cases
        One row per case.
    disposition
        Column with one of `CLASSES`.
    by
        Column of the groups.
    weight
        Column with design weights; cases of one group and one weight are counted together.

    Returns
    -------
    pandas.DataFrame
        ``group, design_weight`` and one column of counts per class.

    Raises
    ------
    IntakeError
        ``cases-column-missing``, ``disposition-unknown`` with the row,
        ``cases-weight-not-positive``.

    Examples
    --------
    >>> cases = pd.DataFrame({"outcome": ["complete", "refusal", "complete"]})
    >>> tally(cases, "outcome")[["complete", "refusal"]].to_numpy().tolist()
    [[2, 1]]
    """
    faults = Faults("cases")
    _columns(cases, [name for name in (disposition, by, weight) if name], faults)
    bad = np.flatnonzero(~cases[disposition].isin(CLASSES).to_numpy())
    for row in bad[:50]:
        faults.add(
            "disposition-unknown",
            Words(
                f"Kết cục “{cases[disposition].iloc[row]}” không có trong danh mục.",
                f"Disposition “{cases[disposition].iloc[row]}” is not one of the classes.",
            ),
            Words(f"Chọn: {', '.join(CLASSES)}.", f"Use one of: {', '.join(CLASSES)}."),
            row=int(row) + 1,
            column=disposition,
        )
    if by is not None:
        _labels(cases, by, faults)
    faults.raise_as(IntakeError)
    keys = pd.DataFrame(
        {
            "group": "" if by is None else cases[by].astype(str),
            "design_weight": 1.0 if weight is None else _weights(cases, weight, faults),
        },
        index=cases.index,
    )
    shown = {name: (cases[disposition] == name).astype(np.int64) for name in CLASSES}
    return keys.assign(**shown).groupby(["group", "design_weight"], as_index=False).sum()


def outcome_rates(
    cases: pd.DataFrame,
    by: str | None = None,
    e: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Give all outcome rates with their intervals, by group, unweighted and weighted.

    Parameters
    ----------
    cases
        Counts by class: one row per cell (or of `tally`), the columns `CLASSES`
        (``unknown_other`` may be absent), and ``design_weight``, 1 where it is absent.
    by
        Column of the groups, such as ``cell``, ``stratum``, ``unit_id``.
    e
        Share of the cases of unknown eligibility taken to be eligible; none: as many as among
        the cases of the group whose eligibility is known.
    level
        Confidence level of the Wilson intervals.

    Returns
    -------
    pandas.DataFrame
        `RATE_COLUMNS`, one row per group and rate. ``n`` is the unweighted denominator,
        ``n_effective`` that of the weighted rate, (Σ w)² / Σ w² over its cases. Intervals take
        cases as drawn independently and e as known.

    Raises
    ------
    IntakeError
        ``cases-column-missing``, ``cases-count-impossible``, ``cases-weight-not-positive``,
        ``eligible-share-impossible``.

    Examples
    --------
    >>> counts = pd.DataFrame([[50, 10, 20, 8, 2, 30, 0, 10]], columns=list(CLASSES))
    >>> float(outcome_rates(counts).set_index("rate").loc["COOP4", "value"])
    0.75
    """
    faults = Faults("cases")
    needed = [name for name in CLASSES if name != "unknown_other"]
    _columns(cases, [*needed, *([by] if by else [])], faults)
    if e is not None and not 0 <= e <= 1:
        faults.add(
            "eligible-share-impossible",
            Words(f"e = {e:g} không nằm giữa 0 và 1.", f"e = {e:g} is not between 0 and 1."),
            Words("Ghi tỷ lệ từ 0 đến 1.", "Give a share from 0 to 1."),
        )
    counts = _counts(cases, faults)
    has_weights = "design_weight" in cases.columns
    weight = _weights(cases, "design_weight", faults) if has_weights else np.ones(len(cases))
    if by is not None:
        _labels(cases, by, faults)
    faults.raise_as(IntakeError)
    labels = cases[by].astype(str) if by else pd.Series("", index=cases.index)
    group, names = pd.factorize(labels, sort=True)
    size = len(names)

    def summed(values: Floats) -> Floats:
        whole = np.zeros((size, len(CLASSES)))
        np.add.at(whole, group, values)
        return whole

    plain = summed(counts)
    weighted = summed(counts * weight[:, None])
    squares = summed(counts * weight[:, None] ** 2)
    columns: dict[str, Any] = {
        "group": np.repeat(np.asarray(names, dtype=object), len(RATES)),
        "rate": list(RATES) * size,
    }
    for suffix, table in (("", plain), ("_weighted", weighted)):
        share = eligible_share(table) if e is None else np.full(size, e)
        _, under = parts_of(share)
        value = rates_of(table, share)
        below = np.einsum("gc,grc->gr", table, under)
        if suffix:
            spread = np.einsum("gc,grc->gr", squares, under)
            below = np.divide(below**2, spread, out=np.zeros_like(below), where=spread > 0)
            columns["n_effective"] = below.ravel()
        else:
            columns["e"] = np.repeat(share, len(RATES))
            columns["n"] = below.ravel()
        low, high = _wilson(value, below, level)
        columns[f"value{suffix}"] = value.ravel()
        columns[f"low{suffix}"], columns[f"high{suffix}"] = low.ravel(), high.ravel()
    return pd.DataFrame(columns, columns=list(RATE_COLUMNS))


def _wilson(value: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    # statsmodels takes counts; effective sizes are no whole numbers.
    z = float(special.ndtri(0.5 + level / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (value + z * z / (2 * n)) / (1 + z * z / n)
        reach = z / (1 + z * z / n) * np.sqrt(value * (1 - value) / n + z * z / (4 * n * n))
    return np.maximum(centre - reach, 0.0), np.minimum(centre + reach, 1.0)


def _columns(cases: pd.DataFrame, names: list[str], faults: Faults) -> None:
    for name in names:
        if name not in cases.columns:
            faults.add(
                "cases-column-missing",
                Words(f"Bảng ca thiếu cột “{name}”.", f"The table of cases lacks column “{name}”."),
                Words("Hãy xuất lại bảng; ghi 0 nếu không có.", "Export it again, 0 for none."),
                column=name,
            )
    faults.raise_as(IntakeError)


def _labels(cases: pd.DataFrame, by: str, faults: Faults) -> None:
    for row in np.flatnonzero(cases[by].isna().to_numpy())[:50]:
        faults.add(
            "cases-group-missing",
            Words(f"Dòng {row + 1} thiếu “{by}”.", f"Row {row + 1} lacks “{by}”."),
            Words("Mỗi ca thuộc một nhóm.", "Every case belongs to a group."),
            row=int(row) + 1,
            column=by,
        )


def _counts(cases: pd.DataFrame, faults: Faults) -> Floats:
    counts = np.zeros((len(cases), len(CLASSES)))
    for place, name in enumerate(CLASSES):
        if name not in cases.columns:
            continue
        column = pd.to_numeric(cases[name], errors="coerce").to_numpy(dtype=np.float64)
        for row in np.flatnonzero(~(np.isfinite(column) & (column >= 0)))[:50]:
            faults.add(
                "cases-count-impossible",
                Words(
                    f"Dòng {row + 1}: “{name}” = {cases[name].iloc[row]} không phải số đếm.",
                    f"Row {row + 1}: “{name}” = {cases[name].iloc[row]} is no count.",
                ),
                Words("Ghi số ca, 0 nếu không có.", "Give the number of cases, 0 for none."),
                row=int(row) + 1,
                column=name,
            )
        counts[:, place] = np.nan_to_num(column)
    return counts


def _weights(cases: pd.DataFrame, name: str, faults: Faults) -> Floats:
    weight = pd.to_numeric(cases[name], errors="coerce").to_numpy(dtype=np.float64)
    for row in np.flatnonzero(~(np.isfinite(weight) & (weight > 0)))[:50]:
        faults.add(
            "cases-weight-not-positive",
            Words(
                f"Dòng {row + 1} thiếu trọng số thiết kế lớn hơn 0.",
                f"Row {row + 1} has no design weight above zero.",
            ),
            Words(
                "Trọng số thiết kế là một chia cho xác suất chọn.",
                "A design weight is one over the probability of being drawn.",
            ),
            row=int(row) + 1,
            column=name,
        )
    faults.raise_as(IntakeError)
    return weight
