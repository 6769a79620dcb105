"""Changes of words, which keep answers comparable as long as the meaning stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from intake.findings import Words
from intake.text import folded
from questionnaires.comparison.changes import Change
from questionnaires.parts import Wording
from questionnaires.texts import MAIN_LANGUAGE, Text


def text_change(path: str, old: Text | None, new: Text | None) -> Iterator[Change]:
    """Yield the change of one text where the words of a language of both versions differ.

    A language that is new here is no change: nobody has read the text in it.
    """
    before, after = dict(old or {}), dict(new or {})
    tags = {**before, **after} if not before or not after else before.keys() & after.keys()
    changed = [tag for tag in tags if before.get(tag, "").strip() != after.get(tag, "").strip()]
    if changed:
        first = MAIN_LANGUAGE if MAIN_LANGUAGE in changed else min(changed)
        shown = [first, "en" if "en" in changed else first]
        was, now = ([side.get(tag, "") for tag in shown] for side in (before, after))
        yield Change("wording-changed", path, Words(*was), Words(*now))


def wording_changes(
    prefix: str, old: Sequence[Wording], new: Sequence[Wording]
) -> Iterator[Change]:
    """Yield the changes of the words for one way of answering."""
    before = {(one.mode, one.part): one.text for one in old}
    after = {(one.mode, one.part): one.text for one in new}
    for mode, part in {**before, **after}:
        path = f"{prefix}wording/{mode}/{part}"
        yield from text_change(path, before.get((mode, part)), after.get((mode, part)))


def same_words(old: Text, new: Text) -> bool:
    """Tell whether two texts say the same to a reader of Vietnamese, or of the first language."""
    return folded(str(old).strip()) == folded(str(new).strip())


def label(text: Text) -> Words:
    """Return a text in both languages of the interface."""
    return Words(text.in_language("vi"), text.in_language("en"))
