"""hailong release, hailong verify: what is published, and whether it is still that."""

from __future__ import annotations

from pathlib import Path

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language
from survey_app.cli.two_person import as_option, signed_in, two_people


@click.group(no_args_is_help=True)
def release() -> None:
    """Build and show releases.

    Example: hailong release build hp-2026 --out releases/2026
    """


@release.command()
@click.argument("rounds", nargs=-1, required=True)
@click.option("--year", type=int, help="Index year; the year of the rounds' close if not given.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to make.")
@click.option("--truth", type=click.Path(path_type=Path), help="True values of a simulation.")
@as_option
@json_option
def build(
    rounds: tuple[str, ...], year: int | None, out: Path, truth: Path | None, account: str | None
) -> Said:
    """Build the release of one or more rounds with the index of a year.

    Example: hailong release build hp-2026 hp-counters-2026 --year 2026 --out releases/2026
    """
    from survey_app.services.publishing import frozen_digests, publish

    installation = opened()
    person = signed_in(installation, account)
    _refuse_foreign(out)
    index_year = year or installation.today().year
    about = {"rounds": sorted(rounds), "frozen": frozen_digests(installation, rounds)}
    with two_people(installation, person, "release", str(index_year), **about) as pair:
        manifest = publish(installation, rounds, index_year, out, truth=truth, actor=pair.agreed_by)
    count = len(manifest["files"])
    text = f"{count} files in {out}" if language() == "en" else f"{count} tệp trong {out}"
    return Said({"files": count, "folder": str(out)}, text)


def _refuse_foreign(out: Path) -> None:
    """Refuse a folder that holds anything but a release: building replaces it as a whole."""
    from intake.findings import Finding, ReleaseError, Words

    if (out.exists() and not out.is_dir()) or (
        out.is_dir() and any(out.iterdir()) and not (out / "manifest.json").is_file()
    ):
        raise ReleaseError(
            Finding(
                "folder-not-empty",
                Words(
                    f"{out} chứa thứ khác, không phải một bản công bố.",
                    f"{out} holds something else than a release.",
                ),
                Words("Hãy đặt tên thư mục mới.", "Name a new folder."),
            )
        )


@release.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--port",
    default=8001,
    type=click.IntRange(1, 65535),
    show_default=True,
    help="Port on this machine.",
)
def serve(folder: Path, port: int) -> None:
    """Show a release on this machine.

    Example: hailong release serve releases/2026
    """
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        click.echo(f"http://127.0.0.1:{port}/site/index.html")
        server.serve_forever()


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def verify(folder: Path) -> Said:
    """Compare every file of a release with its manifest.

    Example: hailong verify releases/2026
    """
    from analysis.publication import verify_release

    findings = verify_release(folder)
    good = "All files equal." if language() == "en" else "Mọi tệp khớp với bản kê."
    return Said({"folder": str(folder)}, "" if findings else good, findings)
