"""Stored and reflected scripts: no page runs what a person, a registry or a definition says.

Chromium opens the pages on which such a text is shown; a dialog, or a word of the browser that
the policy of a page stopped something, fails the test: nothing may come so far.
"""

import dataclasses
import json
from urllib.parse import urlsplit

import pytest
from browsing import Site, until
from builders import TODAY, a_counter, a_round, some_codes
from small_forms import form, options, single
from sqlalchemy import update

from survey_app.db import writing
from survey_app.db.registry import agency
from survey_app.services import kiosks
from survey_app.services.assignments import make_batch
from survey_app.services.codes import display
from survey_app.web import make_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("tablet")]

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' autofocus onfocus='alert(1)",
    "</textarea><svg onload=alert(1)>",
    "</script><script>alert(1)</script>",
    "</title><body onload=alert(1)>",
    "</style><iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    "--><script>alert(1)</script><!--",
    "&lt;script&gt;alert(1)&lt;/script&gt;&#x3c;img src=x onerror=alert(1)&#x3e;",
    "<base href='http://evil.example/'><meta http-equiv=refresh content='0;url=/health'>",
    "{{7*7}}${7*7}<%=7*7%>#{7*7}{% raise %}",
    "'-alert(1)-'\\\";alert(1)//",
    "<form action='http://evil.example/'><button>x</button>",
]
ALL = " ".join(PAYLOADS)
WATCH = """document.addEventListener('securitypolicyviolation',
  event => console.error('CSP ' + event.violatedDirective + ' ' + event.sample));"""
SUBMIT = """fields => {
  const form = document.createElement('form');
  form.method = 'post';
  for (const name of Object.keys(fields)) {
    const input = document.createElement('textarea');
    input.name = name;
    input.value = fields[name];
    form.append(input);
  }
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}"""


def definition():
    """A questionnaire in which every text that an author can write holds the payloads."""
    named = {"vi": ALL.replace("{", "(").replace("}", ")"), "en": "x"}
    choices = [one | {"label": named} for one in options(3)]
    asked = [
        single("q1", label=named, options=choices, hint=named),
        {"id": "q2", "type": "multi", "label": named, "options": choices},
        {"id": "q3", "type": "number", "label": named},
        {"id": "q4", "type": "text", "label": named},
    ]
    return form(*asked, id="hostile", title=named, notice=named, source=named)


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """A site whose registry and questionnaire say nothing but payloads."""
    folder = tmp_path / "definitions" / "hostile"
    folder.mkdir(parents=True)
    (folder / "2026-1.yaml").write_text(json.dumps(definition()), encoding="utf-8")
    monkeypatch.setattr("questionnaires.loader.DEFINITIONS", folder.parent)
    made = Site(tmp_path / "data")
    here = made.installation
    a_counter(here, "q1", name=ALL, address=ALL)
    with writing(here.engine) as connection:
        connection.execute(update(agency).values(name=ALL))
    a_round(here, "bad", questionnaire=("hostile", "2026-1"))
    opened = dataclasses.replace(here, settings=dataclasses.replace(here.settings, entry=True))
    made.server.app = make_app(opened)
    yield made
    made.close()


@pytest.fixture
def watched(chromium):
    """A page of a browser, and what it has said that it should not have."""
    said = []
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    context.add_init_script(WATCH)
    page = context.new_page()

    def dialog(shown):
        if shown.type != "beforeunload":  # our own question before what was typed is left
            said.append(f"{shown.type} {page.url}")
        shown.accept()

    page.on("dialog", dialog)
    page.on(
        "console",
        lambda line: (
            said.append(f"{page.url} {line.text}")
            if "CSP" in line.text or "Content Security Policy" in line.text
            else None
        ),
    )
    yield page, said
    context.close()


def posted(page, address, words, **fields):
    """Post fields as a plain form and see that the answer shows some words."""
    page.goto(address)
    with page.expect_navigation():
        page.evaluate(SUBMIT, fields)
    assert words in page.inner_text("body"), page.url


def test_the_watch_sees_what_a_policy_stops(hostile, watched):
    page, said = watched
    page.goto(hostile.address)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    page.wait_for_timeout(50)
    assert any("CSP script-src" in one for one in said)


def test_no_page_of_respondents_or_staff_runs_what_it_shows(hostile, watched):
    page, said = watched
    at, here = hostile.address, hostile.installation
    codes = [display(one) for one in some_codes(here, "bad", {"bad.10507": 4})]

    page.goto(f"{at}/q/q1")
    assert "<script>alert(1)</script>" in page.inner_text("h1")
    assert "{{7*7}}${7*7}" in page.inner_text("main")
    posted(page, f"{at}/q/q1", "alert(1)", code=ALL[:150])
    posted(page, f"{at}/", "17 chữ và số", code=PAYLOADS[1])
    posted(page, f"{at}/q/q1/gop-y", "chưa gửi được", kind=PAYLOADS[0], text=ALL + "x" * 2000)
    assert page.input_value("#text").startswith(ALL)
    posted(page, f"{at}/q/q1/gop-y", "góp ý", kind="praise", text=ALL)
    for strange in (
        "/r/%3Cscript%3Ealert(1)%3C/script%3E",
        "/%3Cimg%20src=x%20onerror=alert(1)%3E",
    ):
        page.goto(at + strange + "?lang=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")

    # The questionnaire, refused and shown again, and its receipt.
    page.goto(f"{at}/s/{codes[0]}")
    page.wait_for_selector("[name=q1]", state="attached")
    place = page.url.partition("#")[0]
    assert "<script>alert(1)</script>" in page.inner_text("body")
    posted(page, place, "alert(1)", q1=PAYLOADS[0], q3=PAYLOADS[1], q4=ALL + "x" * 2000)
    assert page.input_value("[name=q4]").startswith(ALL)
    assert page.input_value("[name=q3]") == PAYLOADS[1]
    page.goto(f"{at}/s/{codes[0]}")
    posted(page, page.url.partition("#")[0], "biên nhận", q1="1", q4=ALL[:1900])

    # A tablet, an interviewer's phone, the entry of paper forms.
    page.goto(at + urlsplit(kiosks.add_kiosk(here, "q1").link).path)
    assert "alert(1)" in page.inner_text("body")
    keys = here.keyring()["bad"]
    key = make_batch(here, keys, label=ALL, cell_id="bad.10507", count=2, expires_on=TODAY)
    page.goto(f"{at}/i/{display(key)}")
    page.wait_for_selector(".cases li")
    until(page, "document.body.innerText.includes('<script>alert(1)</script>')")
    posted(page, f"{at}/staff/entry", "ký tự", code=PAYLOADS[0])
    keyed = {"k.q1": PAYLOADS[0], "k.q4": ALL}
    posted(page, f"{at}/staff/entry", "alert(1)", code=codes[1], step="key", **keyed)

    assert said == []
