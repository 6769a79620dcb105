"""On the site of the documentation, links into the repository become plain names."""

from __future__ import annotations

import re

_INTO_REPOSITORY = re.compile(r"\[([^][]+)\]\(\.\./(?:tests|deploy|tools|bench)/[^)]*\)")


def on_page_markdown(markdown: str, **_: object) -> str:
    """Leave the words of such links; their files are not on the site (called by mkdocs)."""
    return _INTO_REPOSITORY.sub(r"\1", markdown)
