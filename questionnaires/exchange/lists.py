"""The lists of options of an XLSForm: the same options, the same list."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from questionnaires.parts import Option, Wording


class Lists:
    """Lists of options by name, each made when it is first asked for."""

    def __init__(self) -> None:
        self._names: dict[tuple[Option, ...], str] = {}

    def name_of(self, options: tuple[Option, ...], wanted: str) -> str:
        """Return the name of the list that holds these options."""
        plain = tuple(replace(option, code=None) for option in options)
        return self._names.setdefault(plain, wanted)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the sheet ``choices``."""
        for options, name in self._names.items():
            for option in options:
                yield {
                    "list_name": name,
                    "name": option.value,
                    "label": dict(option.label),
                    "hailong": extra_text(_beside(option)),
                }


def _beside(option: Option) -> dict[str, Any]:
    said: dict[str, Any] = {
        key: True for key in ("exclusive", "specify", "fixed") if vars(option)[key]
    }
    if option.missing:
        said["missing"] = option.missing
    return said | wording_of(option)


def wording_of(part: Any) -> dict[str, Any]:  # noqa: ANN401 - any part that has words for modes
    """Return the words of a part in the modes that have their own, as a file says them."""
    said: dict[str, dict[str, Mapping[str, str]]] = {}
    one: Wording
    for one in part.wording:
        said.setdefault(one.mode, {})[one.part] = dict(one.text)
    return {"wording": said} if said else {}


def plain_json(value: object) -> str:
    """Return JSON in which no dollar sign can be taken for a reference."""
    return json.dumps(value, ensure_ascii=False).replace("$", "\\u0024")


def extra_text(said: Mapping[str, Any]) -> str:
    """Return what XLSForm cannot say as the text of a cell; empty when there is nothing."""
    return plain_json(said) if said else ""
