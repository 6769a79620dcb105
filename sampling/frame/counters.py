"""The frame of a visit survey: one-stop counters with the transactions they expect."""

from __future__ import annotations

from collections.abc import Sequence

from intake.findings import Faults, Words
from sampling.frame.cells import text_of
from sampling.frame.listing import Frame
from sampling.frame.reading import built
from sampling.given import require
from sampling.offices import ServicePoint
from sampling.units import AdminUnit, Registry


def build_visits(counters: Sequence[ServicePoint], registry: Registry) -> Frame:
    """Return the frame of a visit survey: counters, sized by the transactions expected.

    Each counter is a stratum of its own; the visits drawn at it are its sample.

    Raises
    ------
    FrameError
        No counter says how many transactions it expects.
    """
    require((registry, Registry))
    faults = Faults()
    rows: list[dict[str, str]] = []
    for counter in counters:
        if counter.expected is None:
            faults.add(
                "frame-counter-without-size",
                Words(
                    f"Quầy {counter.counter_id} chưa có số giao dịch dự kiến.",
                    f"The counter {counter.counter_id} does not say how many transactions "
                    "are expected and is left out.",
                ),
                Words("Điền cột expected.", "Fill the column 'expected'."),
                severity="warning",
            )
            continue
        unit = registry.unit(counter.unit_code)
        rows.append(
            {
                "unit_id": counter.counter_id,
                "unit_name": counter.name,
                "province": _province_name(unit, registry),
                "stratum": counter.counter_id,
                "size": str(counter.expected),
                "agency_code": counter.agency_code,
                "parent_id": counter.unit_code,
                "lat": text_of(unit.lat),
                "lon": text_of(unit.lon),
            }
        )
        if counter.flag == "example":
            faults.add(
                "frame-size-example",
                Words(
                    f"Số giao dịch của quầy {counter.counter_id} là ví dụ.",
                    f"The expected transactions of {counter.counter_id} are an example.",
                ),
                Words("Thay bằng số liệu thật.", "Replace them by the counter's own count."),
                severity="warning",
            )
    return built(rows, faults)


def _province_name(unit: AdminUnit, registry: Registry) -> str:
    return registry.unit(unit.parent_code).name if unit.parent_code else unit.name
