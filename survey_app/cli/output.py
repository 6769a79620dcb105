"""How every command speaks: one result as text or as one JSON document, one exit code.

Exit codes: 0 done; 1 refused, nothing changed; 2 wrong usage; 3 a second person is needed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date
from functools import wraps
from typing import Any

import click

from intake.findings import (
    SHOWN_FINDINGS,
    Finding,
    HailongError,
    InstallationError,
    IntakeError,
    Words,
    errors_of,
)

REFUSED, WRONG_USAGE, SECOND_PERSON = 1, 2, 3
LANGUAGES = ("vi", "en")


class SecondPersonError(HailongError):
    """A step that two people take together was asked for by one."""


def language() -> str:
    """Return the language of this call's messages.

    Raises
    ------
    InstallationError
        The settings ask for a language there is not.
    """
    lang = str(click.get_current_context().find_root().obj.lang)
    if lang not in LANGUAGES:
        raise InstallationError(
            Finding(
                "setting-unknown-value",
                Words(f"HAILONG_LANG={lang} không hợp lệ.", f"HAILONG_LANG={lang} is unknown."),
                Words("Hãy đặt vi hoặc en.", "Set vi or en."),
            )
        )
    return lang


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json`` to a command that returns its result as plain values."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @wraps(command)
    def wrapped(*args: object, as_json: bool, **options: object) -> None:
        lang = "vi"
        try:
            lang = language()
            result, findings, text = _parts(command(*args, **options))
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None or not as_json:
                raise
            _print_json(False, refusal.findings, {}, lang)
            raise SystemExit(_exit_code(refusal)) from None
        ok = not errors_of(findings)
        if as_json:
            _print_json(ok, findings, result, lang)
        else:
            for finding in findings[:SHOWN_FINDINGS]:
                click.echo(finding.sentence(lang), err=True)
            if text:
                click.echo(text)
        if not ok:
            raise SystemExit(REFUSED)

    return wrapped


class Said:
    """What a command has to say: values for programs, findings, a text for people."""

    def __init__(
        self, result: object = None, text: str = "", findings: Sequence[Finding] = ()
    ) -> None:
        self.result = {} if result is None else result
        self.text = text
        self.findings = tuple(findings)


def _parts(said: object) -> tuple[object, Sequence[Finding], str]:
    if isinstance(said, Said):
        return said.result, said.findings, said.text
    return {}, (), str(said or "")


def _print_json(ok: bool, findings: Sequence[Finding], result: object, lang: str) -> None:
    plain = _plain(result)
    if isinstance(plain, dict):
        plain["total_findings"] = len(findings)
    document = {
        "ok": ok,
        "findings": [finding.as_dict(lang) for finding in findings[:SHOWN_FINDINGS]],
        "result": plain,
    }
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str, allow_nan=False))


def _plain(value: object) -> object:
    """Return what JSON can carry: days as text, numbers as numbers, nothing for no number."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat() if value == value else None
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if hasattr(value, "item"):  # a number of NumPy
        return _plain(value.item())
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    return None if isinstance(value, float) and value != value else value


def refusal_of(error: Exception) -> HailongError | None:
    """Return what a user is told of an error, or None where it is a fault of the program.

    A path that cannot be read or written, and a database that does not answer, can be met
    by every command; what failed is named, never what was to be stored.
    """
    if isinstance(error, HailongError):
        return error
    if isinstance(error, OSError) and error.strerror:
        return IntakeError(
            Finding(
                "path-unusable",
                Words(
                    f"Không đọc hoặc ghi được: {error.strerror}.",
                    f"It cannot be read or written: {error.strerror}.",
                ),
                Words(
                    "Hãy kiểm tra đường dẫn và quyền truy cập.",
                    "Check the path and the rights to it.",
                ),
                file=str(error.filename) if error.filename else None,
            )
        )
    # Only a command that has touched the database has imported this.
    database = sys.modules.get("sqlalchemy.exc")
    if database and isinstance(error, database.SQLAlchemyError):
        return InstallationError(
            Finding(
                "database-unreachable",
                Words(
                    "Cơ sở dữ liệu không trả lời; chưa có gì được ghi.",
                    "The database does not answer; nothing was written.",
                ),
                Words(
                    "Hãy kiểm tra DATABASE_URL và máy chủ cơ sở dữ liệu rồi chạy lại.",
                    "Check DATABASE_URL and the database server, and run the command again.",
                ),
                path=type(error).__name__,
            )
        )
    return None


def _exit_code(error: HailongError) -> int:
    return SECOND_PERSON if isinstance(error, SecondPersonError) else REFUSED


def run(group: click.Group, arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; every refusal is one clear message."""
    try:
        group.main(args=arguments, prog_name="hailong", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as shown:
        click.echo(shown.format_message())
        return WRONG_USAGE
    except click.ClickException as wrong:
        wrong.show()
        return WRONG_USAGE
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.Abort:
        return REFUSED
    except BrokenPipeError:
        # Whoever read our output has left; the interpreter must not complain of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        click.echo(refusal.text(_language_of_last_resort(group)), err=True)
        return _exit_code(refusal)
    return 0


def _language_of_last_resort(group: click.Group) -> str:
    chosen = getattr(group, "chosen_language", None)
    return str(chosen or "vi")
