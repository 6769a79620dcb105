"""What a formula asks for: the outcome, and the terms that are to explain it.

``satisfied ~ age + C(region) * sex`` is read into an outcome and a list of terms. Names with
dots or spaces stand in backquotes (`` `sch.wide` ``), though a dotted name is understood
without them as well. `values_of` gives the column that a part of a formula means.

=============  ==============================================================
``a + b``      both terms
``a:b``        the interaction of two terms
``a * b``      ``a + b + a:b``
``(a + b)^2``  both terms and their interaction
``- a``        without the term; ``- 1`` or ``0 +`` without intercept
``C(a)``       the values of ``a`` are codes, not numbers
``I(…)``       arithmetic and comparisons: ``I(age ** 2)``, ``I(type == 'E')``
``log(a)``     also ``log2 log10 log1p exp sqrt abs``
=============  ==============================================================

The columns of the model matrix are made in `analysis.inference.models`. A formula is text
from outside: nothing in it is run but the arithmetic above.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from analysis.inference.columns import evaluated, formula_refusal
from intake.findings import EstimationError

_LONGEST = 2000
_WORD = re.compile(
    r"\s*(?:(?P<quoted>`[^`]+`)|(?P<name>[^\W\d][\w.]*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[-+*:^()~]))"
)
_CODED = ("C", "factor")

Term = tuple[str, ...]
# What 0 means as a term: the intercept taken away. The intercept itself is the empty term.
_ZERO: Term = ("\0",)


@dataclass(frozen=True)
class Formula:
    """A formula that was read: terms are tuples of variables, in the order of R."""

    text: str
    outcome: str
    terms: tuple[Term, ...]
    intercept: bool

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of all terms, each once."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term))


def read(text: str) -> Formula:
    """Read a formula.

    Raises
    ------
    EstimationError
        ``formula-unreadable`` with the place, ``formula-without-outcome``,
        ``formula-empty``.

    Examples
    --------
    >>> read("y ~ a * b - 1").terms
    (('a',), ('b',), ('a', 'b'))
    >>> read("`sch.wide` ~ C(region) + I(age ** 2)").terms
    (('C(region)',), ('I(age ** 2)',))
    """
    if not isinstance(text, str) or len(text) > _LONGEST or text.count("~") != 1:
        raise formula_refusal(
            "formula-without-outcome",
            str(text)[:80],
            "cần đúng một dấu ~",
            "exactly one ~ is needed",
        )
    left, right = text.split("~")
    if not left.strip():
        raise formula_refusal(
            "formula-without-outcome", text, "thiếu biến kết quả", "no outcome before ~"
        )
    reader = _Reader(right)
    terms = reader.sum_of_terms()
    if reader.rest():
        raise _unreadable(right, reader.rest())
    intercept = () in terms
    kept = sorted((term for term in terms if term), key=len)
    if not kept and not intercept:
        raise formula_refusal("formula-empty", text, "không có số hạng nào", "there are no terms")
    return Formula(text.strip(), _bare(left.strip()), tuple(kept), intercept)


def read_terms(terms: str | Sequence[str]) -> tuple[Term, ...]:
    """Return the terms named in ``"a + b:c"``, ``"~ a"`` or a list of such names.

    Examples
    --------
    >>> read_terms(["region", "age:sex"])
    (('region',), ('age', 'sex'))
    """
    several = isinstance(terms, Sequence) and not isinstance(terms, str) and terms
    listed: list[Any] = list(terms) if several else [terms]
    found: list[Term] = []
    for text in listed:
        if not isinstance(text, str):
            raise formula_refusal(
                "formula-unreadable",
                repr(terms),
                "số hạng ghi bằng chữ, như trong công thức",
                "terms are given as text, as they stand in the formula",
            )
        reader = _Reader(text.strip().removeprefix("~"))
        found.extend(term for term in reader.sum_of_terms(with_intercept=False))
        if reader.rest():
            raise _unreadable(text, reader.rest())
    return tuple(dict.fromkeys(found))


def values_of(data: pd.DataFrame, variable: str) -> tuple[pd.Series, bool]:
    """Return the values of a variable of a formula, and whether they are codes.

    A name of a column is taken as it is; anything else is worked out. Missing values of the
    columns stay missing in the result.

    Raises
    ------
    EstimationError
        ``column-missing``, ``formula-unreadable``, ``value-not-finite`` with the row.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [20.0, 30.0], "type": ["E", "H"]})
    >>> values_of(table, "I(type == 'E')")[0].tolist()
    [True, False]
    """
    if variable in data.columns:
        return data[variable], False
    matched = re.fullmatch(r"(\w+)\((.*)\)", variable, flags=re.DOTALL)
    if matched and matched[1] in _CODED:
        return evaluated(data, matched[2]), True
    return evaluated(data, variable), False


class _Reader:
    """Reads sums of terms; sets of terms are ordered dictionaries without values."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def rest(self) -> str:
        return self._text[self._at :].strip()

    def sum_of_terms(self, with_intercept: bool = True) -> list[Term]:
        terms: dict[Term, None] = {(): None} if with_intercept else {}
        sign = "-" if self._taken("-") else "+"
        while True:
            for term in self._product():
                if (sign == "+") == (term != _ZERO):
                    terms[() if term == _ZERO else term] = None
                else:
                    terms.pop(() if term == _ZERO else term, None)
            if self._taken("+"):
                sign = "+"
            elif self._taken("-"):
                sign = "-"
            else:
                return list(terms)

    def _product(self) -> list[Term]:
        left = self._interaction()
        while self._taken("*"):
            right = self._interaction()
            left = list(dict.fromkeys([*left, *right, *_crossed(left, right)]))
        return left

    def _interaction(self) -> list[Term]:
        left = self._power()
        while self._taken(":"):
            left = _crossed(left, self._power())
        return left

    def _power(self) -> list[Term]:
        base = self._atom()
        if not (self._taken("^") or self._taken("**")):
            return base
        _, number = self._next()
        if not number.isdigit() or not 1 <= int(number) <= 6:
            raise _unreadable(self._text, number)
        found: dict[Term, None] = {}
        for size in range(1, int(number) + 1):
            for chosen in combinations(base, size):
                found[_joined(*chosen)] = None
        return list(found)

    def _atom(self) -> list[Term]:
        kind, word = self._next()
        if kind == "number":
            if word not in ("0", "1"):
                raise _unreadable(self._text, word)
            return [() if word == "1" else _ZERO]
        if kind == "quoted":
            return [(word[1:-1],)]
        if kind == "name":
            if self._text[self._at : self._at + 1] == "(":
                return [(f"{word}({self._inside()})",)]
            return [(word,)]
        if word == "(":
            inner = self.sum_of_terms(with_intercept=False)
            if not self._taken(")"):
                raise _unreadable(self._text, self.rest())
            return inner
        raise _unreadable(self._text, word)

    def _inside(self) -> str:
        """Return the text up to the bracket that closes the one here, and go past it."""
        depth, start, quote = 0, self._at, ""
        for place in range(start, len(self._text)):
            sign = self._text[place]
            if quote:
                quote = "" if sign == quote else quote
            elif sign in "'\"`":
                quote = sign
            elif sign in "()":
                depth += 1 if sign == "(" else -1
                if depth == 0:
                    self._at = place + 1
                    return self._text[start + 1 : place].strip()
        raise _unreadable(self._text, self._text[start:])

    def _taken(self, sign: str) -> bool:
        found = re.compile(r"\s*" + re.escape(sign)).match(self._text, self._at)
        if found is None:
            return False
        if sign == "*" and self._text[found.end() : found.end() + 1] == "*":
            return False
        self._at = found.end()
        return True

    def _next(self) -> tuple[str, str]:
        found = _WORD.match(self._text, self._at)
        if found is None or found.lastgroup is None:
            raise _unreadable(self._text, self.rest())
        self._at = found.end()
        return found.lastgroup, found[found.lastgroup]


def _joined(*terms: Term) -> Term:
    return tuple(dict.fromkeys(name for term in terms for name in term))


def _crossed(left: Sequence[Term], right: Sequence[Term]) -> list[Term]:
    return list(dict.fromkeys(_joined(a, b) for a in left for b in right))


def _bare(name: str) -> str:
    return name[1:-1] if re.fullmatch(r"`[^`]+`", name) else name


def _unreadable(text: str, rest: str) -> EstimationError:
    place = rest.strip()[:20] or "…"
    return formula_refusal(
        "formula-unreadable",
        text.strip(),
        f"không hiểu từ “{place}”",
        f"not understood at “{place}”",
    )
