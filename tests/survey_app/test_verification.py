"""A release checked by a stranger, and by one who does not trust whoever signs it (G8, G9, G10)."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from builders import an_installation
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from small_release import (
    ROUND,
    a_release,
    an_answered_round,
    an_exclusion,
    only_its_rules,
    results,
    scores,
)
from sqlalchemy import select

from analysis.publication.pages import write_site
from analysis.publication.release import seal
from analysis.publication.tables import rewrite_workbook
from analysis.respondents import read_respondents, write_respondents
from intake.findings import ReleaseError
from survey_app.cli import main
from survey_app.db import reading
from survey_app.db.answers import response
from survey_app.db.audit import exclusion
from survey_app.db.fieldwork import receipt
from survey_app.services.integrity import make_checkpoint
from survey_app.services.trail.audit import BEGINNING, canonical, hash_of
from survey_app.services.trail.checkpoints import _message, fingerprint, read_public_key
from survey_app.services.verification import verify_bundle
from survey_app.services.verification.bundle import Bundle
from survey_app.services.verification.microdata import answers

# All in one worker: the release is made once.
pytestmark = pytest.mark.xdist_group("verification")

SAMPLE = f"data/{ROUND}/sample"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An installation with a published release: two exclusions, three checkpoints."""
    folder = tmp_path_factory.mktemp("verified")
    with pytest.MonkeyPatch.context() as patch:
        only_its_rules(patch)
        installation = an_installation(folder / "data")
        units = an_answered_round(installation, folder)
        make_checkpoint(installation)
        with reading(installation.engine) as connection:
            places = sorted(row.hex() for row in connection.scalars(select(response.c.id)))
        for place in places[3:5]:
            an_exclusion(installation, place)
        results(installation)
        make_checkpoint(installation)
        scores(installation, folder, units)
        a_release(installation, folder / "release")
        yield installation, folder / "release"
        installation.engine.dispose()


@pytest.fixture(scope="module")
def restricted(made):
    return made[0].settings.data / "restricted" / "release"


@pytest.fixture(scope="module")
def work(made, tmp_path_factory):
    """A copy of the release for each tampering, made whole again before each."""
    return Copy(made, tmp_path_factory.mktemp("copy") / "release")


class Copy:
    def __init__(self, made, folder):
        self.installation, self.source = made
        self.folder = folder
        secret = (self.installation.settings.keys / "audit.key").read_bytes()
        self.signer = Ed25519PrivateKey.from_private_bytes(secret)

    def fresh(self, *, pages=True):
        """The folder anew; without pages where a fault is to be found before them."""
        shutil.rmtree(self.folder, ignore_errors=True)
        left = None if pages else shutil.ignore_patterns("site")
        shutil.copytree(self.source, self.folder, ignore=left)
        return self.folder

    def sealed(self, signer=None):
        """What an insider does who has the key: all files listed again, and signed."""
        seal(self.folder)
        manifest = (self.folder / "manifest.json").read_bytes()
        (self.folder / "manifest.sig").write_bytes((signer or self.signer).sign(manifest))

    def first(self, **more):
        found = verify_bundle(self.folder, key=self.signer.public_key(), **more).findings
        return (found[0].code, found[0].path or found[0].file) if found else None


def changed(line):
    """The line with its last letter or digit turned into another one."""
    place = max(at for at, sign in enumerate(line) if sign.isalnum())
    other = "1" if line[place] != "1" else "2"
    return line[:place] + other + line[place + 1 :]


def tampered(lines, kind, at):
    """Lines with one changed, removed, doubled, or in the place of the next."""
    lines, at = list(lines), at % len(lines)
    if kind == "change":
        lines[at] = changed(lines[at])
    elif kind == "remove":
        del lines[at]
    elif kind == "add":
        lines.insert(at, lines[at])
    else:
        other = (at + 1) % len(lines)
        lines[at], lines[other] = lines[other], lines[at]
    return lines


KINDS = st.sampled_from(("change", "remove", "add", "reorder"))


def test_a_release_is_found_sound_and_says_what_was_looked_at(made, restricted):
    _, folder = made
    key = read_public_key(folder / "log" / "checkpoint.pub")
    sent = sorted((made[0].settings.data / "checkpoints").glob("*.json"))
    assert len(sent) == 3
    whole = verify_bundle(folder, key=key, restricted=restricted, published=sent)
    assert (list(whole.findings), whole.computed) == ([], True)
    assert whole.figures > 1000
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["key_sha256"] == fingerprint(key)
    assert len(manifest["versions"]["lock_sha256"]) == 64
    for page in ("site/tai-ve.html", "site/en/downloads.html"):
        assert fingerprint(key) in (folder / page).read_text(encoding="utf-8")


