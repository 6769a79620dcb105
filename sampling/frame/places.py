"""Coordinates of units: degrees, not exchanged, not shared, not far from all the others."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from intake.findings import Words
from sampling.frame.cells import NUMBER
from sampling.frame.columns import Texts, repeated
from sampling.frame.noting import Noting
from sampling.frame.sheets import Sheet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LIMITS = {"lat": 90.0, "lon": 180.0}
# Viet Nam with its islands and seas, in degrees.
_LATITUDES = (6.0, 24.0)
_LONGITUDES = (102.0, 118.0)
_KM_PER_DEGREE = 111.2
FAR_FACTOR, FAR_KM = 10.0, 50.0
_FEWEST = 5


def is_coordinate(text: str, column: str) -> bool:
    """Tell whether a text is a latitude or longitude in degrees."""
    return bool(NUMBER.match(text)) and len(text) <= 40 and abs(float(text)) <= LIMITS[column]


def note_coordinates(sheet: Sheet, faults: Noting) -> None:
    """Note coordinates that are none, one without the other, and pairs that are exchanged."""
    wrong = {
        name: _wrong_rows(sheet.columns[name], name) for name in LIMITS if name in sheet.columns
    }
    both = len(wrong) == len(LIMITS)
    # What is exchanged in Viet Nam has a latitude above 100, which is none.
    swapped = _note_swapped(sheet, wrong["lat"], faults) if both else set()
    for name, rows in wrong.items():
        for row in rows:
            if row in swapped:
                continue
            text = sheet.columns[name][row][:40]
            faults.add(
                "frame-coordinate-invalid",
                Words(f"“{text}” không phải tọa độ.", f"'{text}' is not a coordinate."),
                Words("Ghi độ, dấu chấm thập phân.", "Write degrees with a decimal point."),
                row=sheet.lines[row],
                column=name,
            )
        if both:
            _note_half(sheet, name, "lon" if name == "lat" else "lat", faults)


def _wrong_rows(column: Texts, name: str) -> list[int]:
    return list(column.rows_where(lambda text: bool(text) and not is_coordinate(text, name)))


def _note_half(sheet: Sheet, name: str, other: str, faults: Noting) -> None:
    """Warn where one coordinate of a pair is missing."""
    held = sheet.columns[other]
    for row in sheet.columns[name].rows_where(lambda text: not text):
        if held[row]:
            faults.add(
                "frame-coordinate-missing",
                Words(f"Có {other} nhưng thiếu {name}.", f"There is {other} but no {name}."),
                Words("Ghi cả hai hoặc bỏ cả hai.", "Give both or neither."),
                row=sheet.lines[row],
                column=name,
                severity="warning",
            )


def _note_swapped(sheet: Sheet, wrong: list[int], faults: Noting) -> set[int]:
    lat, lon = sheet.columns["lat"], sheet.columns["lon"]
    found = {
        row for row in wrong if _within(lat[row], _LONGITUDES) and _within(lon[row], _LATITUDES)
    }
    for row in sorted(found):
        faults.add(
            "frame-coordinates-swapped",
            Words(
                f"lat {lat[row]} và lon {lon[row]} bị đổi chỗ.",
                f"lat {lat[row]} and lon {lon[row]} are exchanged.",
            ),
            Words(
                "Việt Nam nằm ở lat 8–24, lon 102–118: đổi lại hai cột.",
                "Viet Nam lies at lat 8 to 24, lon 102 to 118: exchange the two.",
            ),
            row=sheet.lines[row],
            column="lat",
        )
    return found


def _within(text: str, limits: tuple[float, float]) -> bool:
    return bool(NUMBER.match(text)) and len(text) <= 40 and limits[0] <= float(text) <= limits[1]


def note_far_places(sheet: Sheet, faults: Noting) -> None:
    """Warn of units at one point, and of units far from the others of their province.

    Far is more than 50 km, and more than ten times the median distance, from the point of
    median latitude and longitude of the province's units.
    """
    import numpy as np

    if not all(name in sheet.columns for name in LIMITS):
        return
    lat, lon = (
        np.fromiter((float(text) if text else np.nan for text in sheet.columns[name]),
                    np.float64, count=sheet.count)
        for name in LIMITS
    )  # fmt: skip
    placed = np.flatnonzero(~np.isnan(lat) & ~np.isnan(lon))

    def key_of(place: int) -> Hashable:
        return float(lat[placed[place]]), float(lon[placed[place]])

    points = zip(lat[placed].tolist(), lon[placed].tolist(), strict=True)
    for group in repeated(points, len(placed), key_of):
        _note_shared(sheet, placed[group].tolist(), faults)
    codes: dict[str, int] = {}
    of_row = np.fromiter(
        (codes.setdefault(text, len(codes)) for text in sheet.columns["province"]),
        np.int64,
        count=sheet.count,
    )[placed]
    for province, code in codes.items():
        rows = placed[of_row == code]
        if len(rows) >= _FEWEST:
            _note_far(sheet, province, rows, _from_middle(lat[rows], lon[rows]), faults)


def _note_shared(sheet: Sheet, rows: Sequence[int], faults: Noting) -> None:
    lat, lon = sheet.columns["lat"], sheet.columns["lon"]
    first, second = rows[0], rows[1]
    faults.add(
        "frame-coordinates-repeated",
        Words(
            f"{len(rows)} đơn vị cùng ở {lat[first]}, {lon[first]}, đơn vị đầu ở dòng "
            f"{sheet.lines[first]}.",
            f"{len(rows)} units stand at {lat[first]}, {lon[first]}, the first on line "
            f"{sheet.lines[first]}.",
        ),
        Words(
            "Kiểm tra đơn vị bị lặp hoặc tọa độ chép từ đơn vị khác.",
            "See whether a unit stands twice, or the point was copied from another.",
        ),
        row=sheet.lines[second],
        column="lat",
        severity="warning",
    )


def _note_far(
    sheet: Sheet,
    province: str,
    rows: NDArray[np.intp],
    distances: NDArray[np.float64],
    faults: Noting,
) -> None:
    import numpy as np

    limit = max(FAR_KM, FAR_FACTOR * float(np.median(distances)))
    for place in np.flatnonzero(distances > limit).tolist():
        faults.add(
            "frame-coordinate-far",
            Words(
                f"Cách giữa các đơn vị của “{province}” {distances[place]:.0f} km.",
                f"It lies {distances[place]:.0f} km from the middle of the units of '{province}'.",
            ),
            Words("Kiểm tra tọa độ và tỉnh.", "Check the coordinates and the province."),
            row=sheet.lines[rows[place]],
            column="lat",
            severity="warning",
        )


def _from_middle(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    north, east = float(np.median(lat)), float(np.median(lon))
    return kilometres(lat - north, (lon - east) * np.cos(np.radians(north)))


def kilometres(north: NDArray[np.float64], east: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the length of ways of so many degrees north and east, in kilometres."""
    import numpy as np

    return np.asarray(_KM_PER_DEGREE * np.hypot(north, east), dtype=np.float64)
