"""How a rules file says that findings become points, read into expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analysis.par_index.criteria import KINDS, RULES, SCOPES, Expression
from analysis.par_index.values import Values


class ExpressionReader:
    """Reads expressions under the rule and the rounds of one year."""

    _NEEDS: Mapping[str, tuple[str, ...]] = {
        "points": (),
        "linear": ("low", "high"),
        "step": ("steps",),
        "ratio": ("target",),
        "boolean": (),
        "deduction": ("each",),
        "survey": ("quantity", "round"),
    }
    _MAY: Mapping[str, tuple[str, ...]] = {"survey": ("rule", "scope")}

    def __init__(self, values: Values, rule: str, rounds: Mapping[str, str]) -> None:
        self.values = values
        self._rule = rule
        self._rounds = rounds

    def read(self, value: object, path: tuple[str | int, ...], maximum: float) -> Expression:
        """Return the expression of a criterion; what is wrong with it is noted."""
        given = self.values.mapping(value, path, None)
        kind = given.get("kind")
        if kind not in KINDS:
            self.values.note(
                "criterion-expression",
                path,
                f"Không có cách tính “{kind}”.",
                f"There is no kind “{kind}”; choose {', '.join(KINDS)}.",
            )
            return Expression()
        needs = self._NEEDS[kind]
        for key in needs:
            if key not in given:
                self.values.note(
                    "criterion-expression",
                    path,
                    f"Cách tính {kind} thiếu “{key}”.",
                    f"Kind {kind} needs “{key}”.",
                )
        for key in given:
            if key not in ("kind", *needs, *self._MAY.get(kind, ())):
                self.values.note(
                    "index-key-unknown",
                    (*path, key),
                    f"Không có khóa “{key}”.",
                    f"There is no key “{key}” for kind {kind}.",
                )
        if any(key not in given for key in needs):
            return Expression()
        if kind == "survey":
            return self._survey(given, path)
        if kind == "step":
            return Expression("step", steps=self._steps(given["steps"], (*path, "steps"), maximum))
        numbers = {key: self.values.number(given[key], (*path, key)) for key in needs}
        if kind == "linear" and numbers["low"] == numbers["high"]:
            self.values.note(
                "criterion-expression",
                path,
                "low và high phải khác nhau.",
                "low and high must differ.",
            )
        if kind in ("ratio", "deduction") and numbers[needs[0]] <= 0:
            self.values.note(
                "criterion-expression",
                path,
                f"{needs[0]} phải lớn hơn 0.",
                f"{needs[0]} must be above zero.",
            )
        return replace(Expression(kind), **numbers)  # type: ignore[arg-type]

    def _survey(self, given: Mapping[str, Any], path: tuple[str | int, ...]) -> Expression:
        rule = str(given.get("rule", self._rule))
        scope = str(given.get("scope", "unit"))
        round_name = str(given["round"])
        if rule not in RULES:
            self.values.note(
                "criterion-expression",
                path,
                f"Quy tắc “{rule}” không hợp lệ.",
                f"The rule “{rule}” is not one of {', '.join(RULES)}.",
            )
        if scope not in SCOPES:
            self.values.note(
                "criterion-expression",
                (*path, "scope"),
                "scope là unit hoặc all.",
                "scope is unit or all.",
            )
        if round_name not in self._rounds:
            self.values.note(
                "criterion-expression",
                (*path, "round"),
                f"Đợt “{round_name}” không có trong rounds.",
                f"Round “{round_name}” is not listed under rounds.",
            )
        return Expression(
            "survey", quantity=str(given["quantity"]), rule=rule, round=round_name, scope=scope
        )

    def _steps(
        self, value: object, path: tuple[str | int, ...], maximum: float
    ) -> tuple[tuple[float, float], ...]:
        found = []
        for index, step in enumerate(self.values.sequence(value, path)):
            given = self.values.mapping(step, (*path, index), ("from", "points"))
            floor = self.values.number(given.get("from"), (*path, index, "from"))
            points = self.values.number(given.get("points"), (*path, index, "points"))
            if not 0 <= points <= maximum:
                self.values.note(
                    "criterion-expression",
                    (*path, index),
                    f"Bậc {points:g} điểm vượt tối đa {maximum:g}.",
                    f"A step of {points:g} points exceeds the maximum {maximum:g}.",
                )
            found.append((floor, points))
        return tuple(found)
