"""What a new version of a questionnaire changes, and what that means for answers already given.

Answers of two versions are compared by the ids of questions and the values of options. A change
of words keeps them comparable; any other change needs a new version number, and some need new ids.
"""

from __future__ import annotations

from collections.abc import Iterator

from questionnaires.comparison.changes import Change
from questionnaires.comparison.options import option_changes
from questionnaires.comparison.orders import order_changes
from questionnaires.comparison.questions import question_changes
from questionnaires.comparison.routes import route_changes
from questionnaires.comparison.texts import text_change, wording_changes
from questionnaires.model import Questionnaire

__all__ = ["Change", "compare"]


def compare(old: Questionnaire, new: Questionnaire) -> list[Change]:
    """Return everything that differs between two versions, what weighs most first.

    The places are paths of ids (``q1/options/2/label``): positions move between versions.
    """
    changes = [
        *_head(old, new),
        *question_changes(old, new),
        *option_changes(old, new),
        *route_changes(old, new),
        *order_changes(old, new),
    ]
    return sorted(changes, key=lambda change: change.kind.weight)


def _head(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    if old.id != new.id:
        yield Change.of("another-questionnaire", "id", old.id, new.id)
    gone = [tag for tag in old.languages if tag not in new.languages]
    if gone:
        yield Change.of("language-removed", "languages", ", ".join(gone), "")
    yield from text_change("title", old.title, new.title)
    yield from text_change("notice", old.notice, new.notice)
    yield from text_change("language_name", old.language_name, new.language_name)
    yield from wording_changes("", old.wording, new.wording)
    before = {section.id: section for section in old.sections}
    for section in new.sections:
        known = before.get(section.id)
        if known is not None:
            yield from text_change(f"{section.id}/title", known.title, section.title)
            yield from text_change(f"{section.id}/intro", known.intro, section.intro)
            yield from wording_changes(f"{section.id}/", known.wording, section.wording)
    factors = {factor.code: factor for factor in old.factors}
    for factor in new.factors:
        was = factors.get(factor.code)
        if was is not None:
            yield from text_change(f"blocks/{factor.code}/title", was.title, factor.title)
        if was is not None and was.block != factor.block:
            yield Change.of("scoring-changed", f"blocks/{factor.code}", was.block, factor.block)
