"""hailong codes poster: what it asks, measures, draws and prints."""

import json

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from builders import a_counter, a_round, an_installation
from PIL import Image

from survey_app.cli import main, poster_text


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A data folder with a round and two counters."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HAILONG_LANG", "en")
    for name in ("HAILONG_BASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    made = an_installation(tmp_path / "data")
    a_round(made)
    yield made
    made.engine.dispose()


@pytest.fixture
def poster(here, capsys):
    def run(*arguments, text=False):
        try:
            code = main(
                [
                    "codes",
                    "poster",
                    "demo",
                    *arguments,
                    "--out",
                    "out",
                    *([] if text else ["--json"]),
                ]
            )
        except SystemExit as left:
            code = left.code
        said = capsys.readouterr()
        return code, said.out if text else json.loads(said.out), said.err

    return run


def links(path):
    pages = pypdfium2.PdfDocument(path)
    pictures = [np.asarray(page.render(scale=1.5, grayscale=True).to_pil()) for page in pages]
    return [found.text for one in pictures for found in zxingcpp.read_barcodes(one)]


def test_posters_of_all_counters_or_of_some_in_a_file_each_or_together(here, poster, tmp_path):
    a_counter(here, "q1")
    a_counter(here, "q2")
    base = here.settings.base_url.upper()
    code, said, _ = poster("--distance", "100")
    assert code == 0
    assert said["result"]["files"] == ["out/poster-q1.pdf", "out/poster-q2.pdf"]
    assert links(tmp_path / "out/poster-q2.pdf") == [f"{base}/Q/Q2"]
    code, said, _ = poster("--together", "--paper", "a5", "--counter", "Q2", "--counter", "q1")
    assert said["result"]["files"] == ["out/posters.pdf"]
    assert links(tmp_path / "out/posters.pdf") == [f"{base}/Q/Q2", f"{base}/Q/Q1"]


def test_the_preview_measures_every_sheet_and_draws_one_poster(here, poster, tmp_path):
    a_counter(here, "q1")
    code, said, _ = poster("--preview", "--distance", "140", "--paper", "a3")
    assert (code, said["result"]["files"]) == (0, ["out/preview.png"])
    with Image.open(tmp_path / "out/preview.png") as drawn:
        [found] = zxingcpp.read_barcodes(np.asarray(drawn.convert("L")))
    assert found.text.endswith("/Q/Q1")
    rows = {(one["sheet"], one["paper"]): one for one in said["result"]["sizes"]}
    assert {key: row["serves"] for key, row in rows.items() if key[0] == "poster"} == {
        ("poster", "a3"): True, ("poster", "a4"): False, ("poster", "a5"): False,
    }  # fmt: skip
    assert rows["poster", "a3"]["side_mm"] == pytest.approx(141.4)
    for row in rows.values():
        assert row["module_mm"] == pytest.approx(row["side_mm"] / row["modules"], abs=0.01)
        assert row["reach_cm"] == pytest.approx(row["side_mm"], abs=1)
    assert rows["ticket", "80mm"]["serves"] is None


def test_a_preview_that_cannot_be_drawn_still_measures_and_says_why(here, poster, tmp_path):
    a_counter(here, "q1")
    code, said, _ = poster("--preview", "--distance", "300")
    assert (code, said["findings"][0]["code"]) == (1, "poster-too-far")
    assert said["result"]["files"] == []
    assert not (tmp_path / "out").exists()
    code, table, error = poster("--preview", "--distance", "300", text=True)
    assert (code, "not enough" in table, "110 cm" in error) == (1, True, True)
    code, said, _ = poster("--distance", "300")
    assert (code, said["findings"][0]["code"]) == (1, "poster-too-far")


def test_the_distance_is_asked_for_on_a_terminal(here, poster, monkeypatch, capsys):
    a_counter(here, "q1")
    monkeypatch.setattr(poster_text.sys.stdin, "isatty", lambda: True, raising=False)
    asked = []
    monkeypatch.setattr(
        poster_text.click, "prompt", lambda words, **options: asked.append((words, options)) or 110
    )
    code, table, _ = poster("--preview", text=True)
    assert code == 0
    assert "cm?" in asked[0][0]
    assert asked[0][1]["default"] == 100
    row = next(line for line in table.splitlines() if line.startswith("poster  A4"))
    assert "110.0" in row


def test_a_counter_or_round_that_is_not_there_is_refused(here, poster):
    assert poster()[1]["findings"][0]["code"] == "no-counters"
    a_counter(here, "q1")
    code, said, _ = poster("--counter", "q8", "--counter", "q9", "--counter", "q1")
    assert (code, [one["code"] for one in said["findings"]]) == (1, ["counter-unknown"] * 2)
    assert main(["codes", "poster", "nobody", "--out", "out"]) == 1
    assert main(["codes", "poster", "demo", "--out", "out", "--distance", "9"]) == 2
