"""Hostile CSV: refused under its code, at its limit and one above, for little time and memory.

Faults of honest tables have their tests in ``tests/intake`` and with the frame.
"""

import pytest
from costs import refusal

from intake.findings import HailongError
from intake.tables import MAX_LINE, read_table


def look(path, content, **more):
    """The codes of a CSV file that needs no column."""
    path = path / "a.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return refusal(lambda: read_table(path, required=[]), **more)


def rows(count, row="1,2"):
    return "a,b\n" + f"{row}\n" * count


SOUND = {
    "BOM": b"\xef\xbb\xbfa,b\n1,2\n",
    "Windows line ends": "a,b\r\n1,2\r\n",
    "old Macintosh line ends": "a,b\r1,2\r",
    "no last line end": "a,b\n1,2",
    "quotes": 'a,b\n"1,""x""\n;",2\n',
    "semicolons with commas inside": "a;b\n1,5;2\n",
    "tabs": "a\tb\n1\t2\n",
    "formulas are text": "a,b\n=1+1,@x\n",
    "fifty columns": ",".join(f"c{n}" for n in range(50)) + "\n",
    "a thousand characters": "a,b\n" + "ệ" * 1000 + ",2\n",
    "the longest row": ",".join(f"c{n}" for n in range(50)) + "\n" + ",".join(["x" * 1000] * 50),
    "empty rows": "a,b\n\n,\n1,2\n" + "\n" * 250_000,
}

REFUSED = {
    "empty": (b"", "table-empty"),
    "BOM alone": (b"\xef\xbb\xbf", "table-empty"),
    "two BOMs": (b"\xef\xbb\xbf\xef\xbb\xbfa,b\n1,2\n", "character-forbidden"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "encoding-not-utf8"),
    "UTF-16 without BOM": ("a,b\n1,2\n".encode("utf-16-le"), "character-forbidden"),
    "UTF-32": ("a,b\n1,2\n".encode("utf-32-be"), "character-forbidden"),
    "windows-1258": ("a,b\nHà Nội,2\n".encode("cp1252", "ignore"), "encoding-not-utf8"),
    "overlong": (b"a,b\n\xc0\xaf,2\n", "encoding-not-utf8"),
    "surrogates": (b"a,b\n\xed\xa0\x80,2\n", "encoding-not-utf8"),
    "NUL": (b"a,b\n1\x00,2\n", "character-forbidden"),
    "escape": ("a,b\n\x1b[2J,2\n", "character-forbidden"),
    "bidi": ("a,b\n\u202e1,2\n", "character-forbidden"),
    "bidi in the header": ("a\u202e,b\n1,2\n", "character-forbidden"),
    "line separator at the end of a cell": ("a,b\n1\u2028,2\n", "character-forbidden"),
    "separators of information": ("a,b\n1,2\x1f\n", "character-forbidden"),
    "next line": ("a,b\n1,2\x85\n", "character-forbidden"),
    "tags": ("a,b\n1\U000e0041,2\n", "character-forbidden"),
    "zero width": ("a,b\n1\u200b,2\n", "character-forbidden"),
    "mixed separators": ("a,b\n1;2\n", "row-length"),
    "open quotes": ('a,b\n"1,2\n' + "1,2\n" * 1000, "csv-broken"),
    "quotes inside": ('a,b\n"1"x,2\n', "csv-broken"),
    "51 columns": (",".join(f"c{n}" for n in range(51)) + "\n", "table-too-wide"),
    "1,001 characters": ("a,b\n" + "ệ" * 1001 + ",2\n", "cell-too-long"),
    "column name of 1,001": ("a" * 1001 + ",b\n1,2\n", "cell-too-long"),
    "one long line": ("a,b\n" + "x" * (MAX_LINE + 1), "row-too-long"),
    "a million columns": (",".join(map(str, range(1_000_000))) + "\n", "row-too-long"),
    "a row of a million": ("a,b\n" + "1," * 1_000_000 + "\n", "row-too-long"),
    "repeated columns": (",".join(["a"] * 49) + "\n", "column-repeated"),
    "marks out of order": ("a,b\na" + "\u0301\u0316" * 24_000 + ",2\n", "cell-too-long"),
    "marks in the header": ("a" + "\u0301\u0316" * 24_000 + ",b\n1,2\n", "cell-too-long"),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_odd_and_sound_is_read(tmp_path, name):
    assert look(tmp_path, SOUND[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_table_is_refused_at_little_cost(tmp_path, name):
    content, code = REFUSED[name]
    assert code in look(tmp_path, content, memory="million" in name)


def test_a_table_has_200_000_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(rows(200_000), encoding="utf-8")
    assert len(read_table(path, required=[]).rows) == 200_000
    path.write_text(rows(200_001), encoding="utf-8")
    with pytest.raises(HailongError) as error:
        read_table(path, required=[])
    codes = [(finding.code, finding.row) for finding in error.value.findings]
    assert codes == [("table-too-long", 200_002)]


def test_a_file_of_more_than_50_mib_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:  # a gigabyte that takes no place on the disk
        file.truncate(2**30)
    assert refusal(lambda: read_table(path, required=[])) == ["file-too-large"]


@pytest.mark.parametrize("name", ["none.csv", ".", "a\0b.csv", "x" * 300, "/dev/null/x"])
def test_a_name_that_no_file_has_is_said_to_be_missing(tmp_path, name):
    assert refusal(lambda: read_table(tmp_path / name, required=[])) == ["file-missing"]
