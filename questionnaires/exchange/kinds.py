"""What the ``type`` of a row of an XLSForm says, by pyxform's own list of types."""

from __future__ import annotations

from typing import NamedTuple

QUESTIONS = ("single", "multi", "ranking", "number", "date", "text")


class Kind(NamedTuple):
    """The kind of a row.

    ``name`` is a question type, ``note``, ``calculate``, ``metadata``, ``begin`` or ``end`` (of a
    group), ``repeat``, or empty for what cannot be held. ``choices`` names the list of a choice,
    ``other`` says that an answer to be specified is added, ``decimals`` counts those of a number,
    ``constraint`` is what the type itself demands.
    """

    name: str
    choices: str = ""
    other: bool = False
    decimals: int = 0
    constraint: str = ""


USUAL_DECIMALS = 2
"""Decimals of a number where the form only says that it has some."""

_TYPES = {"select one": "single", "select all that apply": "multi", "rank": "ranking"}
_BINDS = {"string": "text", "int": "number", "decimal": "number", "date": "date"}


def kind_of(text: str) -> Kind:
    """Return the kind of a row.

    Examples
    --------
    >>> kind_of("select one from sexes or specify other")
    Kind(name='single', choices='sexes', other=True, decimals=0, constraint='')
    >>> kind_of("geopoint").name
    ''
    """
    from pyxform import aliases
    from pyxform.question_type_dictionary import QUESTION_TYPE_DICT
    from pyxform.xls2json import RE_BEGIN_CONTROL, RE_END_CONTROL, RE_SELECT

    text = " ".join(text.split())
    for place, pattern in (("begin", RE_BEGIN_CONTROL), ("end", RE_END_CONTROL)):
        found = pattern.search(text)
        if found:
            group = aliases.control[found["type"]] == "group"
            return Kind(place if group or place == "end" else "repeat")
    found = RE_SELECT.search(text)
    if found:
        command = found["select_command"]
        name = "" if command in aliases.select_from_file else _TYPES.get(_plain(command), "")
        return Kind(name, found["list_name"], bool(found["specify_other"]))
    known = QUESTION_TYPE_DICT.get(text, {})
    bind, control = known.get("bind", {}), known.get("control", {})
    if text == "audit" or "jr:preload" in bind:
        return Kind("metadata")
    if control.get("tag") == "input" and "readonly" in bind:
        return Kind("note")
    if text in ("calculate", "q calculate", "add calculate prompt"):
        return Kind("calculate")
    if control.get("tag") != "input" or bind.get("type") not in _BINDS:
        return Kind("")
    decimals = USUAL_DECIMALS if bind["type"] == "decimal" else 0
    return Kind(_BINDS[bind["type"]], decimals=decimals, constraint=str(bind.get("constraint", "")))


def _plain(command: str) -> str:
    from pyxform import aliases

    return str(aliases.select[command])
