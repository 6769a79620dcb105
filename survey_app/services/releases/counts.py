"""Exact counts of published figures, kept where only the installation reads them.

A later release of the same rounds is held against them: subtracted from one another, two
releases tell of whoever is in one alone. The public file has no counts, only which figures a
release withholds on that account.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intake.findings import Finding, ReleaseError, Words
from intake.tables import write_csv, write_data_frame

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publication import ReleaseContent

WITHHELD = "withheld.csv"
"""Which figures a release withholds beside earlier ones; without counts, in its ``log/``."""


def counts_file(manifest_sha256: str) -> str:
    """Return the name of the file of counts of a release, by the hash of its manifest."""
    return f"counts-{manifest_sha256}.csv"


def earlier_releases(
    built: Iterable[Mapping[str, Any]], rounds: Iterable[str], *, compared: bool
) -> list[str]:
    """Return the hashes of the manifests that a release of some rounds is held against.

    Parameters
    ----------
    built
        What the log says of each release that was built before.
    compared
        Whether it is published beside others: not so a trial that corrects nothing.
    """
    own = set(rounds)
    found = [one["files"]["manifest.json"] for one in built if own & set(one["rounds"])]
    return list(dict.fromkeys(found)) if compared else []


def find_counts(restricted: Path, releases: Iterable[str]) -> dict[str, Path]:
    """Return the file of counts of each release, wherever under ``restricted/`` it lies.

    Raises
    ------
    ReleaseError
        ``correction-uncounted``: a release has none.
    """
    found, absent = {}, []
    for release in releases:
        path = next(iter(sorted(restricted.glob(f"*/{counts_file(release)}"))), None)
        if path:
            found[release] = path
        else:
            absent.append(_uncounted(release))
    if absent:
        raise ReleaseError(absent)
    return found


def keep_counts(
    place: Path, release: str, estimates: pd.DataFrame, earlier: Mapping[str, Path]
) -> None:
    """Lay down the counts of a release, and beside them those that it was held against."""
    from analysis.publication.disclosure import counts_of

    write_data_frame(place / counts_file(release), counts_of(estimates))
    for one, path in earlier.items():
        if path.parent != place:
            shutil.copyfile(path, place / counts_file(one))


def read_counts(path: Path) -> pd.DataFrame:
    """Return the counts of a release: ``round, quantity, rule, domain, category, n``."""
    import pandas as pd

    return pd.read_csv(path, dtype=str, keep_default_na=False).astype({"n": int})


def withheld_file(withheld: pd.DataFrame, place: Path) -> dict[str, Path]:
    """Write which figures are withheld beside earlier releases; return it by its path in one."""
    path = place / WITHHELD
    write_csv(path, list(withheld.columns), withheld.to_numpy().tolist())
    return {f"log/{WITHHELD}": path}


def held_against(content: ReleaseContent, counts: Sequence[Path]) -> pd.DataFrame:
    """Return which figures a release withholds beside the earlier ones with these counts."""
    from analysis.publication.tables import withheld_beside

    return withheld_beside(content, [read_counts(path) for path in counts])


def beside_earlier(content: ReleaseContent, counts: Sequence[Path]) -> ReleaseContent:
    """Return the content of a release with what it withholds beside earlier ones.

    Raises
    ------
    ReleaseError
        ``correction-small``, for each round that changed by so few that not even the whole may be
        told.
    """
    from analysis.publication.tables import heads_withheld

    withheld = held_against(content, counts)
    findings = [_small(one) for one in heads_withheld(content, withheld)]
    if findings:
        raise ReleaseError(findings)
    return replace(content, withheld=withheld)


def _small(round_id: str) -> Finding:
    return Finding(
        "correction-small",
        Words(
            f"So với bản đã công bố, số phiếu của đợt {round_id} thay đổi ít hơn 10: lấy bản này "
            "trừ bản kia sẽ lộ câu trả lời của vài người đó.",
            f"Fewer than ten responses of {round_id} changed since it was published: one release "
            "minus the other would tell the answers of those few.",
        ),
        Words(
            "Nêu lý do trong một thông báo, không lập lại số liệu; lập bản đính chính khi có từ "
            "10 phiếu bị loại. Bảng độ nhạy (sensitivity) cho biết chỉ số có đổi quá nửa khoảng "
            "tin cậy hay không.",
            "Publish the reason as a notice and no new figures; build a correction once ten or "
            "more are excluded. The sensitivity table says whether the index moved by more than "
            "half its interval.",
        ),
    )


def _uncounted(release: str) -> Finding:
    return Finding(
        "correction-uncounted",
        Words(
            f"Không còn số đếm chính xác của bản {release}, nên không biết hiệu của hai bản "
            "có nói về ít hơn 10 người hay không.",
            f"The exact counts of the release {release} are not kept, so nobody can tell whether "
            "its difference to this one is about fewer than ten people.",
        ),
        Words(
            f"Đưa tệp {counts_file(release)} trở lại restricted/TÊN từ bản sao lưu, hoặc chỉ công "
            "bố một thông báo.",
            f"Bring {counts_file(release)} back to restricted/NAME from a backup, or publish a "
            "notice alone.",
        ),
    )
