"""The expressions of XLSForm that a questionnaire can hold: read to a tree, never evaluated.

What is understood: comparisons of ``${name}`` or ``.`` with a text or number, ``selected(…)``,
``count-selected(.)``, ``string-length(.)``, ``date('…')``, ``not(…)``, ``and``, ``or``, brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from intake.findings import Words

LONGEST = 20_000
DEEPEST = 20

SELF = "."
"""The name by which a constraint speaks of its own question."""


class Compared(NamedTuple):
    """A comparison of the answer to ``name`` with a value; ``of`` names the function around it."""

    name: str
    operator: str
    value: str
    of: str = ""
    quoted: bool = False


class Chosen(NamedTuple):
    """Whether a value is among the answers to ``name``."""

    name: str
    value: str


class Both(NamedTuple):
    """Two things that must hold together."""

    left: Tree
    right: Tree


class Either(NamedTuple):
    """Two things of which one must hold."""

    left: Tree
    right: Tree


class Negated(NamedTuple):
    """Something that must not hold."""

    inner: Tree


Tree = Compared | Chosen | Both | Either | Negated


class ExpressionError(ValueError):
    """An expression that cannot be held, with the reason."""

    def __init__(self, why: Words) -> None:
        super().__init__(why.en)
        self.why = why


_TOKEN = re.compile(
    r"""\s*(?:(?P<ref>\$\{[^{}\s]{1,200}\})|(?P<text>'[^']*'|"[^"]*")|(?P<number>[0-9]+(?:\.[0-9]+)?)
    |(?P<operator>!=|<=|>=|=|<|>)|(?P<mark>[(),])|(?P<word>[A-Za-z][A-Za-z-]*(?::[A-Za-z-]+)?)
    |(?P<self>\.)|(?P<minus>-))""",
    re.VERBOSE,
)
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_FUNCTIONS = ("count-selected", "string-length")


def tree_of(text: str) -> Tree:
    """Return the tree of an expression.

    Raises
    ------
    ExpressionError
        It holds something that is not understood.

    Examples
    --------
    >>> tree_of("${a} = 'x' and selected(${b}, 'y')")
    Both(left=Compared(name='a', operator='=', value='x', of='', quoted=True), \
right=Chosen(name='b', value='y'))
    """
    if len(text) > LONGEST:
        raise ExpressionError(Words("biểu thức quá dài", "the expression is too long"))
    reader = _Reader(_tokens(text))
    tree = reader.either(0)
    if reader.at < len(reader.tokens):
        raise _not_understood(reader.tokens[reader.at][1])
    return tree


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    at = 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise _not_understood(text[at : at + 20])
        kind = str(found.lastgroup)
        tokens.append((kind, found[kind]))
        at = found.end()
    return tokens


def _not_understood(part: str) -> ExpressionError:
    return ExpressionError(Words(f"không hiểu “{part}”", f"'{part}' is not understood"))


class _Reader:
    """Reads tokens from left to right, one level of binding per function."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def either(self, depth: int) -> Tree:
        return self._joined("or", Either, self._both, depth)

    def _both(self, depth: int) -> Tree:
        return self._joined("and", Both, self._one, depth)

    def _joined(
        self,
        word: str,
        made: Callable[[Tree, Tree], Tree],
        part: Callable[[int], Tree],
        depth: int,
    ) -> Tree:
        if depth > DEEPEST:
            raise ExpressionError(Words("lồng quá sâu", "it is nested too deeply"))
        tree = part(depth)
        while self._next() == ("word", word):
            self.at += 1
            tree = made(tree, part(depth))
        return tree

    def _next(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def _take(self, kind: str, value: str | None = None) -> str:
        found = self._next()
        if found[0] != kind or value not in (None, found[1]):
            raise _not_understood(found[1] or "…")
        self.at += 1
        return found[1]

    def _one(self, depth: int) -> Tree:
        kind, value = self._next()
        if (kind, value) == ("mark", "("):
            return self._bracketed(depth)
        if kind == "word" and value == "not":
            self.at += 1
            return Negated(self._bracketed(depth))
        if kind == "word" and value == "selected":
            return self._selected()
        return self._comparison()

    def _bracketed(self, depth: int) -> Tree:
        self._take("mark", "(")
        tree = self.either(depth + 1)
        self._take("mark", ")")
        return tree

    def _selected(self) -> Tree:
        self._take("word")
        self._take("mark", "(")
        name = self._name()
        self._take("mark", ",")
        value = self._take("text")[1:-1]
        self._take("mark", ")")
        return Chosen(name, value)

    def _name(self) -> str:
        if self._next()[0] == "self":
            self._take("self")
            return SELF
        return self._take("ref")[2:-1]

    def _comparison(self) -> Tree:
        if self._next()[0] in ("text", "number", "minus") or self._next() == ("word", "date"):
            value, quoted = self._value()
            operator = _TURNED[self._take("operator")]
            of, name = self._asked()
        else:
            of, name = self._asked()
            operator = self._take("operator")
            value, quoted = self._value()
        return Compared(name, operator, value, of, quoted)

    def _asked(self) -> tuple[str, str]:
        kind, value = self._next()
        if kind != "word":
            return "", self._name()
        if value not in _FUNCTIONS:
            raise _not_understood(value)
        self._take("word")
        self._take("mark", "(")
        name = self._name()
        self._take("mark", ")")
        return value, name

    def _value(self) -> tuple[str, bool]:
        kind, value = self._next()
        if kind == "minus":
            self.at += 1
            return f"-{self._take('number')}", False
        if (kind, value) == ("word", "date"):
            self.at += 1
            self._take("mark", "(")
            day = self._take("text")[1:-1]
            self._take("mark", ")")
            return day, True
        if kind == "text":
            return self._take("text")[1:-1], True
        return self._take("number"), False
