"""hailong init, doctor, demo, serve: one installation on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.findings import Words
from survey_app.cli.opened import opened, settings
from survey_app.cli.output import Said, json_option, language

if TYPE_CHECKING:
    from survey_app.services.doctor import Check
    from survey_app.services.installation import Installation

_STATES = {
    "ok": Words("tốt", "good"),
    "warning": Words("chú ý", "mind"),
    "error": Words("lỗi", "fault"),
    "skipped": Words("chưa xem", "not seen"),
}
_DATA = click.option("--data", type=click.Path(path_type=Path), help="Data folder.")


@click.command()
@_DATA
@json_option
def init(data: Path | None) -> Said:
    """Make keys, settings and an empty migrated database in a data folder.

    Example: hailong init --data /srv/hailong
    """
    from survey_app.config import read_settings
    from survey_app.services.installation import make_installation

    chosen = read_settings(data) if data else settings()
    given = {
        name: os.environ[name]
        for name in ("HAILONG_BASE_URL", "HAILONG_TWO_PERSON", "HAILONG_ORGANISATION")
        if name in os.environ
    }
    make_installation(chosen, given)
    return Said({"data": str(chosen.data)}, str(chosen.data))


@click.command()
@json_option
def doctor() -> Said:
    """Say what is wrong with this installation, and the remedy.

    Example: hailong doctor --json
    """
    from survey_app.services.doctor import examine

    examined = examine(settings())
    lines = [f"{name} = {value}  [{source}]" for name, value, source in examined.settings]
    lines += [_line(check) for check in examined.checks]
    return Said(
        {
            "settings": {name: [value, source] for name, value, source in examined.settings},
            "checks": {check.name.en: check.state for check in examined.checks},
        },
        "\n".join(lines),
        examined.findings,
    )


def _line(check: Check) -> str:
    """Return one line of `hailong doctor`: good or not, what was looked at, codes of faults."""
    words = _STATES[check.state].in_language(language())
    codes = ", ".join(dict.fromkeys(finding.code for finding in check.findings))
    return f"{words:<8} {check.name.in_language(language())}{f': {codes}' if codes else ''}"


@click.command()
@_DATA
@click.option("--responses", default=3000, show_default=True, help="Responses at least.")
@click.option("--seed", default=20260701, show_default=True, help="Seed of people and draw.")
def demo(data: Path | None, responses: int, seed: int) -> None:
    """Run one round of a province from nothing to the published result, with simulated people.

    Example: hailong demo --data var/demo
    """
    from survey_app.cli import main
    from survey_app.demo.script import run_demo

    run_demo(data or Path("var/demo"), responses=responses, seed=seed, program=main)


@click.command()
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")  # noqa: S104
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Port; the one the QR codes carry where not given.",
)
@click.option("--workers", default=2, show_default=True, help="Processes.")
def serve(host: str, port: int | None, workers: int) -> None:
    """Serve questionnaires and results.

    Example: hailong serve --port 8000
    """
    from survey_app.services.network import private_address
    from survey_app.web.server import serve as run_server

    installation = opened(pages_only=True)
    _note_notices(installation)
    # The workers open it again, each for itself: no connection may be shared by two processes.
    installation.engine.dispose()
    found = installation.settings
    if found.host not in {"localhost", "127.0.0.1"} and not found.secure:
        now = private_address()
        if now != found.host:
            click.echo(
                f"QR codes carry {found.host}, this machine is now {now}: printed codes will not "
                "open until it has the old address again."
                if language() == "en"
                else f"Mã QR đã in mang địa chỉ {found.host}, máy này nay là {now}: mã đã in chỉ "
                "mở được khi máy có lại địa chỉ cũ.",
                err=True,
            )
    _refuse_taken(host, port or found.port)
    click.echo(found.base_url)
    run_server(found, host, port or found.port, workers=workers)


def _note_notices(installation: Installation) -> None:
    """Note which notice open rounds show from now on, and say where it is another one."""
    from survey_app.web.notices import note_open_rounds

    for round_id in note_open_rounds(installation):
        click.echo(
            f"{round_id}: the notice before the first question is new; it is kept and in the log."
            if language() == "en"
            else f"{round_id}: thông báo trước câu hỏi đầu tiên đã đổi; đã lưu và ghi nhật ký.",
            err=True,
        )


def _refuse_taken(host: str, port: int) -> None:
    """Refuse an address that another program listens on, or that is not this machine's."""
    import socket

    from intake.findings import Finding, InstallationError, Words

    try:
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise InstallationError(
            Finding(
                "address-taken",
                Words(
                    f"Không mở được {host}:{port}: {error.strerror}.",
                    f"{host}:{port} cannot be opened: {error.strerror}.",
                ),
                Words(
                    "Hãy dừng chương trình đang dùng cổng này, hoặc chọn --host, --port khác.",
                    "Stop the program that uses it, or choose another --host or --port.",
                ),
            )
        ) from None
