"""hailong kiosk: tablets at counters on which people answer one after the other."""

from __future__ import annotations

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language


@click.group(no_args_is_help=True)
def kiosk() -> None:
    """Set up tablets at counters.

    Example: hailong kiosk add tthc-hai-duong
    """


@kiosk.command()
@click.argument("counter_id")
@json_option
def add(counter_id: str) -> Said:
    """Make the link that turns a tablet into a kiosk, and the PIN that lets staff out again.

    Both are told once and stored as digests only. Open the link once on the tablet.

    Example: hailong kiosk add tthc-hai-duong
    """
    from survey_app.services.kiosks import add_kiosk

    made = add_kiosk(opened(), counter_id)
    text = (
        f"Open once on the tablet: {made.link}\nPIN of the staff: {made.pin}\n"
        "Neither can be shown again."
        if language() == "en"
        else f"Mở một lần trên máy tính bảng: {made.link}\nMã PIN của cán bộ: {made.pin}\n"
        "Không thể xem lại hai thông tin này."
    )
    return Said({"counter": made.counter_id, "link": made.link, "pin": made.pin}, text)


@kiosk.command("list")
@json_option
def list_command() -> Said:
    """List the counters that have tablets, and how many.

    Example: hailong kiosk list
    """
    from survey_app.services.kiosks import list_kiosks

    tablets = list_kiosks(opened().engine)
    return Said(
        {"counters": tablets},
        "\n".join(f"{counter_id}\t{count}" for counter_id, count in tablets.items()),
    )


@kiosk.command()
@click.argument("counter_id")
@json_option
def remove(counter_id: str) -> Said:
    """Forget all tablets of a counter: their links and PINs open nothing any more.

    Example: hailong kiosk remove tthc-hai-duong
    """
    from survey_app.services.kiosks import remove_kiosks

    removed = remove_kiosks(opened().engine, counter_id)
    text = f"{removed} tablets removed" if language() == "en" else f"Đã thu hồi {removed} máy"
    return Said({"removed": removed}, text)
