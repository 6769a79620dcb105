"""``hailong sample commit``, ``draw`` and ``verify``: from a promise to its proof."""

import json
import os
import stat
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from survey_app.cli import commitments, main

FRAME = "unit_id,unit_name,province,stratum,size\n" + "".join(
    f"a{number},Xã {number},31,s,{number}00\n" for number in range(1, 7)
)
DESIGN = """\
version: 1
name: small
stages:
  - {unit: commune, method: srs, take: 3}
reserves: {commune: 1}
"""
COMMIT = ("sample", "commit", "design.yaml", "--frame", "frame.csv", "--public-source",
          "lottery of 2 July", "--public-at", "2026-07-02 18:30", "--out", "promise")  # fmt: skip
DRAW = ("sample", "draw", "design.yaml", "--frame", "frame.csv", "--secret-file",
        "promise.secret", "--commitment", "promise/commitment.json", "--out", "draw")  # fmt: skip


@pytest.fixture
def clock(monkeypatch):
    """Sets the clock that the commands read."""

    def set_to(text):
        monkeypatch.setattr(commitments, "now", lambda: datetime.fromisoformat(text + "+07:00"))

    set_to("2026-06-20 09:00")
    return set_to


@pytest.fixture
def run(tmp_path, monkeypatch, capsys, clock):
    """Runs a command in a folder with a frame and a design; returns exit code and document."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setenv("HAILONG_LANG", "en")
    Path("frame.csv").write_text(FRAME, encoding="utf-8")
    Path("design.yaml").write_text(DESIGN, encoding="utf-8")
    capsys.readouterr()

    def call(*arguments):
        try:
            code = main([*map(str, arguments), "--json"])
        except SystemExit as left:
            code = left.code
        out = capsys.readouterr().out
        return code, json.loads(out) if out else {}

    return call


def codes(document):
    return [finding["code"] for finding in document["findings"]]


def test_a_promise_is_made_opened_and_proved(run, clock):
    code, said = run(*COMMIT, "--issuer", "Sở Nội vụ")
    assert code == 0, said
    assert {path.name for path in Path("promise").iterdir()} == {
        "commitment.json", "notice.md", "notice.docx", "notice.pdf"}  # fmt: skip
    secret = Path("promise.secret").read_text().strip()
    assert len(secret) == 64
    assert stat.S_IMODE(Path("promise.secret").stat().st_mode) == 0o600
    assert said["result"]["commitment"] == sha256(secret.encode()).hexdigest()
    assert not any(secret.encode() in path.read_bytes() for path in Path("promise").iterdir())

    clock("2026-07-02 18:30")
    code, said = run(*DRAW, "--public", "48213", "--operator", "Tổ công tác")
    assert (code, said["findings"]) == (0, [])
    names = {path.name for path in Path("draw").iterdir()}
    assert {"minutes.md", "minutes.docx", "minutes.pdf", "commitment.json"} <= names
    assert "9 giờ 00 phút, ngày 20 tháng 6 năm 2026" in Path("draw/minutes.md").read_text("utf-8")
    record = json.loads(Path("draw/draw.json").read_text("utf-8"))
    assert record["occasion"] == {"operator": "Tổ công tác", "drawn_on": "2026-07-02"}
    for arguments in ((), ("--commitment", "promise/commitment.json")):
        code, said = run("sample", "verify", "draw", *arguments)
        assert code == 0
        assert said["result"]["commitment"]["made_at"] == "2026-06-20T09:00+07:00"


def test_what_differs_from_the_promise_is_named_and_nothing_is_drawn(run, clock):
    run(*COMMIT)
    clock("2026-07-02 18:29")
    Path("frame.csv").write_text(FRAME.replace("100\n", "101\n"), encoding="utf-8")
    Path("design.yaml").write_text(DESIGN.replace("take: 3", "take: 2"), encoding="utf-8")
    Path("promise.secret").write_text("another secret of forty characters or more")
    code, said = run(*DRAW)
    assert code == 1
    assert codes(said) == ["draw-commitment-frame", "draw-commitment-design",
                           "draw-commitment-secret", "draw-public-missing",
                           "draw-too-early"]  # fmt: skip
    assert not Path("draw").exists()


def test_the_proof_fails_when_the_promise_was_changed(run, clock):
    run(*COMMIT)
    clock("2026-07-03 08:00")
    assert run(*DRAW, "--public", "48213")[0] == 0
    kept = Path("draw/commitment.json")
    changed = json.loads(kept.read_text("utf-8"))
    kept.write_text(json.dumps(changed | {"public_source": "dice"}), encoding="utf-8")
    code, said = run("sample", "verify", "draw", "--commitment", "promise/commitment.json")
    assert (code, codes(said)) == (1, ["draw-commitment-differs"])
    kept.write_text(json.dumps(changed | {"H_frame": "0" * 64}), encoding="utf-8")
    assert codes(run("sample", "verify", "draw")[1]) == ["draw-commitment-frame"]
    kept.write_text(json.dumps(changed | {"public_at": "2026-07-04"}), encoding="utf-8")
    assert codes(run("sample", "verify", "draw")[1]) == ["draw-too-early"]
    kept.write_text("{", encoding="utf-8")
    assert codes(run("sample", "verify", "draw")[1]) == ["draw-commitment-broken"]


def test_a_secret_is_never_overwritten_and_a_weak_one_is_noted(run):
    Path("mine").write_text("7\n")
    os.chmod("mine", 0o644)  # noqa: PTH101
    code, said = run(*COMMIT, "--secret-file", "mine")
    assert code == 0
    assert codes(said) == ["draw-secret-readable", "draw-secret-short"]
    assert Path("mine").read_text() == "7\n"
    assert said["result"]["commitment"] == sha256(b"7").hexdigest()
    assert codes(run(*COMMIT, "--secret-file", "mine")[1]) == ["draw-directory-not-empty"]
    Path("empty").write_text("\n")
    code, said = run(*COMMIT[:-1], "other", "--secret-file", "empty")
    assert codes(said) == ["draw-secret-file-unusable"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (("--public-at", "2026-06-20 09:00"), "draw-public-too-early"),
        (("--public-at", "next week"), "draw-public-time-invalid"),
        (("--public-at", "9999-12-31T23:59-12:00"), "draw-public-time-invalid"),
        (("--public-source", ""), "draw-public-source-invalid"),
        (("--frame", "none.csv"), "file-missing"),
    ],
)
def test_a_promise_that_cannot_be_kept_makes_no_secret(run, changed, code):
    ran, said = run(*COMMIT, *changed)
    assert ran == 1
    assert codes(said) == [code]
    assert not Path("promise.secret").exists()
    assert not Path("promise").exists()


def test_a_draw_takes_one_secret(run):
    draw = ("sample", "draw", "design.yaml", "--frame", "frame.csv", "--out", "draw")
    Path("mine").write_text("x" * 40)
    assert run(*draw)[0] == 2
    assert run(*draw, "--seed", "7", "--secret-file", "mine")[0] == 2
    assert run(*draw, "--seed", "7")[0] == 0
    code, said = run("sample", "verify", "draw")
    assert (code, said["result"]["commitment"]) == (0, None)


def test_a_draw_by_rate_that_hits_nobody_is_said_and_repeats(run):
    Path("rare.yaml").write_text(
        "version: 1\nstages:\n - {unit: commune, method: srs, rate: 0.001}\n", encoding="utf-8"
    )
    code, said = run("sample", "draw", "rare.yaml", "--frame", "frame.csv", "--seed", "7",
                     "--out", "rare")  # fmt: skip
    assert code == 0
    assert said["result"]["cases"] == 0
    assert run("sample", "verify", "rare")[0] == 0


# What verifying proves, and what it says that it cannot


def text_of(capsys, *arguments):
    """Run a command for people; return its exit code, standard output and standard error."""
    try:
        code = main(list(map(str, arguments)))
    except SystemExit as left:
        code = left.code
    said = capsys.readouterr()
    return code, said.out, said.err


def test_changed_minutes_are_refused_with_file_and_line_and_kept_ones_are_told(run, capsys):
    run("sample", "draw", "design.yaml", "--frame", "frame.csv", "--seed", "7", "--out", "draw",
        "--place", "Hải Phòng", "--survey", "SIPAS 2026")  # fmt: skip
    code, said = run("sample", "verify", "draw")
    assert (code, said["findings"]) == (0, [])
    assert said["result"]["minutes"] == dict.fromkeys(
        ("minutes.md", "minutes.docx", "minutes.pdf"), "bytes"
    )
    code, out, _ = text_of(capsys, "--lang", "en", "sample", "verify", "draw")
    assert "minutes.md, minutes.docx, minutes.pdf the same byte for byte" in out
    assert "place, bodies and title of the survey" in out
    assert "No commitment comes with it" in out
    Path("draw/minutes.pdf").unlink()
    code, out, _ = text_of(capsys, "--lang", "vi", "sample", "verify", "draw")
    assert (
        "minutes.md, minutes.docx giống nhau từng byte; minutes.pdf không có trong thư mục" in out
    )
    path = Path("draw/minutes.md")
    path.write_text(path.read_text("utf-8").replace("| Xã ", "| Phường ", 1), encoding="utf-8")
    code, said = run("sample", "verify", "draw")
    assert (code, codes(said)) == (1, ["draw-minutes-differ"])
    assert said["findings"][0]["file"] == "minutes.md"
    assert "Phường" in path.read_text("utf-8").split("\n")[said["findings"][0]["row"] - 1]


def seed_of(folder):
    return json.loads(Path(folder, "draw.json").read_text("utf-8"))["seed"]


def draw_by(run, folder, seed="", secret="9", method="srs"):
    """Draw into a folder, by the numbers of an earlier seed where one is given."""
    numbers = f", coordination: {{seed: {seed}, shift: 0.1}}" if seed else ""
    stage = f"{{unit: commune, method: {method}, take: 3{numbers}}}"
    Path("d.yaml").write_text(f"version: 1\nname: n\nstages: [{stage}]\n", encoding="utf-8")
    code, said = run("sample", "draw", "d.yaml", "--frame", "frame.csv", "--seed", secret,
                     "--out", folder)  # fmt: skip
    assert code == 0, said
    for name in ("minutes.docx", "minutes.pdf"):  # compared elsewhere, and slow
        Path(folder, name).unlink()


def test_the_earlier_draw_whose_numbers_a_draw_goes_by_is_asked_for_and_proved(run, capsys):
    draw_by(run, "one")
    draw_by(run, "two", seed_of("one"))
    code, said = run("sample", "verify", "two")
    assert (code, codes(said)) == (0, ["draw-earlier-unchecked"])
    assert seed_of("one")[:16] in said["findings"][0]["message"]
    code, said = run("sample", "verify", "two", "--earlier", "one")
    assert (code, codes(said)) == (0, [])
    (link,) = said["result"]["earlier"]
    first, second = (
        {line.split(",")[0] for line in Path(one, "sample.csv").read_text().splitlines()[1:]}
        for one in ("one", "two")
    )
    assert (link["stage"], link["seed"], link["both"]) == (
        "commune", seed_of("one"), len(first & second))  # fmt: skip
    assert link["expected"] == pytest.approx(6 * 0.25)
    _, out, _ = text_of(capsys, "--lang", "vi", "sample", "verify", "two", "--earlier", "one")
    assert "Lần chọn trước one: khớp hạt giống" in out
    assert "trung bình 1,5" in out
    Path("one/redraw.py").unlink()
    (noted,) = run("sample", "verify", "two", "--earlier", "one")[1]["findings"]
    assert (noted["code"], noted["file"]) == ("draw-program-differs", "one/redraw.py")
    # A changed earlier draw is refused with its folder, an unrelated one is not taken.
    draw_by(run, "other", secret="10")
    code, said = run("sample", "verify", "two", "--earlier", "one", "--earlier", "other")
    assert (code, codes(said)) == (1, ["draw-earlier-unnamed"])
    path = Path("one/sample.csv")
    path.write_text(path.read_text("utf-8").replace("drawn", "reserve", 1), encoding="utf-8")
    code, said = run("sample", "verify", "two", "--earlier", "one")
    assert (code, said["findings"][0]["file"]) == (1, "one/sample.csv")


def test_a_chain_of_draws_is_followed_and_numbers_nobody_went_by_are_told(run):
    draw_by(run, "one")
    draw_by(run, "two", seed_of("one"))
    draw_by(run, "three", seed_of("two"), secret="11")
    code, said = run("sample", "verify", "three", "--earlier", "two")
    # Two went by the numbers of one: naming the seed of two keeps none of its units.
    assert (code, sorted(codes(said))) == (
        0, ["draw-earlier-other-numbers", "draw-earlier-unchecked"])  # fmt: skip
    code, said = run("sample", "verify", "three", "--earlier", "two", "--earlier", "one")
    assert codes(said) == ["draw-earlier-other-numbers"]
    assert [one["folder"] for one in said["result"]["earlier"]] == ["two", "one"]
    draw_by(run, "sized", secret="12", method="pps_systematic")
    draw_by(run, "four", seed_of("sized"))
    assert codes(run("sample", "verify", "four", "--earlier", "sized")[1]) == [
        "draw-earlier-other-numbers"
    ]


def test_an_earlier_draw_of_a_later_day_is_refused(run):
    draw_by(run, "one")
    draw_by(run, "two", seed_of("one"))
    for folder, day in (("one", "2026-08-02"), ("two", "2026-08-01")):
        path = Path(folder, "draw.json")
        record = json.loads(path.read_text("utf-8"))
        record["occasion"]["drawn_on"] = day
        path.write_text(json.dumps(record), encoding="utf-8")
        Path(folder, "minutes.md").unlink()
    code, said = run("sample", "verify", "two", "--earlier", "one")
    assert (code, codes(said)) == (1, ["draw-earlier-later"])
    assert "2026-08-02" in said["findings"][0]["message"]