def test_the_signature_is_one_that_openssl_reads(made, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    _, folder = made
    key = read_public_key(folder / "log" / "checkpoint.pub")
    pem = tmp_path / "key.pem"
    pem.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", pem, "-rawin", "-in",
         folder / "manifest.json", "-sigfile", folder / "manifest.sig"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@settings(max_examples=25)
@given(data=st.data())
def test_any_file_changed_removed_added_or_exchanged_is_named(work, data):
    folder = work.fresh()
    names = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(names))
    kind = data.draw(KINDS)
    name = path.relative_to(folder).as_posix()
    if kind == "change":
        content = bytearray(path.read_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
    elif kind == "remove":
        path.unlink()
    elif kind == "add":
        name += ".more"
        (folder / name).write_bytes(b"x")
    else:
        other = data.draw(st.sampled_from([one for one in names if one != path]))
        if other.read_bytes() == path.read_bytes():
            return
        one, two = path.read_bytes(), other.read_bytes()
        path.write_bytes(two)
        other.write_bytes(one)
        names = {name, other.relative_to(folder).as_posix()}
        assert work.first()[1] in names | {"manifest.json", "manifest.sig"}
        return
    expected = {"manifest.sig": {"manifest.sig", "manifest.json"}}.get(name, {name})
    assert work.first()[1] in expected


@settings(max_examples=25)
@given(kind=KINDS, at=st.integers(0, 10**6))
def test_any_log_line_is_named_even_when_the_signer_seals_the_release_again(work, kind, at):
    file = work.fresh(pages=False) / "log" / "audit.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(tampered(lines, kind, at)) + "\n", encoding="utf-8")
    work.sealed()
    code, item = work.first()
    number = at % len(lines) + 1
    rows = {"reorder": min(number, number % len(lines) + 1), "add": number + 1}
    if number == len(lines) and kind == "remove":
        # The row of the last checkpoint: the checkpoint is there and the log knows nothing of it.
        assert code == "checkpoint"
    elif code == "release-file-unreadable":
        assert kind == "change"
        assert item == "log/audit.jsonl"
    else:
        assert (code, item) == ("audit-row", f"audit {rows.get(kind, number)}")


@settings(max_examples=20)
@given(
    file=st.sampled_from(("log/checkpoints.jsonl", "log/exclusions.csv", f"{SAMPLE}/frame.csv",
                          f"{SAMPLE}/sample.csv", f"data/{ROUND}/receipts.txt")),
    kind=KINDS,
    at=st.integers(0, 10**6),
)  # fmt: skip
def test_any_checkpoint_exclusion_frame_row_weight_or_receipt_is_named(work, file, kind, at):
    path = work.fresh(pages=False) / file
    head, lines = [], path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".csv":
        head, lines = lines[:1], lines[1:]
    after = tampered(lines, kind, at)
    path.write_text("\n".join([*head, *after]) + "\n", encoding="utf-8")
    work.sealed()
    code, item = work.first()
    place = at % len(lines)
    expected = {
        "log/checkpoints.jsonl": ("checkpoint", "checkpoint "),
        "log/exclusions.csv": ("exclusion", "exclusion "),
        f"{SAMPLE}/frame.csv": ("draw-file", f"{SAMPLE}/frame.csv"),
        f"{SAMPLE}/sample.csv": ("draw-file", f"{SAMPLE}/sample.csv"),
        f"data/{ROUND}/receipts.txt": ("round-unlogged", f"{ROUND} receipts.txt"),
    }[file]
    if code != "release-file-unreadable":
        assert (code, item[: len(expected[1])]) == expected
    if file == "log/exclusions.csv" and kind in {"remove", "add"}:
        assert lines[place].split(",")[1] in item or place < len(lines) - 1


def test_a_weight_of_the_log_that_the_draw_does_not_give_is_named(work):
    folder = work.fresh(pages=False)
    rows = log_of(folder)
    created = next(row for row in rows if row["action"] == "round-created")
    payload = json.loads(created["payload"])
    name = sorted(payload["cells"])[0]
    payload["cells"][name][4] = 1.5
    created["payload"] = canonical(payload).decode()
    rewritten(work, rows)
    assert work.first() == ("cell", f"cell {name}")


def test_a_draw_with_another_secret_is_named_even_with_a_log_to_match(work):
    folder = work.fresh(pages=False)
    path = folder / SAMPLE / "draw.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(held | {"secret": "8" * 64}, indent=1), encoding="utf-8")
    rows = log_of(folder)
    created = next(row for row in rows if row["action"] == "round-created")
    payload = json.loads(created["payload"])
    payload["files"]["draw.json"] = sha256(path.read_bytes()).hexdigest()
    created["payload"] = canonical(payload).decode()
    rewritten(work, rows)
    code, item = work.first()
    assert (code, item.startswith(SAMPLE)) == ("draw-differs", True)


def test_a_commitment_that_the_draw_does_not_open_is_named(work):
    folder = work.fresh(pages=False)
    path = folder / SAMPLE / "commitment.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    assert sha256(json.loads((folder / SAMPLE / "draw.json").read_text("utf-8"))["secret"].encode()
                  ).hexdigest() == held["commitment"]  # fmt: skip
    path.write_text(path.read_text("utf-8").replace(held["commitment"], "ab" * 32), "utf-8")
    rows = log_of(folder)
    created = next(row for row in rows if row["action"] == "round-created")
    payload = json.loads(created["payload"])
    payload["files"]["commitment.json"] = sha256(path.read_bytes()).hexdigest()
    created["payload"] = canonical(payload).decode()
    rewritten(work, rows)
    code, item = work.first()
    assert (code, item.startswith(SAMPLE)) == ("draw-differs", True)


