"""Two versions of a questionnaire: what changes, how much it matters, and what is to be done."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from builders import a_round, an_installation

from questionnaires import check_questionnaire, load
from questionnaires.comparison import compare
from questionnaires.comparison.kinds import KINDS, Weight
from survey_app.cli import main


def text(words: str) -> dict[str, str]:
    return {"vi": words, "en": f"{words} in English"}


def option(value: str, words: str, **more: object) -> dict[str, object]:
    return {"value": value, "label": text(words), **more}


def scale(name: str, **more: object) -> dict[str, object]:
    labels = ["Kém", "Vừa", "Tốt"]
    options = [option(str(n), words) for n, words in enumerate(labels, start=1)]
    return {"id": name, "type": "single", "label": text(f"Câu {name}"), "options": options, **more}


BASE: dict[str, Any] = {
    "id": "trial",
    "version": "2026-1",
    "languages": ["vi", "en"],
    "title": text("Phiếu"),
    "source": text("Bài kiểm tra"),
    "blocks": [
        {"code": "A", "title": text("Khối A"), "factors": [{"code": "f", "title": text("F")}]},
        {"code": "B", "title": text("Khối B"), "factors": [{"code": "g", "title": text("G")}]},
    ],
    "sections": [
        {
            "id": "s1",
            "title": text("Phần một"),
            "questions": [
                scale("q1", factor="f"),
                scale("q2", show_if={"q1": ["1", "2"]}, factor="g"),
                {
                    "id": "words",
                    "type": "single",
                    "label": text("Bằng lời"),
                    "options": [option("co", "Có"), option("khong", "Không")],
                },
            ],
        },
        {
            "id": "s2",
            "title": text("Phần hai"),
            "questions": [
                {"id": "n", "type": "number", "label": text("Số"), "min": 0, "max": 10},
                {
                    "id": "m",
                    "type": "matrix",
                    "label": text("Bảng"),
                    "options": [option("1", "Kém"), option("2", "Tốt")],
                    "rows": [{"id": "a", "label": text("A")}, {"id": "b", "label": text("B")}],
                },
                {"id": "end_word", "type": "text", "label": text("Góp ý")},
            ],
        },
    ],
}


def changed(edit: str, **values: object) -> dict[str, Any]:
    """The form with statements run on it; ``q(id)`` is a question, ``s`` are the sections."""
    form = copy.deepcopy(BASE)
    asked = {q["id"]: q for section in form["sections"] for q in section["questions"]}
    exec(
        edit,
        {"form": form, "s": form["sections"], "q": asked, "text": text, "option": option,
         "scale": scale, **values},
    )  # fmt: skip
    return form


CASES = {
    "type-changed": ("q['n'].update(type='text'); [q['n'].pop(k) for k in ('min', 'max')]", "n"),
    "direction-changed": (
        "o = q['q1']['options']; o[0]['label'], o[2]['label'] = o[2]['label'], o[0]['label']",
        "q1/options",
    ),
    "meaning-changed": (
        "o = q['q1']['options']; o[0]['label'], o[1]['label'] = o[1]['label'], o[0]['label']",
        "q1/options/1",
    ),
    "code-moved": ("q['words']['options'].insert(0, option('it', 'Ít'))", "words/options/co"),
    "decimals-changed": ("q['n']['decimals'] = 1", "n/decimals"),
    "another-questionnaire": ("form['id'] = 'other'", "id"),
    "question-removed": ("s[1]['questions'].pop(0)", "n"),
    "question-renamed": ("q['n']['id'] = 'number'", "n"),
    "question-added": ("s[1]['questions'].append(scale('fresh'))", "fresh"),
    "column-renamed": ("q['m']['code'] = 'battery'", "m/code"),
    "row-removed": ("q['m']['rows'].pop()", "m/rows/b"),
    "row-renamed": ("q['m']['rows'][1]['id'] = 'c'", "m/rows/b"),
    "row-added": ("q['m']['rows'].append({'id': 'c', 'label': text('C')})", "m/rows/c"),
    "option-removed": ("q['words']['options'].pop()", "words/options/khong"),
    "option-renamed": ("q['words']['options'][1]['value'] = 'no'", "words/options/khong"),
    "option-added": ("q['words']['options'].append(option('it', 'Ít'))", "words/options/it"),
    "option-rule-changed": ("q['words']['options'][1]['specify'] = True",
                            "words/options/khong/specify"),
    "universe-changed": ("q['q2']['show_if'] = {'q1': '1'}", "q2"),
    "required-changed": ("q['q1']['required'] = True", "q1/required"),
    "limits-narrowed": ("q['n']['max'] = 9", "n/max"),
    "limits-widened": ("del q['n']['max']", "n/max"),
    "order-changed": ("q['m']['rows'].reverse()", "m/rows"),
    "random-changed": ("q['m']['order'] = 'random'", "m/order"),
    "scoring-changed": ("q['q1']['reverse'] = True", "q1/reverse"),
    "handling-changed": ("q['n']['sensitive'] = True", "n/sensitive"),
    "language-removed": ("form['languages'] = ['vi']", "languages"),
    "wording-changed": ("q['n']['label'] = {'vi': 'Bao nhiêu?', 'en': 'Số in English'}",
                        "n/label"),
}  # fmt: skip


def built(tmp_path, form, name="form.json"):
    path = tmp_path / name
    path.write_text(json.dumps(form), encoding="utf-8")
    found, findings = check_questionnaire(path)
    assert found is not None, findings
    return found


def changes(tmp_path, edit):
    return compare(built(tmp_path, BASE, "old.json"), built(tmp_path, changed(edit)))


@pytest.mark.parametrize("code", CASES)
def test_each_change_has_its_code_place_and_weight(tmp_path, code):
    edit, path = CASES[code]

    found = [change for change in changes(tmp_path, edit) if change.code == code]

    assert [change.path for change in found][:1] == [path]
    (change, *_) = found
    assert change.old != change.new
    kept, renumbered = (change.finding("form.json", same) for same in (True, False))
    weight = KINDS[code].weight
    assert kept.severity == ("warning" if weight is Weight.WORDS else "error")
    assert renumbered.severity == ("error" if weight is Weight.CONFUSES else "warning")
    assert ("version mới" in kept.advice.vi) == (weight is not Weight.WORDS)
    assert renumbered.message.vi.startswith(KINDS[code].name.vi)
    assert renumbered.advice.en


def test_every_kind_of_change_has_a_case_here():
    assert set(CASES) == set(KINDS)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("pass", []),
        # A language that is new, an example of what was never read before.
        ("form['languages'].append('km'); q['n']['label']['km'] = 'x'", []),
        # Options of numbers keep their codes wherever a new one is put.
        (
            "q['q1']['options'].insert(0, option('9', 'Khác'))",
            [("option-added", "q1/options/9")],
        ),
        # A question put before the others moves none of them.
        ("s[0]['questions'].insert(0, scale('new'))", [("question-added", "new")]),
        # One question is moved: one change, not one for each that it has passed.
        ("s[1]['questions'].append(s[1]['questions'].pop(0))", [("order-changed", "n")]),
        (
            "s[1]['questions'].append(s[0]['questions'].pop())",
            [("order-changed", "words"), ("order-changed", "words/section")],
        ),
        # The same people, written in another order.
        ("q['q2']['show_if'] = {'q1': ['2', '1']}", []),
        # A jump that leads past two questions.
        (
            "q['q1']['goto'] = [{'when': {'q1': '3'}, 'to': 's2'}]",
            [("universe-changed", "q2"), ("universe-changed", "words")],
        ),
        (
            "q['words']['options'][1]['missing'] = 'refused'",
            [("meaning-changed", "words/options/khong/missing")],
        ),
        (
            "a, b = form['blocks']; a['factors'], b['factors'] = b['factors'], a['factors']",
            [("scoring-changed", "blocks/g"), ("scoring-changed", "blocks/f")],
        ),
        (
            "q['n']['wording'] = {'paper': {'hint': text('Viết số')}}; s[0]['intro'] = text('Mở')",
            [("wording-changed", "s1/intro"), ("wording-changed", "n/wording/paper/hint")],
        ),
    ],
)
def test_only_what_differs_is_told(tmp_path, edit, told):
    assert [(change.code, change.path) for change in changes(tmp_path, edit)] == told


def test_old_and_new_are_told_in_words_and_from_their_first_difference(tmp_path):
    (who,) = changes(tmp_path, CASES["universe-changed"][0])
    assert who.old.vi == "Hỏi người trả lời “Kém” hoặc “Vừa” (q1)."
    assert who.new.vi == "Hỏi người trả lời “Kém” (q1)."
    assert changes(tmp_path, "del q['q2']['show_if']")[0].new.en == "everybody is asked"

    long = built(tmp_path, changed("q['n']['label'] = text('x' * 500 + 'cũ')"), "old.json")
    (words,) = compare(long, built(tmp_path, changed("q['n']['label'] = text('x' * 500 + 'mới')")))
    said = words.finding("form.json", False).message.vi
    assert "cũ”" in said
    assert "mới”" in said
    assert len(said) < 400


def test_what_ships_is_compared_with_itself_and_with_the_others():
    citizen, business = load("citizen", "2026-1"), load("business", "2026-1")

    assert compare(citizen, citizen) == []
    assert "another-questionnaire" in {change.code for change in compare(citizen, business)}


def told(capsys, *arguments) -> tuple[int, dict[str, Any]]:
    try:
        code = main([*map(str, arguments), "--json"])
    except SystemExit as left:
        code = left.code
    return code, json.loads(capsys.readouterr().out)


def test_the_command_compares_with_a_file_and_its_version_decides(tmp_path, capsys):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(BASE), encoding="utf-8")
    form = changed(CASES["required-changed"][0])
    command = ("--lang", "en", "questionnaire", "check", new, "--against", old)

    new.write_text(json.dumps(form), encoding="utf-8")
    code, said = told(capsys, *command)
    assert (code, said["ok"]) == (1, False)
    assert said["result"]["changes"] == [
        {"code": "required-changed", "path": "q1/required", "old": "soft", "new": "true"}
    ]
    assert [f["code"] for f in said["findings"]] == ["required-changed"]

    new.write_text(json.dumps(form | {"version": "2027-1"}), encoding="utf-8")
    code, said = told(capsys, *command)
    assert (code, said["findings"][0]["severity"]) == (0, "warning")
    assert said["result"]["against"] == "trial@2026-1"

    old.write_text("{", encoding="utf-8")
    code, said = told(capsys, *command)
    assert code == 1
    assert said["findings"][0]["file"] == "old.json"


def test_the_command_compares_with_the_version_that_a_round_uses(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    installation = an_installation(tmp_path / "data")
    a_round(installation, "hp-2026")
    installation.engine.dispose()
    new = tmp_path / "new.json"
    new.write_text(json.dumps(BASE), encoding="utf-8")
    command = ("--data", installation.settings.data, "questionnaire", "check", new, "--against")

    code, said = told(capsys, *command, "hp-2026")
    assert (code, said["result"]["against"]) == (0, "citizen@2026-1")
    assert "another-questionnaire" in {f["code"] for f in said["findings"]}
    code, said = told(capsys, *command, "no-such-round")
    assert (code, said["findings"][0]["code"]) == (1, "round-unknown")
