"""All looks at a release, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from analysis.publication import verify_release
from analysis.publication.release import MANIFEST
from intake.findings import Finding, HailongError, errors_of
from survey_app.services.trail.checkpoints import read_published
from survey_app.services.verification import draws, figures, microdata, trail
from survey_app.services.verification.bundle import Bundle
from survey_app.services.verification.faults import unreadable, wrong
from survey_app.services.verification.signature import read_signature, same_key

_Look = Callable[[Bundle], Iterator[Finding]]


@dataclass(frozen=True)
class Verified:
    """What verifying a release has shown.

    Attributes
    ----------
    findings
        What is wrong, the first bad item first; else warnings, or nothing.
    files, figures
        How many files are as signed, and how many numbers the tables state.
    computed
        Whether the figures were computed again from the frozen answers.
    corrects
        ``manifest_sha256`` and ``reason`` of the release that this one takes the place of.
    """

    findings: Sequence[Finding]
    files: int = 0
    figures: int = 0
    computed: bool = False
    corrects: dict[str, str] | None = None


def verify_bundle(
    folder: Path,
    *,
    key: Ed25519PublicKey | None = None,
    restricted: Path | None = None,
    published: Sequence[Path] = (),
) -> Verified:
    """Check a release: signature, files, log, draws, weights, pages, and every figure.

    Parameters
    ----------
    key
        The public key as it was printed; without it the release's own, which proves less.
    restricted
        Folder of frozen answers and scores; without it figures are not computed again.
    published
        Files of checkpoints that were published or sent on before.
    """
    changed = verify_release(folder)
    if changed and changed[0].file == MANIFEST:
        return Verified(changed)
    try:
        signer, warnings = read_signature(folder, key)
        if changed:
            return Verified(changed)
        bundle = Bundle(folder, signer)
        for look in _looks(restricted, published):
            findings = list(look(bundle))
            if findings:
                return Verified(findings)
        return Verified(
            warnings,
            files=len(bundle.manifest["files"]),
            figures=figures.count_figures(bundle),
            computed=restricted is not None,
            corrects=bundle.facts.get("corrects") or None,
        )
    except HailongError as error:
        return Verified(errors_of(error.findings))
    except Exception:  # who signs a release may have made it odd in any way
        return Verified(unreadable(MANIFEST).findings)


def _looks(restricted: Path | None, published: Sequence[Path]) -> Iterator[_Look]:
    if restricted:
        yield partial(microdata.all_there, restricted=restricted)
    yield same_key
    yield trail.chain
    yield trail.checkpoints
    yield partial(_checkpoints_elsewhere, published=published)
    yield trail.exclusions
    yield trail.rounds
    yield draws.draws
    yield figures.pages
    yield figures.workbook
    if restricted:
        yield partial(microdata.answers, restricted=restricted)
        yield partial(figures.tables, restricted=restricted)


def _checkpoints_elsewhere(bundle: Bundle, published: Sequence[Path]) -> Iterator[Finding]:
    """Look whether checkpoints that were published before are among those of the release."""
    for path in published:
        found = read_published(path)
        if found is None or found not in bundle.checkpoints:
            yield wrong(
                "checkpoint-published",
                path.name,
                f"Điểm kiểm đã công bố {path.name} không có trong bản công bố.",
                f"The published checkpoint {path.name} is not in the release.",
            )
            return