def log_of(folder):
    lines = (folder / "log" / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def rewritten(work, rows):
    """What whoever has the signing key can do: the whole log and its checkpoints made anew."""
    before, hashes, signed = BEGINNING, {0: BEGINNING}, []
    for row in rows:
        if row["action"] == "checkpoint-made":
            made = json.loads(row["payload"])
            made["hash"] = hashes[made["seq"]]
            kept = {name: made[name] for name in ("seq", "day", "hash", "root", "count")}
            made["signature"] = work.signer.sign(_message(kept)).hex()
            signed.append(made)
            row["payload"] = canonical(made).decode()
        if "payload" in row:
            row["payload_sha256"] = sha256(row["payload"].encode()).hexdigest()
        row["prev"] = before
        before = hashes[row["seq"]] = row["hash"] = hash_of(row)
    log = work.folder / "log"
    for name, lines in (("audit.jsonl", rows), ("checkpoints.jsonl", signed)):
        text = "".join(canonical(line).decode() + "\n" for line in lines)
        (log / name).write_text(text, encoding="utf-8")
    work.sealed()


def test_a_history_made_anew_by_the_signer_is_seen_by_a_checkpoint_that_was_sent_on(work, made):
    folder = work.fresh()
    rows = log_of(folder)
    rows[2]["actor"] = "nobody"
    rewritten(work, rows)
    write_site(folder)
    work.sealed()
    assert work.first() is None
    (sent, *_) = sorted((made[0].settings.data / "checkpoints").glob("*.json"))
    assert work.first(published=[sent]) == ("checkpoint-published", sent.name)


@pytest.mark.parametrize("odd", ["text for an object", "a link to nowhere"])
def test_what_its_signer_made_odd_is_a_finding_and_no_fault(work, odd):
    folder = work.fresh()
    file = folder / "tables" / ("units.csv" if "link" in odd else "release.json")
    if "link" in odd:
        file.unlink()
        file.symlink_to(folder / "nowhere")
    else:
        told = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps(told | {"province": "x"}), encoding="utf-8")
    work.sealed()
    assert work.first()[0] == "release-file-unreadable"


def test_another_signer_is_refused_with_the_printed_key_alone(work):
    folder = work.fresh()
    stranger = Ed25519PrivateKey.generate()
    work.sealed(stranger)
    assert work.first() == ("release-signature", "manifest.json")
    # Without a printed key a stranger only has to bring a key of their own, and log to match.
    (folder / "log" / "checkpoint.pub").write_text(stranger.public_key().public_bytes_raw().hex())
    work.sealed(stranger)
    assert verify_bundle(folder).findings[0].code == "release-key"
    facts = folder / "tables" / "release.json"
    printed = fingerprint(work.signer.public_key())
    own = facts.read_text(encoding="utf-8").replace(printed, fingerprint(stranger.public_key()))
    facts.write_text(own, encoding="utf-8")
    work.sealed(stranger)
    assert verify_bundle(folder).findings[0].code == "checkpoint"
    for name in ("manifest.sig", "log/checkpoint.pub"):
        work.fresh()
        (folder / name).unlink()
        assert verify_bundle(folder).findings[0].code == "release-unsigned"


