"""The release folder: the same bytes, every file in its manifest, pages that stand alone."""

import csv
import hashlib
import json
import re
import shutil
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from analysis.publication import pages
from analysis.publication.release import build_release, rebuild_site, verify_release
from intake.findings import ReleaseError, Words

# All in one worker: the release of the province that most of them read takes seconds.
pytestmark = pytest.mark.xdist_group("release")

VOID = {"meta", "link", "img", "source", "br", "input"}


class Reader(HTMLParser):
    """Reads a page and keeps its links, ids, tags and text; notes tags that do not close."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.links, self.ids, self.tags, self.texts, self.open = [], [], [], [], []
        self.faults = []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag not in VOID:
            self.open.append(tag)
        self.links += [attrs[name] for name in ("href", "src", "srcset") if attrs.get(name)]
        if "id" in attrs:
            self.ids.append(attrs["id"])

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def read(path):
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert not reader.faults, (path, reader.faults)
    assert not reader.open, (path, reader.open)
    return reader


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def site(published):
    _, folder, _ = published
    return {
        path.relative_to(folder / "site").as_posix(): (path, read(path))
        for path in sorted((folder / "site").rglob("*.html"))
    }


def a_small_content(folder, a_content, *, communes=0):
    """One round and few communes: quick to draw, still with every kind of page."""
    content = a_content(folder)
    keep = set(content.units.loc[content.units["drawn"], "unit_id"][:communes])
    estimates = content.estimates
    estimates = estimates[
        (estimates["round"] == content.rounds[0].id)
        & ((estimates["domain"] != "unit") | estimates["category"].isin(keep))
        & (estimates["domain"] != "urban")
        & estimates["level"].isin({"overall", "factor"})
    ]
    return replace(
        content,
        rounds=content.rounds[:1],
        estimates=estimates,
        units=content.units[content.units["unit_id"].isin(keep)],
        standings={},
        points={},
    )


def test_the_manifest_names_every_file_but_itself(published):
    _, folder, manifest = published
    found = digests(folder)
    found.pop("manifest.json")
    assert manifest["files"] == found
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8")) == manifest
    assert manifest["simulated"] is True
    assert manifest["rules"]["in_force"] == "mean5"
    assert manifest["rules"]["version"] == "2026-1"
    assert manifest["seeds"] == {"hai-phong-2026-p": "20260901"}
    assert "data/frame.csv" in manifest["files"]
    assert verify_release(folder) == []


def test_the_same_content_gives_the_same_bytes_and_an_interrupted_build_leaves_the_old_release(
    tmp_path, a_content, monkeypatch
):
    content = a_small_content(tmp_path, a_content, communes=6)
    build_release(content, tmp_path / "out")
    first = digests(tmp_path / "out")
    # Given rows in another order, nothing changes.
    shuffled = replace(content, units=content.units.iloc[::-1])
    build_release(shuffled, tmp_path / "again")
    assert digests(tmp_path / "again") == first

    # Given a build that stops in the middle, the old release stands and nothing lies beside it.
    def stop(folder):
        (folder / "site").mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr("analysis.publication.release.write_site", stop)
    with pytest.raises(KeyboardInterrupt):
        build_release(content, tmp_path / "out")
    assert digests(tmp_path / "out") == first
    assert [path.name for path in tmp_path.glob(".out*")] == []


def test_a_release_is_brought_back_when_the_exchange_itself_was_cut(tmp_path, a_content):
    content = a_small_content(tmp_path, a_content)
    old = tmp_path / ".out.old"
    old.mkdir()
    (old / "manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / ".out.building-x").mkdir()
    bad = replace(content, files={"../x": tmp_path / "frame.csv"})
    with pytest.raises(ReleaseError):
        build_release(bad, tmp_path / "out")
    bad = replace(content, estimates=content.estimates.drop(columns="df"))
    with pytest.raises(ReleaseError):
        build_release(bad, tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").exists()
    assert [path.name for path in tmp_path.glob(".out*")] == []


@pytest.fixture(scope="module")
def real(tmp_path_factory, a_content):
    """A release of real data, published by two people."""
    folder = tmp_path_factory.mktemp("real")
    content = a_small_content(folder, a_content)
    build_release(replace(content, simulated=False, two_person=True, truth=None), folder / "out")
    return folder / "out"


def test_the_pages_can_be_built_again_from_the_frozen_tables(real, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(real, copy)
    shutil.rmtree(copy / "site")
    rebuild_site(copy)
    assert digests(copy) == digests(real)


def test_a_missing_an_added_and_a_changed_file_are_each_named(published, tmp_path):
    _, folder, _ = published
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "manifest.sig").write_bytes(b"signature")
    (copy / "tables" / "duties.csv").unlink()
    (copy / "data" / "extra.csv").write_text("a\n", encoding="utf-8")
    page = copy / "site" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("82,30", "92,30"), encoding="utf-8")
    assert {(f.code, f.file) for f in verify_release(copy)} == {
        ("release-file-missing", "tables/duties.csv"),
        ("release-file-added", "data/extra.csv"),
        ("release-file-changed", "site/index.html"),
    }
    for broken in ("[]", "", "[" * 100_000):
        (copy / "manifest.json").write_text(broken, encoding="utf-8")
        assert [f.code for f in verify_release(copy)] == ["release-manifest-unreadable"]


def test_a_file_replaced_by_a_link_to_its_twin_is_noticed(published, tmp_path):
    _, folder, _ = published
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "tables" / "duties.csv").unlink()
    (copy / "tables" / "duties.csv").symlink_to(folder / "tables" / "duties.csv")
    assert [f.file for f in verify_release(copy)] == ["tables/duties.csv"]


def test_a_path_that_leaves_the_release_is_refused_with_all_its_faults(tmp_path, a_content):
    content = a_content(tmp_path)
    bad = replace(content, files={"../x": tmp_path / "frame.csv", "y": tmp_path / "none"})
    with pytest.raises(ReleaseError) as refused:
        build_release(bad, tmp_path / "out")
    assert [f.code for f in refused.value.findings] == ["release-path", "release-source-missing"]
    assert not (tmp_path / "out").exists()
    with pytest.raises(ReleaseError):
        build_release(replace(content, rule_in_force="best"), tmp_path / "out")


def test_every_page_exists_in_both_languages_and_says_so(site):
    vietnamese = {f for f in site if not f.startswith("en/")}
    assert vietnamese == {page.files.vi for page in pages.PAGES}
    assert {f for f in site if f.startswith("en/")} == {f"en/{p.files.en}" for p in pages.PAGES}
    for name, (_, page) in site.items():
        assert ("html", {"lang": "en" if name.startswith("en/") else "vi"}) == page.tags[0]


def test_english_pages_hold_no_vietnamese_sentence(site):
    # Names of places and files stay; what the pages themselves say must not.
    telling = re.compile(
        r"khoảng tin cậy|số phiếu|trọng số|quy tắc|phiên bản|dữ liệu mô phỏng|"
        r"không công bố|bảng|đơn vị",
        re.IGNORECASE,
    )
    for name, (_, page) in site.items():
        if name.startswith("en/"):
            assert not telling.search(" ".join(page.texts)), name
    for vietnamese, english in pages.MARKS.values():
        assert vietnamese
        assert english


def test_every_link_leads_to_a_file_of_the_site(site, published):
    _, folder, _ = published
    root = folder / "site"
    for name, (path, page) in site.items():
        assert len(page.ids) == len(set(page.ids)), name
        for link in page.links:
            assert not re.match(r"[a-z]+:|//|/", link), (name, link)
            file, _, anchor = unquote(link).partition("#")
            if file:
                target = (path.parent / file).resolve()
                assert target.is_file(), (name, link)
                assert target.is_relative_to(root.resolve()), (name, link)
            else:
                assert anchor in page.ids, (name, link)


def test_no_page_chart_style_or_script_reaches_outside_or_runs_inline(site, published):
    _, folder, _ = published
    for name, (_, page) in site.items():
        for tag, attrs in page.tags:
            assert tag not in {"style", "iframe", "object", "form"}, name
            assert "style" not in attrs, name
            assert not [attr for attr in attrs if attr.startswith("on")], name
            if tag == "script":
                assert attrs["src"].endswith("assets/sort.js"), name
        policy = [
            a["content"]
            for t, a in page.tags
            if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
        ]
        assert policy[0].startswith(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"
        )
    for path in (folder / "site").rglob("*"):
        if path.suffix in {".svg", ".css", ".js", ".html"}:
            text = path.read_text(encoding="utf-8")
            hosts = set(re.findall(r"https?://[^\"'\s<)]+", text))
            assert hosts <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}, path


def test_simulated_data_and_trial_mode_are_said_on_every_page_and_in_every_chart(site, published):
    _, folder, _ = published
    for name, (_, page) in site.items():
        text = " ".join(page.texts)
        english = name.startswith("en/")
        assert ("Simulated data" if english else "Dữ liệu mô phỏng") in text, name
        assert ("One person carried out" if english else "Một người thực hiện cả hai bước") in text
    charts = sorted((folder / "site" / "figures").rglob("*.svg"))
    assert len(charts) == 20
    for chart in charts:
        words = "".join(ET.fromstring(chart.read_text(encoding="utf-8")).itertext())
        said = "Simulated data" if "/en/" in chart.as_posix() else "Dữ liệu mô phỏng"
        assert said in words, chart
        assert unicodedata.is_normalized("NFC", words)


def test_real_data_published_by_two_people_carry_no_such_band(real):
    for path in (real / "site").rglob("*.*"):
        if path.suffix in {".html", ".svg"}:
            text = path.read_text(encoding="utf-8").lower()
            assert "mô phỏng" not in text, path
            assert "simulated" not in text, path
            assert "chế độ thử" not in text, path


def test_tables_have_captions_scopes_and_say_n_weights_rule_and_version(site):
    for name, (path, page) in site.items():
        text = path.read_text(encoding="utf-8")
        assert text.count("<table") == text.count("<caption>"), name
        assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in page.tags if tag == "th")
        assert all(attrs.get("alt") for tag, attrs in page.tags if tag == "img")
        assert {tag for tag, _ in page.tags} >= {"header", "nav", "main", "footer", "h1"}
    index = site["index.html"][0].read_text(encoding="utf-8")
    notes = re.findall(r'class="note">(.*?)</span>', index)
    assert len(notes) == 2
    for note in notes:
        assert re.search(r"n = [\d.]+ ", note)
        assert "trọng số:" in note
        assert "Điểm trung bình trên 5, phiên bản 2026-1" in note


def test_vietnamese_pages_write_decimal_commas_and_english_pages_points(site):
    vietnamese = site["index.html"][0].read_text(encoding="utf-8")
    english = site["en/index.html"][0].read_text(encoding="utf-8")
    assert "82,30%" in vietnamese
    assert "22/11/2026" in vietnamese
    assert "82.30%" in english
    assert "22 November 2026" in english


def test_no_file_of_the_release_tells_a_withheld_figure(published, site):
    # Cát Hải has seven answers: neither index, points nor rank may stand anywhere.
    content, folder, _ = published
    own = content.estimates[content.estimates["category"] == "11914"]
    assert (own["n"] == 7).all()
    with (folder / "tables" / "estimates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    hidden = [row for row in rows if row["category"] == "11914"]
    assert hidden
    assert all(row["flag"] == "c" and not row["value"] and not row["n"] for row in hidden)
    for row in rows:
        assert not row["flag"] or not row["value"] + row["se"] + row["low"] + row["high"]
        assert row["flag"] or int(row["n"]) >= 30
        assert row["flag"] == "c" or float(row["n"]) >= 10
    standing = pd.read_csv(folder / "tables" / "standing-xa.csv", dtype=str, keep_default_na=False)
    row = standing[standing["unit_id"] == "11914"].iloc[0]
    assert (row["total"], row["rank"], row["flag"]) == ("", "", "c")
    points = pd.read_csv(folder / "tables" / "points-xa.csv", dtype=str, keep_default_na=False)
    survey = points[(points["agency_code"] == "U11914") & (points["criterion"] == "8.1")].iloc[0]
    assert (survey["survey"], survey["final"], survey["flag"]) == ("", "", "c")
    duties = pd.read_csv(folder / "tables" / "duties.csv", dtype=str, keep_default_na=False)
    assert (duties.loc[duties["agency_code"] == "U11914", "percent"] == "").all()
    cells = re.findall(
        r"<tr>(?:(?!</tr>).)*Cát Hải.*?</tr>",
        site["xa-phuong.html"][0].read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert cells
    for cell in cells:
        said = re.sub(r"<abbr.*?</abbr>|<[^>]+>|Cát Hải", "", cell)
        assert not re.search(r"\d", said), said


def test_ranked_units_are_those_of_the_published_index(published):
    _, folder, _ = published
    estimates = pd.read_csv(folder / "tables" / "estimates.csv", dtype=str, keep_default_na=False)
    own = estimates[
        (estimates["domain"] == "unit")
        & (estimates["level"] == "overall")
        & (estimates["rule"] == "mean5")
        & (estimates["flag"] == "")
    ]
    ranked = pd.concat(
        pd.read_csv(folder / "tables" / f"standing-{block}.csv", dtype=str, keep_default_na=False)
        for block in ("phuong", "xa")
    )
    ranked = ranked[ranked["rank"] != ""]
    assert len(ranked) > 10
    assert set(ranked["unit_id"]) <= set(own["category"])


def test_text_from_outside_cannot_become_markup(tmp_path, a_content):
    content = a_small_content(tmp_path, a_content)
    attack = '<img src=x onerror="alert(1)">'
    duties = content.duties.assign(name=attack, clause=attack)
    rounds = (replace(content.rounds[0], title=Words(attack, attack)),)
    labels = content.labels.assign(label_vi=attack, label_en=attack)
    content = replace(
        content, duties=duties, rounds=rounds, labels=labels, title=Words(attack, attack)
    )
    build_release(content, tmp_path / "out")
    for path in (tmp_path / "out" / "site").rglob("*"):
        if path.suffix in {".html", ".svg"}:
            assert "<img src=x" not in path.read_text(encoding="utf-8"), path


def test_a_sentence_without_its_english_stops_the_build(published):
    _, folder, _ = published
    view = pages.View(pages.read_frozen(folder), "vi", folder / "site")
    with pytest.raises(ValueError, match="languages"):
        view.say("Chỉ có tiếng Việt", " ")
