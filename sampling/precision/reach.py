"""Targets of precision that a plan misses: by how much, and the nearest plan that meets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from intake.findings import DesignError, Finding, Words
from sampling.precision.curve import figures
from sampling.precision.expected import Expected
from sampling.precision.trial import Trial, smallest


def missed(trial: Trial, targets: Mapping[str, float]) -> list[Finding]:
    """Return a finding for each target of the design that its plan does not meet.

    Targets are half-widths in the unit of the item: ``margin`` of the mean of all, and
    ``domain_margin`` of each domain of the layout. A target that more units, or a larger take,
    can meet gives a warning; one that none can gives an error.
    """
    found = []
    if "margin" in targets:
        found += _checked(
            trial, targets["margin"], "", "", lambda size: size.overall()["half_width"]
        )
    if "domain_margin" in targets:
        for column in trial.layout.domains:
            names, values = trial.base.by_domain(column)
            for at, name in enumerate(names):
                if not values["half_width"][at] <= targets["domain_margin"]:
                    found += _checked(
                        trial, targets["domain_margin"], column, name, _width_of(column, at)
                    )
    return found


def over_budget(trial: Trial) -> list[Finding]:
    """Return a finding where the plan costs more than ``budget`` of the design's costs."""
    budget, cost = trial.design.costs.get("budget"), trial.cost(trial.base)
    if budget is None or cost <= budget:
        return []
    try:
        nearest = trial.for_budget(budget)
    except DesignError as refusal:
        return list(refusal.findings)
    size, width = figures(nearest, trial.between), trial.spread.share
    vi, en = (_width(size["half_width"], lang, width) for lang in ("vi", "en"))
    units, issued = int(size["units"]), round(size["issued"])
    return [
        Finding(
            "precision-budget-exceeded",
            Words(
                f"Kế hoạch tốn {_money(cost, 'vi')}, vượt kinh phí {_money(budget, 'vi')} là "
                f"{_money(cost - budget, 'vi')}.",
                f"The plan costs {_money(cost, 'en')}, {_money(cost - budget, 'en')} more than the "
                f"budget of {_money(budget, 'en')}.",
            ),
            Words(
                f"Trong kinh phí đó: {units} đơn vị, {_money(issued, 'vi')} phiếu, ±{vi}.",
                f"The budget pays {units} units and {_money(issued, 'en')} cases: ±{en}.",
            ),
            "warning",
            path="costs.budget",
        )
    ]


def _width_of(column: str, at: int) -> Callable[[Expected], float]:
    return lambda size: float(size.by_domain(column)[1]["half_width"][at])


def _checked(
    trial: Trial, target: float, column: str, name: str, width: Callable[[Expected], float]
) -> list[Finding]:
    own = width(trial.base)
    if own <= target:
        return []
    within = _units_of(trial, column, name)
    wanted = None
    if not trial.fixed:
        least, most = int(trial.takes.sum()), trial.range()[1]
        wanted = smallest(lambda number: width(trial.at(number)) <= target, least, most)
    if wanted is not None:
        size = trial.at(wanted)
        return [_by_units(trial, size, own, target, column, name, within)]
    longest = trial.layout.longest
    everything = None if trial.fixed else float(trial.range()[1])
    take = smallest(
        lambda each: width(trial.at(everything, float(each))) <= target,
        max(round(trial.take), 1),
        max(longest, 1),
    )
    best = width(trial.at(everything, float(longest)))
    if take is None:
        return [_impossible(trial, own, target, best, column, name)]
    return [_by_take(trial, trial.at(everything, float(take)), take, own, target, column, name)]