def test_what_excluding_changed_is_told_without_telling_of_the_two_excluded(made, restricted, work):
    _, folder = made
    table = pd.read_csv(folder / "tables" / "sensitivity.csv", dtype=str, keep_default_na=False)
    whole = table[table["domain"] == ""]
    assert set(whole["rule"]) == {"top2", "mean5", "mean04"}
    assert set(whole["n_excluded"]) == {"2"}
    # Two are too few: the figure with them would tell of them; the verdict does not.
    assert set(table["with_excluded"]) == {""}
    assert set(table["flag"]) <= {"c", "u"}
    shown = whole[whole["value"] != ""]
    assert set(shown["verdict"]) <= {"small", "review"}
    assert set(whole["verdict"]) <= {"small", "review", ""}
    assert "Phiếu bị loại" in (folder / "site" / "phuong-phap.html").read_text(encoding="utf-8")
    # Whoever says another number of excluded is found out.
    copy = work.fresh()
    path = copy / "tables" / "sensitivity.csv"
    path.write_bytes(path.read_bytes().replace(b",2,", b",3,", 1))
    rewrite_workbook(path.parent, path.with_name("hailong.xlsx"))
    write_site(copy)
    work.sealed()
    assert work.first(restricted=restricted) == ("figure", "tables/sensitivity.csv 2 n_excluded")


def test_two_people_are_believed_of_the_log_alone(work):
    facts = work.fresh(pages=False) / "tables" / "release.json"
    said = facts.read_text(encoding="utf-8").replace('"two_person": false', '"two_person": true')
    facts.write_text(said, encoding="utf-8")
    work.sealed()
    code, item = work.first()
    assert (code, item.split()[0]) == ("freeze-by-one", "audit")


def test_a_manifest_that_says_other_than_the_tables_is_named(work):
    manifest = work.fresh() / "manifest.json"
    held = json.loads(manifest.read_text(encoding="utf-8"))
    for name, other in (("simulated", False), ("versions", {}), ("seeds", {ROUND: "9"})):
        manifest.write_text(json.dumps(held | {name: other}), encoding="utf-8")
        signature = work.signer.sign(manifest.read_bytes())
        (work.folder / "manifest.sig").write_bytes(signature)
        assert work.first() == ("release-manifest", f"manifest.json {name}")


def test_a_page_that_says_other_than_the_tables_is_named(work):
    page = work.fresh() / "site" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("%", "&#37;", 1), encoding="utf-8")
    work.sealed()
    assert work.first() == ("page-differs", "site/index.html")


@pytest.mark.long
def test_of_a_chart_words_and_numbers_count_and_not_how_its_lines_run(work):
    charts = sorted((work.fresh() / "site").rglob("*.svg"))
    chart = next(path for path in charts if "<text" in path.read_text(encoding="utf-8"))
    drawn = chart.read_text(encoding="utf-8")
    for text, name in (
        (drawn.replace("<svg ", '<svg data-x="1" ', 1), None),
        (re.sub(r"(<text[^>]*>)[^<]+", r"\g<1>99", drawn, count=1), chart),
    ):
        chart.write_text(text, encoding="utf-8")
        work.sealed()
        expected = name and ("page-differs", name.relative_to(work.folder).as_posix())
        assert work.first() == expected


@pytest.mark.long
def test_a_workbook_that_says_other_than_the_tables_is_named(work):
    path = work.fresh() / "tables" / "hailong.xlsx"
    book = load_workbook(path)
    sheet = book["estimates"]
    sheet.cell(2, 1).value = "another"
    book.save(path)
    write_site(work.folder)
    work.sealed()
    assert work.first() == ("workbook-differs", "tables/hailong.xlsx estimates 2")
    # The same cells packed otherwise are the same workbook.
    sheet.cell(2, 1).value = ROUND
    book.save(path)
    write_site(work.folder)
    work.sealed()
    assert work.first() is None


