"""Questions read aloud: sound files that an installation has for the items of a questionnaire.

A recording lies at ``audio/<questionnaire>/<version>/<language>/<field>.mp3`` (or ``.ogg``,
``.m4a``, ``.wav``) in the data folder; ``intro`` stands for the notice. What has none is not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from intake.text import ID_PATTERN
from questionnaires import load
from survey_app.config import Settings

KINDS = {".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".m4a": "audio/mp4", ".wav": "audio/wav"}
INTRO = "intro"


def find_recordings(
    settings: Settings, questionnaire: tuple[str, str], lang: str
) -> Mapping[str, Path]:
    """Return the recordings of a questionnaire in one language: form field -> file.

    Files whose name is no field of the questionnaire, and kinds that browsers do not play, are
    left out. Of several kinds of one field the first of ``KINDS`` counts.
    """
    if not ID_PATTERN.match(lang):
        return {}
    folder = settings.data.joinpath("audio", *questionnaire, lang)
    known = {INTRO, *load(*questionnaire).fields}
    found = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    return {
        name: found[name + kind]
        for name in sorted(known)
        for kind in reversed(KINDS)
        if name + kind in found
    }