def _units_of(trial: Trial, column: str, name: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which strata hold units of a domain."""
    if not column:
        return np.ones(len(trial.layout.strata), dtype=np.bool_)
    member = np.array(trial.layout.domains[column]) == name
    return np.bincount(trial.layout.stratum, member, len(trial.layout.strata)) > 0


def _by_units(
    trial: Trial,
    size: Expected,
    own: float,
    target: float,
    column: str,
    name: str,
    within: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Finding:
    """Say how many units meet the target: of all for the mean, of its strata for a domain."""
    takes = np.where(within, size.takes, trial.takes)
    met = trial.with_takes(takes)
    grown = np.flatnonzero(takes != trial.takes)
    names = ", ".join(f"{trial.layout.strata[at]}: {takes[at]}" for at in grown[:8])
    names += ", …" if len(grown) > 8 else ""
    number, before = int(takes.sum()), int(trial.takes.sum())
    cost, extra = trial.cost(met), trial.cost(met) - trial.cost(trial.base)
    return _finding(
        own,
        target,
        column,
        name,
        Words(
            f"Gần nhất đạt được: {number} đơn vị thay vì {before} ({names}), kinh phí "
            f"{_money(cost, 'vi')} (thêm {_money(extra, 'vi')}).",
            f"The nearest that meets it: {number} units instead of {before} ({names}), for "
            f"{_money(cost, 'en')} ({_money(extra, 'en')} more).",
        ),
        trial.spread.share,
    )


def _by_take(
    trial: Trial, met: Expected, take: int, own: float, target: float, column: str, name: str
) -> Finding:
    cost = trial.cost(met)
    return _finding(
        own,
        target,
        column,
        name,
        Words(
            f"Thêm đơn vị không đủ: cần lấy tất cả {int(met.takes.sum())} đơn vị và {take} phiếu "
            f"mỗi danh sách thay vì {trial.take:g}, kinh phí {_money(cost, 'vi')}.",
            f"More units are not enough: it takes all {int(met.takes.sum())} and {take} cases in "
            f"each list instead of {trial.take:g}, for {_money(cost, 'en')}.",
        ),
        trial.spread.share,
    )


def _impossible(
    trial: Trial, own: float, target: float, best: float, column: str, name: str
) -> Finding:
    vi, en = _width(best, "vi", trial.spread.share), _width(best, "en", trial.spread.share)
    return _finding(
        own,
        target,
        column,
        name,
        Words(
            f"Không phân bổ nào đạt được: lấy tất cả đơn vị và toàn bộ danh sách vẫn còn ±{vi}. "
            f"Đặt mục tiêu từ {vi} trở lên hoặc nâng tỷ lệ trả lời.",
            f"No allocation meets it: with all units and whole lists ±{en} is left. Set the "
            f"target to {en} or more, or raise the response rate.",
        ),
        trial.spread.share,
        severity="error",
    )


def _finding(
    own: float,
    target: float,
    column: str,
    name: str,
    advice: Words,
    share: bool,
    severity: str = "warning",
) -> Finding:
    vi = [_width(each, "vi", share) for each in (own, target, own - target)]
    en = [_width(each, "en", share) for each in (own, target, own - target)]
    of = Words(f"Miền {column} = {name}", f"The domain {column} = {name}")
    if not column:
        of = Words("Chỉ số chung", "The overall figure")
    return Finding(
        "precision-domain-margin-missed" if column else "precision-margin-missed",
        Words(
            f"{of.vi}: dự kiến ±{vi[0]}, mục tiêu ±{vi[1]}: rộng hơn {vi[2]}.",
            f"{of.en} is expected at ±{en[0]}, the target is ±{en[1]}: {en[2]} too wide.",
        ),
        advice,
        severity,
        path="targets.domain_margin" if column else "targets.margin",
    )


def _width(value: float, lang: str, share: bool) -> str:
    text = f"{100 * value if share else value:.2f}"
    if lang == "en":
        return f"{text} points"
    return text.replace(".", ",") + (" điểm phần trăm" if share else " điểm")


def _money(value: float, lang: str) -> str:
    text = f"{value:,.0f}"
    return text if lang == "en" else text.replace(",", ".")