def test_a_figure_that_the_answers_do_not_give_is_named(work, restricted):
    folder = work.fresh()
    path = folder / "tables" / "estimates.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = table.index[table["value"] != ""][0]
    table.loc[row, "value"] = "99.9"
    table.to_csv(path, index=False, lineterminator="\r\n")
    rewrite_workbook(path.parent, path.with_name("hailong.xlsx"))
    write_site(folder)
    work.sealed()
    assert work.first() is None
    assert work.first(restricted=restricted) == (
        "figure",
        f"tables/estimates.csv {row + 2} value",
    )


@pytest.mark.long
def test_another_specification_of_weights_gives_other_figures(work, restricted):
    path = work.fresh() / "data" / ROUND / "weights.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('"1": 70', '"1": 90'), "utf-8")
    write_site(work.folder)
    work.sealed()
    code, item = work.first(restricted=restricted)
    assert (code, item.split()[0]) == ("figure", "tables/estimates.csv")


@settings(max_examples=20)
@given(kind=KINDS, at=st.integers(0, 10**6), column=st.sampled_from(("cau_9_01", "design_weight")))
def test_any_response_or_weight_of_the_frozen_file_is_named(
    made, restricted, tmp_path_factory, kind, at, column
):
    _, folder = made
    frozen = read_respondents(restricted / ROUND / "respondents.parquet")
    table = frozen.table
    place = at % len(table)
    rows = list(range(len(table)))
    after = table.iloc[tampered_rows(rows, kind, place)].reset_index(drop=True)
    if kind == "change":
        after.loc[place, column] = after.loc[place, column] % 5 + 1
    elif after.equals(table):
        return
    place = (tmp_path_factory.getbasetemp() / "microdata") / ROUND
    place.mkdir(parents=True, exist_ok=True)
    write_respondents(after, frozen.meta, place / "respondents.parquet")
    first, *_ = answers(Bundle(folder, None), place.parent)
    same = [
        one == two
        for one, two in zip(after.to_dict("records"), table.to_dict("records"), strict=False)
    ]
    number = same.index(False) + 1 if False in same else min(len(after), len(table)) + 1
    assert (first.code, first.path) == ("response", f"{ROUND} response {number}")


def tampered_rows(rows, kind, at):
    if kind == "change":
        return rows
    if kind == "remove":
        return rows[:at] + rows[at + 1 :]
    if kind == "add":
        return [*rows[: at + 1], *rows[at:]]
    other = (at + 1) % len(rows)
    rows[at], rows[other] = rows[other], rows[at]
    return rows


def test_nothing_published_can_be_joined_with_a_row_of_the_database_or_with_an_answer(made):
    installation, folder = made
    receipts = set((folder / "data" / ROUND / "receipts.txt").read_text().split())
    marks = set((folder / "data" / ROUND / "answers.txt").read_text().split())
    assert (len(receipts), len(marks)) == (48, 46)
    with reading(installation.engine) as connection:
        rows = [*connection.execute(select(receipt)), *connection.execute(select(response))]
    kept = {bytes(cell).hex() for row in rows for cell in row if isinstance(cell, bytes)}
    assert kept.isdisjoint(receipts | marks)
    assert receipts.isdisjoint(marks)
    # No table, page or file of the release carries a receipt, but the list and its copy.
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "receipts.txt":
            text = path.read_bytes()
            assert not any(one.encode() in text for one in receipts), path


def run(capsys, *words):
    capsys.readouterr()
    try:
        code = main(["--lang", "en", "verify", *map(str, words)])
    except SystemExit as left:
        code = left.code
    said = capsys.readouterr()
    return code, said.out + said.err


def test_the_command_needs_no_installation_and_says_what_it_looked_at(
    made, restricted, capsys, monkeypatch, tmp_path
):
    installation, folder = made
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "nowhere"))
    code, said = run(capsys, folder)
    assert code == 0
    assert "checked only against the key in the release itself" in said
    assert fingerprint(read_public_key(folder / "log" / "checkpoint.pub")) in said
    assert "figures not computed again" in said
    key = installation.settings.data / "checkpoints" / "checkpoint.pub"
    code, said = run(capsys, folder, "--key", key, "--restricted", restricted)
    assert (code, bool(re.search(r"All [0-9]{4} figures equal\.", said))) == (0, True)
    assert "checked only" not in said
    (tmp_path / "empty").mkdir()
    code, said = run(capsys, folder, "--restricted", tmp_path / "empty")
    assert (code, "--restricted holds no" in said) == (1, True)
    code, said = run(capsys, tmp_path / "empty")
    assert (code, "manifest.json" in said) == (1, True)


