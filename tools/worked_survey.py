"""Run the code of a page and bring its results and pictures up to date.

A page reads like a notebook: the last line of a ``python`` block is shown in the ``text``
block beneath it, or, where it is a chart, in the picture beneath it. This script runs the
blocks one after the other, writes what they give into the page, and draws the pictures.

    python -m tools.worked_survey ../shared/data/survey_examples            (writes)
    python -m tools.worked_survey ../shared/data/survey_examples --check    (compares)
    python -m tools.worked_survey --page docs/analysis/weights.md

The data stay where they are: the code runs in their folder and opens them by name.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "worked-survey.md"
FONTS = ROOT / "survey_app" / "static" / "fonts"
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n|\n!\[[^\]]*\]\(([^)]+)\)\n)?",
                   re.MULTILINE | re.DOTALL)  # fmt: skip
WIDTH = 100  # characters of a printed table
SCALE = 2  # pictures are twice as fine as they are shown
COLOURS = 64


class Block(NamedTuple):
    """One ``python`` block, where it stands, and what the page shows for it."""

    code: str
    line: int
    span: tuple[int, int]
    text: str | None
    picture: str | None


def blocks_of(page: str) -> list[Block]:
    """Return the blocks of a page that are to be run, in order."""
    return [
        Block(found[1], page.count("\n", 0, found.start()) + 2, found.span(), found[2], found[3])
        for found in BLOCK.finditer(page)
    ]


def run_block(code: str, names: dict[str, Any], file: str, line: int) -> tuple[str, Any]:
    """Run a block; return what it printed with its last value, and a chart if that is one."""
    tree = ast.parse("\n" * (line - 1) + code, filename=file)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    value = None
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(tree, file, "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), file, "eval"), names)
        if isinstance(value, pd.DataFrame | pd.Series):
            print(value.to_string(index=not isinstance(value.index, pd.RangeIndex)))
        elif value is not None and not is_chart(value):
            print(value)
    text = "".join(f"{one.rstrip()}\n" for one in said.getvalue().splitlines())
    return text, value if is_chart(value) else None


def is_chart(value: object) -> bool:
    """Return whether a value is an Altair chart."""
    return hasattr(value, "to_dict") and hasattr(value, "configure_axis")


def run(page: Path, folder: Path | None = None) -> Iterator[tuple[Block, str, Any]]:
    """Run all blocks of a page in a folder; yield each with its text and chart."""
    names: dict[str, Any] = {"__name__": "page"}
    # The code may import the helpers of this folder.
    sys.path.insert(0, str(ROOT))
    before = Path.cwd()
    os.chdir(folder or ROOT)
    try:
        with pd.option_context("display.width", WIDTH, "display.max_columns", 20):
            for block in blocks_of(page.read_text(encoding="utf-8")):
                text, chart = run_block(block.code, names, page.name, block.line)
                yield block, text, chart
    finally:
        os.chdir(before)
        sys.path.remove(str(ROOT))


def shown(block: Block, text: str) -> str:
    """Return a block as it stands on the page, with this text beneath it."""
    return f"```python\n{block.code}```\n" + (f"\n```text\n{text}```\n" if text else "")


def draw(chart: Any, path: Path) -> None:  # noqa: ANN401 - Altair's classes are many
    """Write a chart as a PNG of a fixed size, with few colours, so that the file is small."""
    import vl_convert
    from PIL import Image

    vl_convert.register_font_directory(str(FONTS))
    whole = vl_convert.vegalite_to_png(chart.to_dict(), scale=SCALE)
    with Image.open(io.BytesIO(whole)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(path, optimize=True)


def differences(page: Path, folder: Path | None = None) -> list[str]:
    """Return where a page does not show what its code gives."""
    found = []
    for block, text, chart in run(page, folder):
        where = f"{page.name}:{block.line}"
        if text != (block.text or ""):
            found.append(f"{where}: prints\n{text}the page has\n{block.text or ''}")
        if (chart is None) != (block.picture is None):
            found.append(f"{where}: a chart and a picture go together")
        if block.picture is not None and not (page.parent / block.picture).is_file():
            found.append(f"{where}: the picture {block.picture} is missing")
    return found


def write(page: Path, folder: Path | None = None) -> None:
    """Write what the code gives into a page, and draw its pictures."""
    before = page.read_text(encoding="utf-8")
    parts, at = [], 0
    for block, text, chart in run(page, folder):
        start, end = block.span
        parts.append(before[at:start])
        if block.picture is None:
            parts.append(shown(block, text))
        else:
            parts.append(before[start:end])
            draw(chart, page.parent / block.picture)
        at = end
    page.write_text("".join(parts) + before[at:], encoding="utf-8")


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", nargs="?", type=Path, help="folder of the data that the page reads")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    given = parser.parse_args()
    folder = given.data.resolve() if given.data else None
    if not given.check:
        write(given.page.resolve(), folder)
        return 0
    found = differences(given.page.resolve(), folder)
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
