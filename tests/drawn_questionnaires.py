"""Questionnaires drawn at random, with everything that the model can hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from questionnaires import Condition, Goto, Option, Question, Questionnaire, Row, Section, Text
from questionnaires.parts import Wording

TYPES = ("single", "multi", "scale", "matrix", "number", "date", "text", "ranking")
WORDS = ("Anh/chị", "hài lòng", "“thủ tục”", "không?", "50 %", "a < b & c", "it's", "=1+1", "$5")
REASONS = ("refused", "dont_know")


def some_text(rng: Random, holes: list[str] = []) -> Text:  # noqa: B006
    words = [rng.choice(WORDS) for _ in range(rng.randint(1, 5))]
    if holes and rng.random() < 0.3:
        field = rng.choice(holes)
        words.append("{unit|nơi này}" if field == "" else f"{{answer:{field}|việc này}}")
    said = {"vi": " ".join(words)}
    if rng.random() < 0.7:
        said["en"] = " ".join(reversed(words))
    return Text(said)


def some_options(rng: Random, kind: str) -> tuple[Option, ...]:
    values = [*"12345"] if rng.random() < 0.5 else ["có", "a-b", "c.d", "it's", 'x"y']
    missing = kind != "ranking" and rng.random() < 0.4
    options = [
        Option(
            value,
            some_text(rng),
            exclusive=kind == "multi" and rng.random() < 0.2,
            fixed=rng.random() < 0.1,
            specify=kind in ("single", "multi") and rng.random() < 0.1,
            wording=(Wording("paper", "label", some_text(rng)),) if rng.random() < 0.1 else (),
        )
        for value in values[: rng.randint(2, 5)]
    ]
    if missing:
        options.append(Option("99", some_text(rng), missing=rng.choice(REASONS)))
    return tuple(options)


def some_question(rng: Random, name: str, before: list[Question], holes: list[str]) -> Question:
    kind = rng.choice(TYPES)
    more: dict[str, object] = {"required": rng.random() < 0.3}
    if not more["required"]:
        more["soft"] = rng.choice((None, True, False))
    else:
        more["soft"] = False
    if kind in ("single", "multi", "scale", "matrix", "ranking"):
        more["options"] = some_options(rng, kind)
        more["random"] = kind != "scale" and rng.random() < 0.2
    if kind in ("number", "date", "text", "ranking") and rng.random() < 0.4:
        reasons = tuple(Option(f"k{n}", some_text(rng), missing=r) for n, r in enumerate(REASONS))
        options = [*more.get("options", ()), *reasons]
        more["options"] = tuple(rng.sample(options, len(options)))
    if kind == "matrix":
        more["rows"] = tuple(
            Row(f"r{n}", some_text(rng, holes), rng.choice((None, "F1")))
            for n in range(rng.randint(1, 3))
        )
        more["code"] = rng.choice(("", f"{name}x"))
    if kind == "number":
        more["decimals"] = rng.choice((0, 0, 1, 2))
        more["min"] = rng.choice((None, 1, Decimal("0.5") if more["decimals"] else 0))
        more["max"] = rng.choice((None, 90))
    if kind == "date":
        more["earliest"] = rng.choice((None, date(2026, 1, 31)))
    if kind == "text":
        more["lines"] = rng.choice((1, 5, 12))
        more["max_length"] = rng.choice((200, 2000, 77))
    if kind in ("single", "scale"):
        more["factor"] = rng.choice((None, "F1"))
    more["sensitive"], more["reverse"] = rng.random() < 0.2, kind == "scale" and rng.random() < 0.3
    if kind == "text" and rng.random() < 0.2:
        more["feedback"] = True
    if rng.random() < 0.2:
        more["wording"] = (Wording("kiosk", "hint", some_text(rng, holes)),)
    return Question(
        name,
        kind,
        some_text(rng, holes),
        some_text(rng, holes) if rng.random() < 0.3 else None,
        show_if=some_conditions(rng, before),
        **more,
    )


def some_conditions(rng: Random, before: list[Question]) -> tuple[Condition, ...]:
    conditions = {}
    for _ in range(rng.choice((0, 0, 1, 2))):
        question = rng.choice(before) if before else None
        if question is not None and question.apart and rng.random() < 0.5:
            reasons = [option.value for option in question.apart]
            conditions[question.missing_field] = tuple(rng.sample(reasons, rng.randint(1, 2)))
            continue
        if question is None or question.type in ("date", "text"):
            continue
        if question.type == "number":
            values = ["3", "4"]
        else:
            values = [option.value for option in question.choices]
        chosen = tuple(rng.sample(values, rng.randint(1, len(values))))
        conditions[rng.choice(question.heads)] = chosen
    return tuple(Condition(field, values) for field, values in conditions.items())


def some_questionnaire(rng: Random) -> Questionnaire:
    before: list[Question] = []
    sections = []
    holes = [""]
    for at in range(rng.randint(1, 3)):
        show_if = some_conditions(rng, before)
        asked = []
        shuffled = rng.random() < 0.15
        for _ in range(rng.randint(2, 4)):
            known = [q for q in before if q not in asked] if shuffled else before
            name = rng.choice(("q", "9", "a.b-")) + str(len(before))
            question = some_question(rng, name, known, holes)
            before.append(question)
            asked.append(question)
        for question in asked:
            short = question.type != "text" or (question.lines == 1 and not question.feedback)
            if question.type in ("single", "scale", "number", "date", "text", "matrix") and short:
                holes.extend(question.heads)
        sections.append(
            Section(
                f"s{at}",
                some_text(rng),
                some_text(rng) if rng.random() < 0.4 else None,
                show_if,
                tuple(asked),
                shuffled,
            )
        )
    return with_jumps(
        rng, Questionnaire("drawn", "2026-1", ("vi", "en"), some_text(rng), tuple(sections))
    )


def with_jumps(rng: Random, questionnaire: Questionnaire) -> Questionnaire:
    """Return the questionnaire with some jumps forward, each out of a question into a later one."""
    from dataclasses import replace

    ids = [question.id for question in questionnaire.questions]
    sections = []
    for section in questionnaire.sections:
        asked = []
        for question in section.questions:
            at = ids.index(question.id)
            later = [*ids[at + 1 :], "end"]
            jumps = tuple(
                Goto(some_conditions(rng, [question]), rng.choice(later))
                for _ in range(rng.choice((0, 0, 0, 1, 2)))
                if not section.random
            )
            asked.append(replace(question, goto=jumps))
        sections.append(replace(section, questions=tuple(asked)))
    return replace(questionnaire, sections=tuple(sections))