def test_a_release_of_a_frozen_file_that_the_log_does_not_know_is_refused(made, monkeypatch):
    from survey_app.services.releases.publishing import publish

    installation, folder = made
    only_its_rules(monkeypatch)
    place = installation.settings.rounds / ROUND
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("survey_app.db.exports.count_excluded", lambda *_: 3)
        with pytest.raises(ReleaseError) as refused:
            publish(installation, [ROUND], 2026, folder.with_name("never"))
        assert [one.code for one in refused.value.findings] == ["excluded-since"]
    for file, code in (
        ("respondents.parquet", "frozen-unrecorded"),
        ("estimates.parquet", "results-unrecorded"),
        ("receipts.txt", "receipts-unrecorded"),
    ):
        kept = (place / file).read_bytes()
        (place / file).write_bytes(kept + b"\n")
        with pytest.raises(ReleaseError) as refused:
            publish(installation, [ROUND], 2026, folder.with_name("never"))
        (place / file).write_bytes(kept)
        assert code in [one.code for one in refused.value.findings]
        assert not Path(folder.with_name("never")).exists()


@pytest.mark.long
def test_a_correction_is_a_new_release_that_names_the_old_on_its_pages(
    made, restricted, monkeypatch, capsys, tmp_path
):
    """The one release of these tests is corrected; a trial may also build without saying so."""
    from survey_app.services.releases.corrections import correction_of, newest_release

    installation, folder = made
    only_its_rules(monkeypatch)
    real = replace(installation, settings=replace(installation.settings, two_person=True))
    old = sha256((folder / "manifest.json").read_bytes()).hexdigest()
    out = folder.with_name("corrected")

    def refused(*words):
        with pytest.raises(ReleaseError) as error:
            correction_of(real, [ROUND], 2026, *words)
        return [one.code for one in error.value.findings]

    assert correction_of(real, ["other"], 2026, out, "", "") is None
    assert correction_of(installation, [ROUND], 2026, out, "", "") is None
    assert refused(out, "", "") == ["release-stands"]
    assert refused(out, old, "") == ["reason-unusable"]
    assert refused(out, old, "x" * 1001) == ["reason-unusable"]
    assert refused(out, "ab" * 32, "lý do") == ["corrects-unknown"]
    assert refused(folder, old, "lý do") == ["release-kept"]
    assert refused(folder, "", "lý do") == ["reason-unusable", "release-stands", "release-kept"]
    corrects = correction_of(real, [ROUND], 2026, out, old, " Hai phiếu <điền hộ> ")
    a_release(installation, out, corrects=corrects)
    for page in ("site/index.html", "site/en/index.html"):
        text = (out / page).read_text(encoding="utf-8")
        assert old in text
        assert "Hai phiếu &lt;điền hộ&gt;" in text
    assert "<strong>Correction.</strong>" in text
    code, said = run(capsys, out)
    assert (code, f"It corrects {old}: Hai phiếu <điền hộ>" in said) == (0, True)
    releases = replace(installation.settings, data=tmp_path)
    releases.releases.mkdir()
    # Both of one day: the one that was corrected is shown no more, whatever its name.
    for name, source in (("z-old", folder), ("a-new", out)):
        shutil.copytree(source, releases.releases / name)
    assert newest_release(releases).name == "a-new"


def corrected_as(installation, folder, out, monkeypatch, **lost):
    """A correction of a release whose counts are said to have been so many more."""
    from survey_app.services.releases.corrections import correction_of

    only_its_rules(monkeypatch)
    old = sha256((folder / "manifest.json").read_bytes()).hexdigest()
    held = (installation.settings.data / "restricted").glob(f"*/counts-{old}.csv")
    kept = {file: file.read_bytes() for file in held}
    for file in kept:
        table = pd.read_csv(file, keep_default_na=False, dtype={"category": str})
        for domain, number in lost.items():
            table.loc[table["domain"] == domain.strip("_"), "n"] += number
        table.to_csv(file, index=False)
    try:
        corrects = correction_of(installation, [ROUND], 2026, out, old, "lý do")
        return a_release(installation, out, corrects=corrects)
    finally:
        for file, before in kept.items():
            file.write_bytes(before)


