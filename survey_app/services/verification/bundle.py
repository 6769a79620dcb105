"""The files of a release as they are read to verify it."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from analysis.publication.release import MANIFEST
from analysis.publication.tables import FACTS
from survey_app.services.releases import bundles
from survey_app.services.trail.checkpoints import Checkpoint
from survey_app.services.verification.faults import unreadable

_FAULTS = (OSError, ValueError, KeyError, TypeError)


@dataclass(frozen=True)
class Bundle:
    """The folder of a release, whose files are read once they are asked for.

    Attributes
    ----------
    key
        The public key that the signature was checked with.
    """

    folder: Path
    key: Ed25519PublicKey

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the release says of itself."""
        return self._object(f"tables/{FACTS}")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest."""
        return self._object(MANIFEST)

    @cached_property
    def rounds(self) -> dict[str, dict[str, Any]]:
        """What the release says of each of its rounds, by its id."""
        return {str(one["id"]): one for one in self.facts["rounds"]}

    @cached_property
    def log(self) -> list[dict[str, Any]]:
        """The rows of the audit log."""
        return self._rows(bundles.LOG, (*bundles.SEALED,))

    @cached_property
    def checkpoints(self) -> list[Checkpoint]:
        """The checkpoints in their order."""
        rows = self._rows(bundles.CHECKPOINTS, ())
        try:
            return [Checkpoint(**row) for row in rows]
        except TypeError:
            raise unreadable(f"log/{bundles.CHECKPOINTS}") from None

    @cached_property
    def exclusions(self) -> list[list[str]]:
        """The excluded responses: round, response, reason, both people."""
        with self.file(f"log/{bundles.EXCLUSIONS}").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))[1:]

    def file(self, name: str) -> Path:
        """Return a file of the release.

        Raises
        ------
        ReleaseError
            ``release-file-unreadable``: it is not there.
        """
        path = self.folder / name
        if not path.is_file():
            raise unreadable(name)
        return path

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file of the release."""
        return sha256(self.file(name).read_bytes()).hexdigest()

    def lines(self, name: str) -> list[str]:
        """Return the lines of a file of plain marks."""
        try:
            return self.file(name).read_text(encoding="ascii").splitlines()
        except ValueError:
            raise unreadable(name) from None

    def acts(self, action: str, about: str | None = None) -> list[tuple[int, dict[str, Any]]]:
        """Return number and details of each act of a kind in the log, of one object or of all."""
        return [
            (row["seq"], json.loads(row["payload"]))
            for row in self.log
            if row["action"] == action and about in {None, row["object"]} and "payload" in row
        ]

    def _rows(self, name: str, needed: Sequence[str]) -> list[dict[str, Any]]:
        try:
            text = self.file(f"log/{name}").read_text(encoding="utf-8")
            rows = [json.loads(line) for line in text.splitlines()]
            if not all(isinstance(row, dict) and set(needed) <= set(row) for row in rows):
                raise ValueError
        except _FAULTS:
            raise unreadable(f"log/{name}") from None
        return rows

    def _object(self, name: str) -> dict[str, Any]:
        try:
            held = json.loads(self.file(name).read_text(encoding="utf-8"))
        except _FAULTS:
            raise unreadable(name) from None
        if not isinstance(held, dict):
            raise unreadable(name)
        return held
