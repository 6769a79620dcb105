"""hailong release, hailong verify: what is published, and whether it is still that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language
from survey_app.cli.two_person import as_option, signed_in, two_people

if TYPE_CHECKING:
    from survey_app.services.verification import Verified


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
@click.option("--corrects", default="", help="SHA-256 of the manifest.json that it replaces.")
@click.option("--reason", default="", help="Why; shown on its pages.")
@as_option
@json_option
def build(
    rounds: tuple[str, ...],
    year: int | None,
    out: Path,
    truth: Path | None,
    corrects: str,
    reason: str,
    account: str | None,
) -> Said:
    """Build and sign the release of one or more rounds with the index of a year.

    Example: hailong release build hp-2026 hp-counters-2026 --year 2026 --out releases/2026
    """
    from survey_app.services.releases.corrections import correction_of
    from survey_app.services.releases.publishing import frozen_digests, publish

    installation = opened()
    person = signed_in(installation, account)
    _refuse_foreign(out)
    index_year = year or installation.today().year
    replaced = correction_of(installation, rounds, index_year, out, corrects.lower(), reason)
    about = {"rounds": sorted(rounds), "frozen": frozen_digests(installation, rounds)}
    with two_people(
        installation, person, "release", str(index_year), **about, **(replaced or {})
    ) as pair:
        manifest = publish(
            installation,
            rounds,
            index_year,
            out,
            truth=truth,
            corrects=replaced,
            actor=pair.agreed_by,
        )
    count, key = len(manifest["files"]), manifest["key_sha256"]
    text = (
        f"{count} files in {out}\nfingerprint of the key, to be printed: {key}"
        if language() == "en"
        else f"{count} tệp trong {out}\ndấu vân khóa, để in ra: {key}"
    )
    return Said({"files": count, "folder": str(out), "key_sha256": key}, text)


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
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The public key as it was printed or sent: 64 hexadecimal digits.",
)
@click.option(
    "--restricted",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of frozen answers and scores: every figure is computed again.",
)
@click.option(
    "--checkpoint",
    "published",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A checkpoint that was published before; repeatable.",
)
@json_option
def verify(
    folder: Path, key: Path | None, restricted: Path | None, published: tuple[Path, ...]
) -> Said:
    """Check a release without network and server; name the first bad item.

    Example: hailong verify releases/2026 --key checkpoint.pub --restricted restricted/2026
    """
    from survey_app.services.trail.checkpoints import read_public_key
    from survey_app.services.verification import verify_bundle

    public = read_public_key(key) if key else None
    found = verify_bundle(folder, key=public, restricted=restricted, published=published)
    told = {
        "folder": str(folder),
        "files": found.files,
        "figures": found.figures,
        "computed": found.computed,
        "corrects": found.corrects,
    }
    return Said(told, "\n".join(_verified(found)), found.findings)


def _verified(found: Verified) -> list[str]:
    """Say what was found equal, and what nobody looked at."""
    from intake.findings import errors_of

    if errors_of(found.findings):
        return []
    files, figures, english = found.files, found.figures, language() == "en"
    lines = [
        f"All {files} files as signed; log, draws and pages agree."
        if english
        else f"Cả {files} tệp đúng như đã ký; nhật ký, chọn mẫu và các trang khớp nhau."
    ]
    if found.computed:
        equal = ("All {} figures equal.", "Cả {} con số bằng nhau.")
        lines.append(equal[not english].format(figures))
    else:
        unseen = (
            "{} figures not computed again: give --restricted.",
            "{} con số chưa được tính lại: hãy thêm --restricted.",
        )
        lines.append(unseen[not english].format(figures))
    if found.corrects:
        words = ("It corrects {}: {}", "Bản này đính chính {}: {}")
        lines.append(words[not english].format(*found.corrects.values()))
    return lines