def test_a_correction_that_fewer_than_ten_changed_is_refused_before_anything_is_written(
    made, monkeypatch
):
    installation, folder = made
    out = folder.with_name("few")
    with pytest.raises(ReleaseError) as refused:
        corrected_as(installation, folder, out, monkeypatch, _=9)
    assert [one.code for one in refused.value.findings] == ["correction-small"]
    assert not out.exists()
    assert not (installation.settings.data / "restricted" / "few").exists()


def test_a_correction_of_a_release_whose_counts_are_gone_is_refused(made, monkeypatch):
    installation, folder = made
    old = sha256((folder / "manifest.json").read_bytes()).hexdigest()
    corrects = {"manifest_sha256": old, "reason": "lý do"}
    place = installation.settings.data / "restricted"
    away = place.rename(place.with_name("elsewhere"))
    try:
        with pytest.raises(ReleaseError) as refused:
            a_release(installation, folder.with_name("gone"), corrects=corrects)
    finally:
        away.rename(place)
    assert {one.code for one in refused.value.findings} == {"correction-uncounted"}
    assert old in refused.value.findings[0].message.vi


@pytest.mark.long
def test_a_correction_after_fourteen_exclusions_withholds_what_would_tell_of_four(
    made, monkeypatch, capsys, tmp_path
):
    """Ten of a commune and four of another: both releases together would tell of the four."""
    from survey_app.services.releases.corrections import correction_of

    installation, folder = made
    only_its_rules(monkeypatch)
    with reading(installation.engine) as connection:
        rows = connection.execute(select(response.c.id, response.c.cell_id)).all()
        out_already = {row[0] for row in connection.execute(select(exclusion.c.response_id))}
    cells = sorted({row.cell_id for row in rows})
    for cell, count in zip((cells[0], cells[-1]), (10, 4), strict=True):
        own = sorted(row.id for row in rows if row.cell_id == cell and row.id not in out_already)
        for one in own[:count]:
            an_exclusion(installation, one.hex())
    results(installation, "mười bốn phiếu")
    old = sha256((folder / "manifest.json").read_bytes()).hexdigest()
    out = folder.with_name("fourteen")
    corrects = correction_of(installation, [ROUND], 2026, out, old, "Mười bốn phiếu điền hộ")
    a_release(installation, out, corrects=corrects)
    listed = pd.read_csv(out / "log" / "withheld.csv", dtype=str, keep_default_na=False)
    assert "n" not in listed.columns
    units = listed[(listed["quantity"] == "overall") & (listed["domain"] == "unit")]
    assert len(set(units["category"])) == 2
    shown = pd.read_csv(out / "tables" / "estimates.csv", dtype=str, keep_default_na=False)
    both = shown.merge(listed, on=list(listed.columns))
    # Two were out before, so the index with all 16 in is theirs beside the earlier one.
    assert len(listed) - len(both) == (listed["quantity"] == "with_excluded").sum() == 3
    told = pd.read_csv(out / "tables" / "sensitivity.csv", dtype=str, keep_default_na=False)
    assert set(told["with_excluded"]) == {""}
    page = (out / "site" / "phuong-phap.html").read_text(encoding="utf-8")
    assert "thay đổi từ 1 đến 9 so với bản đã công bố trước" in page
    assert set(both["flag"]) == {"c"}
    assert set(both["n"]) | set(both["value"]) == {""}
    restricted = installation.settings.data / "restricted" / "fourteen"
    code, said = run(capsys, out, "--restricted", restricted)
    assert (code, "figures equal" in said) == (0, True)
    # Whoever leaves a row out of the list, or shows what is in it, is found out.
    work = Copy((installation, out), tmp_path / "copy")
    path = work.fresh() / "log" / "withheld.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:3], *lines[4:]]) + "\n", encoding="utf-8")
    write_site(work.folder)
    work.sealed()
    assert work.first() is None
    assert work.first(restricted=restricted) == ("withheld", "log/withheld.csv 4")
    path = work.fresh() / "tables" / "estimates.csv"
    row = shown.index[(shown["domain"] == "unit") & (shown["flag"] == "c")][0]
    shown.loc[row, "flag"] = "u"
    shown.to_csv(path, index=False)
    rewrite_workbook(path.parent, path.with_name("hailong.xlsx"))
    write_site(work.folder)
    work.sealed()
    assert work.first(restricted=restricted) == ("figure", f"tables/estimates.csv {row + 2} flag")
    (restricted / f"counts-{old}.csv").unlink()
    assert work.first(restricted=restricted)[0] == "restricted-missing"
