"""The text of a definition file (YAML), as people edit it and the loader reads it."""

from __future__ import annotations

import yaml


class _Dumper(yaml.SafeDumper):
    """Writes values as they stand: no aliases, long texts on their line, short groups inline."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


def _mapping(dumper: yaml.SafeDumper, value: dict[str, object]) -> yaml.MappingNode:
    """Write keys without quotes, and a group of short texts on one line."""
    node = dumper.represent_mapping("tag:yaml.org,2002:map", value)
    for key, _ in node.value:
        key.style = None if _plain(key.value) else '"'
    held = [one for one in value.values() if not isinstance(one, dict | list)]
    short = sum(len(str(one)) for one in held) <= _INLINE
    node.flow_style = len(held) == len(value) and short and bool(value)
    return node


def _plain(key: str) -> bool:
    return key.replace("_", "a").replace("-", "a").isalnum() and not key[:1].isdigit()


_INLINE = 60
_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)


def definition_text(value: dict[str, object]) -> str:
    """Return the YAML of a definition; reading it gives the same value.

    Examples
    --------
    >>> print(definition_text({"id": "trial", "title": {"vi": "Thử: no"}}), end="")
    id: "trial"
    title: {vi: "Thử: no"}
    """
    text = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000, indent=2
    )
    return str(text)
