"""What became of the cases that were issued: forms out, back, valid, and the response rate.

Counts are invitations or tickets. The rate is AAPOR's response rate 1: valid responses over
all issued cases, those of unknown eligibility counted as eligible, so that it is the lowest
of the response rates. A case that was used and is not valid was excluded after review. The
other outcome rates need the final disposition of each case and are in `rates`.

References
----------
AAPOR (2023). Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for
Surveys, 10th edition.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from intake.findings import Faults, IntakeError, Words

CASE_COLUMNS = (
    "cell",
    "unit_id",
    "stratum",
    "psu_id",
    "design_weight",
    "issued",
    "used",
    "expected",
)
Floats = NDArray[np.float64]
_BY = ("cell", "stratum", "unit_id")


def check_cases(cases: pd.DataFrame) -> None:
    """Refuse a table of cells with missing columns, repeated cells or impossible counts.

    Raises
    ------
    IntakeError
        ``cases-column-missing``, ``cases-repeated``, ``cases-count-impossible``,
        ``cases-weight-not-positive``; all faults at once, with the row.
    """
    faults = Faults("cases")
    for name in CASE_COLUMNS[:-1]:
        if name not in cases.columns:
            faults.add(
                "cases-column-missing",
                Words(f"Bảng ô thiếu cột “{name}”.", f"The table of cells lacks column “{name}”."),
                Words("Hãy xuất lại bảng ô.", "Export the table of cells again."),
                column=name,
            )
    faults.raise_as(IntakeError)
    for row in np.flatnonzero(cases["cell"].duplicated().to_numpy()):
        faults.add(
            "cases-repeated",
            Words(
                f"Ô “{cases['cell'].iloc[row]}” xuất hiện hai lần.",
                f"Cell “{cases['cell'].iloc[row]}” comes twice.",
            ),
            Words("Mỗi ô một dòng.", "Give each cell one row."),
            row=int(row) + 1,
            column="cell",
        )
    issued = pd.to_numeric(cases["issued"], errors="coerce").to_numpy(dtype=np.float64)
    used = pd.to_numeric(cases["used"], errors="coerce").to_numpy(dtype=np.float64)
    for row in np.flatnonzero(~((issued >= 0) & (used >= 0) & (used <= issued))):
        faults.add(
            "cases-count-impossible",
            Words(
                f"Ô “{cases['cell'].iloc[row]}”: phát ra {issued[row]:g}, đã dùng {used[row]:g}.",
                f"Cell “{cases['cell'].iloc[row]}”: issued {issued[row]:g}, used {used[row]:g}.",
            ),
            Words("Số đã dùng không thể vượt số phát ra.", "No more can be used than was issued."),
            row=int(row) + 1,
            column="used",
        )
    weight = pd.to_numeric(cases["design_weight"], errors="coerce").to_numpy(dtype=np.float64)
    for row in np.flatnonzero(~(np.isfinite(weight) & (weight > 0))):
        faults.add(
            "cases-weight-not-positive",
            Words(
                f"Ô “{cases['cell'].iloc[row]}” thiếu trọng số thiết kế lớn hơn 0.",
                f"Cell “{cases['cell'].iloc[row]}” has no design weight above zero.",
            ),
            Words(
                "Trọng số thiết kế là một chia cho xác suất chọn.",
                "A design weight is one over the probability of being drawn.",
            ),
            row=int(row) + 1,
            column="design_weight",
        )
    faults.raise_as(IntakeError)


def account(
    cases: pd.DataFrame,
    respondents: pd.DataFrame,
    by: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Count forms issued, used and valid, and give the response rate with its interval.

    Parameters
    ----------
    cases
        One row per cell, see `CASE_COLUMNS`.
    respondents
        The valid responses; its column ``cell`` is read.
    by
        ``cell``, ``stratum`` or ``unit_id``; none gives one row for the whole round.
    level
        Confidence level of the Wilson interval of ``rr1``.

    Returns
    -------
    pandas.DataFrame
        ``group, issued, used, valid, invalid, rr1, low, high, rr1_weighted``; rates lie
        between 0 and 1 and are missing where nothing was issued. ``rr1_weighted`` counts
        every case with its design weight.

    Raises
    ------
    IntakeError
        The faults of `check_cases`, and ``responses-unknown-cell``.
    """
    check_cases(cases)
    if by is not None and by not in _BY:
        raise IntakeError.of(
            "grouping-unknown",
            f"Không gộp theo “{by}”.",
            f"Cases are not grouped by “{by}”.",
            f"Chọn: {', '.join(_BY)}.",
            f"Choose one of: {', '.join(_BY)}.",
            file="cases",
        )
    valid = respondents["cell"].value_counts()
    unknown = sorted(set(valid.index) - set(cases["cell"]))
    if unknown:
        raise IntakeError.of(
            "responses-unknown-cell",
            f"Có trả lời từ ô không được phát: {', '.join(map(str, unknown[:10]))}.",
            f"Responses come from cells never issued: {', '.join(map(str, unknown[:10]))}.",
            "Bảng ô và tệp trả lời phải cùng một đợt.",
            "The cells and the responses must be of one round.",
            file="cases",
        )
    counts = pd.DataFrame(
        {
            "group": cases[by].astype(str) if by else "",
            "issued": cases["issued"].astype(np.int64),
            "used": cases["used"].astype(np.int64),
            "valid": cases["cell"].map(valid).fillna(0).astype(np.int64),
            "weight": cases["design_weight"].astype(np.float64),
        }
    )
    counts["weighted_valid"] = counts["weight"] * counts["valid"]
    counts["weighted_issued"] = counts["weight"] * counts["issued"]
    summed = counts.drop(columns="weight").groupby("group", sort=True, as_index=False).sum()
    return pd.DataFrame(
        {
            "group": summed["group"],
            "issued": summed["issued"],
            "used": summed["used"],
            "valid": summed["valid"],
            "invalid": summed["used"] - summed["valid"],
            **_rates(summed, level),
        }
    )


def _rates(summed: pd.DataFrame, level: float) -> dict[str, Floats]:
    """Return the response rate of each group, its Wilson interval, and the weighted rate."""
    # statsmodels takes a second to load, and most commands need no response rate.
    from statsmodels.stats.proportion import proportion_confint

    issued, valid = summed["issued"].to_numpy(), summed["valid"].to_numpy()
    some = issued > 0
    rate, low, high, weighted = (np.full(len(summed), np.nan) for _ in range(4))
    rate[some] = valid[some] / issued[some]
    low[some], high[some] = proportion_confint(
        valid[some], issued[some], alpha=1 - level, method="wilson"
    )
    weighted[some] = (summed["weighted_valid"] / summed["weighted_issued"].where(some))[some]
    return {"rr1": rate, "low": low, "high": high, "rr1_weighted": weighted}
