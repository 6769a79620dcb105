"""The draw of each round, made again from its frame, design, secret and public value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from intake.findings import Finding, HailongError
from sampling import verify_draw
from sampling.minutes import check_record, read_commitment
from survey_app.services.drawn_cells import cells_of
from survey_app.services.rounds import SAMPLE_FOLDER
from survey_app.services.verification.bundle import Bundle
from survey_app.services.verification.faults import wrong

COMMITMENT = "commitment.json"
_KEPT = ("round_id", "stratum", "psu", "unit_id", "design_weight", "expected")


def draws(bundle: Bundle) -> Iterator[Finding]:
    """Look whether each draw repeats, opens its commitment, and gave the weights of the log."""
    for round_id, facts in bundle.rounds.items():
        place = f"data/{round_id}/{SAMPLE_FOLDER}"
        folder = bundle.folder / place
        try:
            again = verify_draw(folder)
            if (folder / COMMITMENT).is_file():
                made = read_commitment(folder / COMMITMENT)
                check_record(made, again.record, _day(folder))
        except HailongError as error:
            first = error.findings[0]
            name = "/".join(filter(None, (place, first.file)))
            yield wrong("draw-differs", name, first.message.vi, first.message.en)
            return
        if again.frame.sha256 != facts["frame_sha256"]:
            yield _other(f"{place}/frame.csv", round_id)
        if bundle.digest(f"{place}/sample.csv") != facts["draw_sha256"]:
            yield _other(f"{place}/sample.csv", round_id)
        yield from _weights(bundle, round_id, folder)


def _weights(bundle: Bundle, round_id: str, folder: Path) -> Iterator[Finding]:
    """Look whether the cells of the log have the weights that the draw gives them."""
    ((_, created),) = bundle.acts("round-created", round_id)[-1:]
    drawn = {
        str(cell["cell_id"]): [cell[name] for name in _KEPT] for cell in cells_of(round_id, folder)
    }
    logged = {name: values[: len(_KEPT)] for name, values in created["cells"].items()}
    for name in sorted(set(drawn) | set(logged)):
        if drawn.get(name) != logged.get(name):
            yield wrong(
                "cell",
                f"cell {name}",
                f"Ô {name} hoặc trọng số của ô không đúng như mẫu đã chọn.",
                f"The cell {name} or its weight is not as it was drawn.",
            )
            return


def _day(folder: Path) -> date | None:
    occasion = json.loads((folder / "draw.json").read_text(encoding="utf-8")).get("occasion")
    try:
        return date.fromisoformat(str(occasion["drawn_on"]))
    except (TypeError, KeyError, ValueError):
        return None


def _other(file: str, round_id: str) -> Finding:
    return wrong(
        "draw-other",
        file,
        f"Mã băm của {file} khác với mã công bố của đợt {round_id}.",
        f"The hash of {file} is not the one published of round {round_id}.",
    )
