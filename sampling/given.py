"""What a function was given in place of a frame, a design, a registry or a draw."""

from __future__ import annotations

from typing import NamedTuple

from intake.findings import (
    DesignError,
    DrawError,
    Faults,
    FrameError,
    HailongError,
    RegistryError,
    Words,
)

_SHOWN = 60


class _Kind(NamedTuple):
    code: str
    words: Words
    made_by: str
    error: type[HailongError]


_KINDS = {
    "Frame": _Kind(
        "frame-not-a-frame",
        Words("một khung mẫu", "a frame"),
        "sampling.read_frame(path), sampling.Frame.from_table(table)",
        FrameError,
    ),
    "SampleDesign": _Kind(
        "design-not-a-design",
        Words("một thiết kế mẫu", "a design"),
        "sampling.SampleDesign.read(path), sampling.SampleDesign.from_dict(mapping)",
        DesignError,
    ),
    "Registry": _Kind(
        "units-not-a-registry",
        Words("một danh mục đơn vị hành chính", "a registry of units"),
        "sampling.load_registry()",
        RegistryError,
    ),
    "Draw": _Kind(
        "draw-not-a-draw",
        Words("một lần chọn mẫu", "a draw"),
        "sampling.draw(frame, design, seed), sampling.verify_draw(folder)",
        DrawError,
    ),
}


def require(*given: tuple[object, type]) -> None:
    """Refuse values that are not of the class that is asked for, all at once.

    Parameters
    ----------
    given
        Pairs of a value and its class: ``Frame``, ``SampleDesign``, ``Registry`` or ``Draw``.

    Raises
    ------
    HailongError
        Of the family of the first class that is missed: what was given, and what makes
        what is asked for.
    """
    wrong = [(value, kind.__name__) for value, kind in given if not isinstance(value, kind)]
    faults = Faults()
    for value, name in wrong:
        asked, read = _KINDS[name], _read(value)
        faults.add(
            asked.code,
            Words(
                f"Cần {asked.words.vi} ({name}), nhưng nhận được {read}.",
                f"This needs {asked.words.en} ({name}), but was given {read}.",
            ),
            Words(f"Tạo bằng {asked.made_by}.", f"Make one with {asked.made_by}."),
        )
    if wrong:
        faults.raise_as(_KINDS[wrong[0][1]].error)


def _read(value: object) -> str:
    """Return the class of a value, and of a plain one its beginning."""
    name = type(value).__name__
    if value is None or isinstance(value, type):
        return repr(value)
    if not isinstance(value, str | bool | int | float):
        return name
    huge = isinstance(value, int) and abs(value) >= 10**_SHOWN
    return name if huge else f"{name} {ascii(value)[:_SHOWN]}"
