"""Words for one mode of answering, and the holes in texts that answers and unit names fill."""

from __future__ import annotations

import re

from intake.findings import Words
from questionnaires.checks.entries import LABEL_LIMIT, NOTICE_LIMIT, Look, Place, plain_text
from questionnaires.checks.keys import TEXTS
from questionnaires.parts import MODES
from questionnaires.texts import MAIN_LANGUAGE, UNIT, Hole, parts_of

HOLED = {("section", "intro"), ("question", "label"), ("question", "hint"), ("row", "label")}
"""The texts that may have holes: what is read before the answer is given."""

_OPEN = re.compile(r"\{[^{}]*\}?|\}")


def check_texts(
    look: Look, part: dict[str, object], kind: str, place: Place, before: int = 0
) -> None:
    """Look at the texts of a part in every mode.

    Holes may ask for answers to questions at positions below ``before`` only.
    """
    for key in TEXTS[kind]:
        if key in part:
            _check_text(look, part[key], kind, (*place, key), before)
    if "wording" not in part:
        return
    place = (*place, "wording")
    if not isinstance(part["wording"], dict):
        look.shape(place, "một nhóm “cách trả lời: câu chữ”", "a mapping of modes to texts")
        return
    for mode, texts in part["wording"].items():
        if mode not in MODES:
            look.refer("unknown-mode", mode, (*place, mode), MODES)
            continue
        for key in look.mapping(texts, (*place, mode), f"{kind} wording"):
            if key in TEXTS[kind]:
                _check_text(look, texts[key], kind, (*place, mode, key), before)


def _check_text(look: Look, value: object, kind: str, place: Place, before: int) -> None:
    key = str(place[-1])
    look.text(value, place, NOTICE_LIMIT if key in ("notice", "intro") else LABEL_LIMIT)
    written = value.items() if isinstance(value, dict) else ()
    texts = {tag: plain_text(entry) or "" for tag, entry in written}
    main = _fields(texts.get(MAIN_LANGUAGE, ""))
    for tag, text in texts.items():
        if "{" in text or "}" in text:
            _check_holes(look, text, (kind, key) in HOLED, (*place, tag), before)
        if text and _fields(text) != main:
            _say_other_holes(look, tag, (*place, tag))


def _fields(text: str) -> set[str]:
    return {part.field for part in parts_of(text) if isinstance(part, Hole)}


def _check_holes(look: Look, text: str, welcome: bool, place: Place, before: int) -> None:
    holes = [part for part in parts_of(text) if isinstance(part, Hole)]
    rest = "".join(part for part in parts_of(text) if isinstance(part, str))
    if _OPEN.search(rest):
        _say_bad_hole(look, rest, place)
    if holes and not welcome:
        look.say(
            "hole-not-here",
            place,
            Words(
                "Văn bản này không thể chứa câu trả lời trước hay tên đơn vị.",
                "This text cannot hold an earlier answer or the name of the unit.",
            ),
            Words(
                "Chỉ dùng {…} trong câu hỏi, gợi ý, dòng của bảng và lời dẫn của phần.",
                "Use {…} in questions, hints, rows of a matrix and intros of sections only.",
            ),
        )
        return
    for hole in holes:
        if hole.field == UNIT:
            continue
        if hole.field not in look.piped:
            look.refer("unknown-piped-question", hole.field, place, list(look.piped))
        elif look.piped[hole.field] >= before:
            look.say(
                "backward-piping",
                place,
                Words(
                    f"Văn bản nhắc lại câu “{hole.field}”, nhưng câu đó chưa được hỏi tới.",
                    f"The text repeats the answer to '{hole.field}', which has not been asked yet.",
                ),
                Words("Chỉ nhắc lại những câu đứng trước.", "Repeat earlier questions only."),
            )


def _say_other_holes(look: Look, tag: str, place: Place) -> None:
    look.say(
        "holes-differ",
        place,
        Words(
            f"Bản “{tag}” không nhắc lại cùng những câu như bản tiếng Việt.",
            f"The text in '{tag}' does not repeat the same answers as the Vietnamese one.",
        ),
        Words("Hãy dùng cùng các {…} trong mọi ngôn ngữ.", "Use the same {…} in every language."),
        "warning",
    )


def _say_bad_hole(look: Look, rest: str, place: Place) -> None:
    found = _OPEN.search(rest)
    bad = found.group()[:60] if found else ""
    look.say(
        "bad-hole",
        place,
        Words(f"Không hiểu “{bad}”.", f"'{bad}' is not understood."),
        Words(
            "Viết {answer:mã câu|chữ thay thế} hoặc {unit|chữ thay thế}; luôn có chữ thay thế.",
            "Write {answer:id of the question|other words} or {unit|other words}; the other "
            "words must be there.",
        ),
    )
