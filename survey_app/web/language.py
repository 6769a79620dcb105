"""Which language a page speaks, and the catalogues behind it.

Templates are written in Vietnamese; other languages come by gettext from ``translations/``.
The language is part of the address (``?lang=en``) and nothing else decides it: no cookie and no
header of the browser, so that the same address is the same page for everyone and may be cached.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from babel import Locale
from flask import Flask, has_request_context, request
from flask_babel import Babel, get_locale

DEFAULT_LANGUAGE = "vi"
LANGUAGES = (DEFAULT_LANGUAGE, "en")
"""Languages of the interface. A questionnaire may be asked in further ones."""

LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English"}
TRANSLATIONS = Path(__file__).parent.parent / "translations"
STYLES = Path(__file__).parent.parent / "static"


def init_languages(app: Flask) -> None:
    """Give an application its languages, and its templates the names they use.

    Templates may use ``current_language()``, ``languages`` (pairs of tag and own name) and
    ``asset_version(name)``, which changes when a static file does.
    """
    Babel(
        app,
        default_locale=DEFAULT_LANGUAGE,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=wanted_language,
    )
    versions: dict[str, str] = {}

    def asset_version(name: str) -> str:
        if name not in versions:
            versions[name] = sha256((STYLES / name).read_bytes()).hexdigest()[:12]
        return versions[name]

    app.jinja_env.globals.update(
        current_language=current_language,
        languages=tuple(LANGUAGE_NAMES.items()),
        asset_version=asset_version,
    )


def wanted_language() -> str:
    """Return the interface language that the address asks for, Vietnamese when it asks for none."""
    asked = request.args.get("lang", "") if has_request_context() else ""
    return interface_language(asked)


def interface_language(tag: str) -> str:
    """Return the tag when the interface speaks it, else Vietnamese.

    Examples
    --------
    >>> interface_language("EN"), interface_language("tay"), interface_language("")
    ('en', 'vi', 'vi')
    """
    folded = tag.lower()
    return folded if folded in LANGUAGES else DEFAULT_LANGUAGE


def current_language() -> str:
    """Return the language in which this page is being written."""
    locale: Locale | None = get_locale()
    return interface_language(locale.language if locale else DEFAULT_LANGUAGE)
