"""Double entry: the first keying waits sealed, only what two keyings agree on is counted.

Between the two keyings the first lies in a file of the data folder, sealed to the round's key and
named by the MAC of the form's number. The file goes when the form is counted, when it is thrown
away, and after `DAYS`; it carries no time finer than the day.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from questionnaires import Questionnaire, load
from survey_app.services import answering
from survey_app.services.answering import Counted, Invited, code_mac
from survey_app.services.installation import Installation
from survey_app.services.keys import RoundKeys
from survey_app.services.paper.keying import Checked, Difference, Keyed, check, differences, tidy
from survey_app.services.paper.layout import Asked
from survey_app.services.paper.words import Form
from survey_app.services.sealing import seal, unseal

DAYS = 14
"""How long a first keying waits for its second."""
FOLDER = "entry"

_AGREE = 2  # keyings that must say the same


@dataclass(frozen=True)
class PaperForm:
    """A form that may be keyed: its number, what its code opens, and what it asks."""

    code: str
    invited: Invited
    questionnaire: Questionnaire
    asked: tuple[Asked, ...]


def open_form(installation: Installation, code: str, lang: str = "vi") -> PaperForm:
    """Return the form of a number; nothing is changed by looking.

    Raises
    ------
    ResponseError
        As `answering.find_invitation`.
    """
    invited = answering.find_invitation(
        installation.engine, installation.keyring(), code, installation.today()
    )
    questionnaire = load(*invited.questionnaire)
    spoken = lang if lang in questionnaire.languages else "vi"
    return PaperForm(code, invited, questionnaire, Form.of(questionnaire, spoken).asked)


def count(installation: Installation, form: PaperForm, checked: Checked) -> Counted:
    """Count an agreed form, exactly once, in the transaction of every submission.

    Raises
    ------
    ResponseError
        As `answering.submit`.
    """
    return answering.submit(
        installation.engine,
        installation.keyring(),
        form.code,
        form.invited,
        checked.answers,
        on=installation.today(),
        comments=checked.comments,
    )


def counted_before(installation: Installation, code: str) -> Counted | None:
    """Return the receipt of a form that was entered before, if it was."""
    return answering.counted_before(installation.engine, installation.keyring(), code, None)


# Between the keyings ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Where a form stands after a keying.

    ``counted`` holds the receipt of an agreed form. ``differences`` wait for a look at the paper.
    Where there is neither, it was the first keying, which is kept.
    """

    differences: tuple[Difference, ...] = ()
    counted: Counted | None = None


def keyings_of(installation: Installation, form: PaperForm) -> list[dict[str, str]]:
    """Return what was keyed of a form so far, the first keying first."""
    keys, path = _place(installation, form)
    try:
        opened = unseal(path.read_bytes(), keys.private)
    except OSError:
        return []
    return [] if opened is None else list(json.loads(opened))


def take(installation: Installation, form: PaperForm, keyed: Keyed) -> Step:
    """Keep a first keying, or compare a further one and count the form where two agree.

    A field on which two keyings differ is looked up on the paper and keyed once more; it is
    agreed as soon as any two keyings say the same. A third that lacks a field says nothing of it.

    Raises
    ------
    ResponseError
        As `answering.submit`; the keyings stay kept.
    """
    before = keyings_of(installation, form)
    tidied = {
        asked.field: tidy(asked, keyed[asked.field]) for asked in form.asked if asked.field in keyed
    }
    keyings = [*before, tidied]
    if not before:
        _keep(installation, form, keyings)
        return Step()
    same = agreed(form.asked, keyings)
    open_fields = [asked for asked in form.asked if asked.field not in same]
    if open_fields:
        _keep(installation, form, keyings)
        return Step(tuple(differences(open_fields, keyings[0], keyings[1])))
    counted = count(installation, form, check(form.questionnaire, same))
    forget(installation, form)
    return Step(counted=counted)


def agreed(asked: Sequence[Asked], keyings: Sequence[Keyed]) -> dict[str, str]:
    """Return the fields on which two keyings say the same, with what they say."""
    found = {}
    for one in asked:
        said = [keying[one.field] for keying in keyings if one.field in keying]
        same = [value for value in said if said.count(value) >= _AGREE]
        if same:
            found[one.field] = same[0]
    return found


def forget(installation: Installation, form: PaperForm) -> None:
    """Delete what was keyed of a form."""
    _place(installation, form)[1].unlink(missing_ok=True)


def old_keyings(installation: Installation) -> list[Path]:
    """Return the files of keyings that waited longer than `DAYS`."""
    last = _midnight(installation.today() - timedelta(days=DAYS))
    files = (installation.settings.data / FOLDER).glob("*/*.sealed")
    return [path for path in files if path.stat().st_mtime < last]


def forget_old(installation: Installation) -> int:
    """Delete keyings that waited longer than `DAYS`, and return how many."""
    old = old_keyings(installation)
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _keep(installation: Installation, form: PaperForm, keyings: Sequence[Keyed]) -> None:
    """Write the keyings sealed: first beside the old file, then in its place."""
    keys, path = _place(installation, form)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sealed = seal(json.dumps(list(map(dict, keyings)), ensure_ascii=False).encode(), keys.public)
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(sealed)
    day = _midnight(installation.today())
    os.utime(new, (day, day))
    new.replace(path)


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _place(installation: Installation, form: PaperForm) -> tuple[RoundKeys, Path]:
    keys: Mapping[str, RoundKeys] = installation.keyring()
    own = keys[form.invited.round_id]
    name = code_mac(own, form.code).hex()
    folder = installation.settings.data / FOLDER / form.invited.round_id
    return own, folder / f"{name}.sealed"
