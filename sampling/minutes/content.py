"""What the minutes of a draw say: the one content behind Markdown, Word and PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from intake.findings import Finding
from sampling.design import SampleDesign
from sampling.frame import Frame
from sampling.minutes.checking import check_commands
from sampling.minutes.commitment import Commitment
from sampling.minutes.figures import day, moment, whole
from sampling.minutes.labels import LABELS
from sampling.minutes.papers import (
    BLANK,
    Block,
    Commands,
    Fact,
    Facts,
    Lines,
    Paper,
    Section,
    Signature,
    shown,
)
from sampling.minutes.result_tables import results
from sampling.minutes.stages_in_words import stage_sentences
from sampling.sample import Row


@dataclass(frozen=True)
class Occasion:
    """When, where and by whom a draw was made; what is not known is filled in by hand.

    Attributes
    ----------
    operator
        Who carries it out.
    drawn_on
        The day.
    place
        Where; also printed before the day at the head.
    parent, issuer
        The body above, and the body that issues the minutes.
    survey
        Title of the survey; without it the design's name stands for it.
    """

    operator: str = ""
    drawn_on: date | None = None
    place: str = ""
    parent: str = ""
    issuer: str = ""
    survey: str = ""


@dataclass(frozen=True)
class Drawing:
    """All that the minutes are made of."""

    record: Mapping[str, object]
    design: SampleDesign
    frame: Frame
    rows: Sequence[Row]
    findings: Sequence[Finding]
    occasion: Occasion = Occasion()
    commitment: Commitment | None = None


def minutes_paper(held: Drawing, lang: str, *, longest: int | None = None) -> Paper:
    """Return the minutes as a paper.

    Parameters
    ----------
    held
        The draw and its occasion.
    lang
        ``en`` for English, else Vietnamese.
    longest
        Tables of more rows are left to the files of the draw, whose hashes are printed.
    """
    said, occasion = LABELS["en" if lang == "en" else "vi"], held.occasion
    lang = "en" if lang == "en" else "vi"
    parts: list[tuple[str, tuple[Block, ...]]] = [
        ("when", (Facts(_when(occasion, said, lang)),)),
        ("who", (Facts(_who(occasion, said)),)),
        ("basis", (Facts(_basis(held, said, lang)), Lines(_stages(held, lang)))),
        ("hashes", _hashes(held, said, lang)),
        ("results", results(held.record, held.design, held.frame, held.rows, said, lang, longest)),
        ("notes", _notes(held, said, lang)),
        ("check", _checks(held, said)),
    ]
    return Paper(
        lang=lang,
        heading=said["heading"],
        kind=said["kind"],
        subject=said["subject"].format(name=shown(occasion.survey or held.design.name)),
        mark=said["mark"],
        sections=tuple(
            Section(f"{roman}. {said[key]}", blocks)
            for roman, (key, blocks) in zip(_ROMAN, parts, strict=False)
        ),
        signatures=(
            Signature(said["operator_signs"], said["signs"], shown(occasion.operator)),
            Signature(said["witness_signs"], said["signs"]),
            Signature(said["issuer_signs"], said["seals"]),
        ),
        closing=(said["closing"],),
        recipients=(said["recipient_parties"], said["recipient_file"]),
        parent=shown(occasion.parent),
        issuer=shown(occasion.issuer),
        place=shown(occasion.place),
        day=occasion.drawn_on,
    )


_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII")


def _when(occasion: Occasion, said: Mapping[str, str], lang: str) -> tuple[Fact, ...]:
    on = day(occasion.drawn_on, lang) if occasion.drawn_on else said["day_blank"]
    return (
        Fact(said["time"], said["time_from"].format(day=on)),
        Fact(said["place"], shown(occasion.place)),
    )


def _who(occasion: Occasion, said: Mapping[str, str]) -> tuple[Fact, ...]:
    return (
        Fact(said["operator"], shown(occasion.operator)),
        Fact(said["present"], ""),
        Fact(said["chair"], shown(occasion.issuer) and f"{shown(occasion.issuer)}: {BLANK}"),
    )


def _basis(held: Drawing, said: Mapping[str, str], lang: str) -> tuple[Fact, ...]:
    frame, design = held.frame, held.design
    size = said["frame_of"].format(
        name=shown(design.frame) or "frame.csv",
        units=whole(len(frame.units), lang),
        total=whole(frame.total_size, lang),
        strata=whole(len(frame.by_column(design.stages[0].strata)), lang),
    )
    return (
        Fact(said["frame"], size),
        Fact(said["design"], shown(design.name)),
        Fact(said["instrument"], shown(design.instrument)),
    )


def _stages(held: Drawing, lang: str) -> tuple[str, ...]:
    design = held.record.get("design")
    return tuple(stage_sentences(design if isinstance(design, Mapping) else {}, lang))


def _hashes(held: Drawing, said: Mapping[str, str], lang: str) -> tuple[Block, ...]:
    record = held.record
    facts = [
        Fact(said[key], shown(record.get(key, "")), exact=True)
        for key in ("H_frame", "H_design", "commitment", "secret")
    ]
    public = shown(record.get("public") or "")
    facts.append(Fact(said["public"], public or said["none"], exact=bool(public)))
    facts.append(Fact(said["seed"], shown(record.get("seed", "")), exact=True))
    facts.append(Fact(said["algorithm"], shown(record.get("algorithm", ""))))
    made = held.commitment
    if made is None:
        return (Facts(tuple(facts)), Lines((said["no_commitment"],), listed=False))
    sentence = said["committed"].format(
        made=moment(made.made_at, lang),
        source=shown(made.public_source),
        known=moment(made.public_at, lang),
    )
    return (Lines((sentence,), listed=False), Facts(tuple(facts)))


def _notes(held: Drawing, said: Mapping[str, str], lang: str) -> tuple[Block, ...]:
    notes = tuple(shown(finding.message.in_language(lang)) for finding in held.findings)
    return (
        Lines(notes or (said["no_notes"],), listed=bool(notes)),
        Facts((Fact(said["remarks"], ""),)),
    )


def _checks(held: Drawing, said: Mapping[str, str]) -> tuple[Block, ...]:
    blocks: list[Block] = [Lines((said["check_text"],), listed=False)]
    for key, lines in check_commands(held.record).items():
        blocks += [Lines((said[key],)), Commands(lines)]
    if held.commitment is not None:
        blocks.append(Lines((said["check_notice"],)))
    return tuple(blocks)
