"""Permanent random numbers, and how far to turn the circle for a wanted overlap.

Each unit keeps one uniform number for good. A round takes the units whose numbers come first
after the round's start on the circle from 0 to 1: near starts keep units, starts further
apart than the rate part the samples. A unit that is born gets its number like any other, so
it has the chance that its round gives everybody; the death of a unit changes no number.

Published draws do this with the stage key ``coordination: {seed, shift}``.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from intake.findings import DesignError
from sampling.chance import WHOLE, sha256_text
from sampling.coordination.exact import Number, share_of


def permanent_numbers(seed: str, ids: Iterable[str]) -> dict[str, Fraction]:
    """Return the permanent random number of each unit.

    Parameters
    ----------
    seed
        The seed of the first coordinated draw, 64 hexadecimal characters.
    ids
        Ids of units.

    Returns
    -------
    dict
        By id: SHA-256 of ``<seed>|<id>`` divided by 2^256, at least 0 and below 1, exact.

    References
    ----------
    Ohlsson (1995), Coordination of samples using permanent random numbers, in: Business
    Survey Methods, Wiley.

    Examples
    --------
    >>> round(float(permanent_numbers("0" * 64, ["a"])["a"]), 5)
    0.61523
    """
    return {one: Fraction(int(sha256_text(f"{seed}|{one}"), 16), WHOLE) for one in ids}


def shift_for(rate: Number, share: Number) -> Fraction:
    """Return the shift with which a second round keeps a share of the first.

    A unit is in both rounds when its number lies in [0, f) and in [d, d + f): with
    probability f − d, as long as the two do not meet again on the other side. The share kept
    is (f − d)/f, so d = f (1 − share). Exact for Poisson draws at the rate f; in simple
    random draws of n of N (f = n/N) the share is that up to what chance does to N numbers
    (``expected_overlap`` gives it exactly). The shift 1 − d keeps as much.

    Parameters
    ----------
    rate
        Sampling rate of both rounds, above 0 up to 1.
    share
        Share of the first sample to keep: 1 the same units, 0 none of them.

    Raises
    ------
    DesignError
        A number lies outside, or the rate is so high that more must be shared: two rounds at
        a rate f above 1/2 share at least (2 f − 1)/f.

    Examples
    --------
    >>> shift_for("1/5", "3/4"), shift_for(0.2, 0)
    (Fraction(1, 20), Fraction(1, 5))
    """
    f, kept = share_of(rate, "rate"), share_of(share, "share")
    if f == 0:
        raise DesignError.of(
            "coordination-rate-zero",
            "Tỷ lệ chọn bằng 0: không có mẫu nào để giữ.",
            "The rate is 0: there is no sample to keep.",
            "Ghi tỷ lệ chọn trên 0.",
            "Give a rate above 0.",
            path="rate",
        )
    least = max(Fraction(0), 2 - 1 / f)
    if kept < least:
        raise DesignError.of(
            "coordination-share-too-small",
            f"Với tỷ lệ chọn {float(f):g}, hai mẫu trùng ít nhất {float(least):.4g}; "
            f"yêu cầu {float(kept):.4g}.",
            f"At the rate {float(f):g} two samples share at least {float(least):.4g}; "
            f"{float(kept):.4g} was wanted.",
            f"Giảm tỷ lệ chọn xuống {float(1 / (2 - kept)):.4g} hoặc ghi share = {least}.",
            f"Lower the rate to {float(1 / (2 - kept)):.4g}, or give share = {least}.",
            path="share",
        )
    return f * (1 - kept)
