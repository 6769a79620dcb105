"""How every command speaks: one result as text or as one JSON document, one exit code.

Exit codes: 0 done; 1 refused, nothing changed; 2 wrong usage; 3 a second person is needed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from functools import wraps
from typing import Any

import click

from intake.findings import SHOWN_FINDINGS, Finding, HailongError, errors_of

REFUSED, WRONG_USAGE, SECOND_PERSON = 1, 2, 3


class SecondPersonError(HailongError):
    """A step that two people take together was asked for by one."""


def language() -> str:
    """Return the language of this call's messages."""
    found = click.get_current_context().find_root().obj
    return str(found.lang)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json`` to a command that returns its result as plain values."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @wraps(command)
    def wrapped(*args: object, as_json: bool, **options: object) -> None:
        lang = language()
        try:
            result, findings, text = _parts(command(*args, **options))
        except HailongError as error:
            if not as_json:
                raise
            _print_json(False, error.findings, {}, lang)
            raise SystemExit(_exit_code(error)) from None
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
    if isinstance(plain, dict) and findings:
        plain["total_findings"] = len(findings)
    document = {
        "ok": ok,
        "findings": [finding.as_dict(lang) for finding in findings[:SHOWN_FINDINGS]],
        "result": plain,
    }
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


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
    except HailongError as error:
        click.echo(error.text(_language_of_last_resort(group)), err=True)
        return _exit_code(error)
    return 0


def _language_of_last_resort(group: click.Group) -> str:
    chosen = getattr(group, "chosen_language", None)
    return str(chosen or "vi")
