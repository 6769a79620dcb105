"""The document of the JSON routes names exactly those there are, and they answer as it says."""

import ast
import inspect
import json
import re
import textwrap
from pathlib import Path

import pytest
from builders import TODAY, a_form
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import survey_app
from survey_app.services import kiosks
from survey_app.services.assignments import make_batch
from survey_app.services.codes import display, new_code

DOCUMENT = json.loads(
    (Path(survey_app.__file__).parent / "static" / "openapi.json").read_text("utf-8")
)
OPERATIONS = {
    (path, method): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
HEADERS = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}
FORM = "application/x-www-form-urlencoded"


def called(function):
    """A function and all of ours in ``survey_app.web`` that it calls, as syntax trees."""
    waiting, seen = [inspect.unwrap(function)], {}
    while waiting:
        one = waiting.pop()
        if one in seen or not one.__module__.startswith("survey_app.web"):
            continue
        tree = seen[one] = ast.parse(textwrap.dedent(inspect.getsource(one)))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found = one.__globals__.get(ast.unparse(node.func).partition(".")[0])
                if isinstance(node.func, ast.Attribute) and inspect.ismodule(found):
                    found = getattr(found, node.func.attr, None)
                # Refusals are JSON for whoever asks for it, on pages as well.
                if inspect.isfunction(found) and not found.__module__.endswith(".replies"):
                    waiting.append(inspect.unwrap(found))
    return seen.values()


def answers_json(function):
    """Whether a view returns JSON, or the bare 204 that belongs to it."""
    for tree in called(function):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "jsonify":
                return True
            if isinstance(node, ast.Constant) and node.value == 204:
                return True
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict | ast.Tuple):
                first = node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
                if isinstance(first, ast.Dict):
                    return True
    return False


def test_the_document_names_exactly_the_json_routes(target):
    app = target.client.application
    routes = {
        (re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and answers_json(app.view_functions[rule.endpoint])
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == set(OPERATIONS)


def test_the_document_is_served_and_every_reference_in_it_holds(target):
    with target.client.get("/static/openapi.json") as sent:
        assert json.loads(sent.data) == DOCUMENT
    names = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)))
    assert names == set(DOCUMENT["components"]["schemas"])
    for operation in OPERATIONS.values():
        assert operation["operationId"]
        assert operation["summary"]


def conforms(operation, answer):
    """An answer has a status of the document, and the body that belongs to it."""
    status = str(answer.status_code)
    assert status in operation["responses"], (operation["operationId"], status, answer.text)
    content = operation["responses"][status].get("content")
    if content is None:
        assert answer.data == b""
        return
    schema = {**content[answer.mimetype]["schema"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(json.loads(answer.data))


@pytest.fixture(scope="module")
def known(target):
    """What opens something here, by the name of its field."""
    here, client = target.installation, target.client
    client.get(kiosks.add_kiosk(here, "q1").link)
    batch = make_batch(
        here, here.keyring()["visits"], label="x", cell_id="visits.10507", count=2, expires_on=TODAY
    )
    return {
        "code": [*target.codes[:30], new_code(), display(target.codes[0]).lower(), ""],
        "key": [display(batch), new_code()],
        "sealed": ["AAAA", "x" * 7, "A" * 20_000],
        "base": ["0", "1", "000000001", "9999999999"],
        "count": ["refused.1=1", "no_contact.2=2", "x=1", "refused.99=999"],
        "unattended": ["", "1"],
        "pin": ["0", "123456", "é"],
    }


texts = st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace").decode())
answers = st.dictionaries(
    st.sampled_from([*a_form(), "so_lan_den", "y_kien_khac", "gioi_tinh"]),
    st.one_of(st.sampled_from(["1", "2", "9", "99"]), texts),
    max_size=4,
)


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda value: value)
def test_every_answer_is_one_of_the_document(target, known, path, method):
    operation = OPERATIONS[path, method]
    content = operation.get("requestBody", {"content": {FORM: {"schema": {"properties": {}}}}})
    schema = content["content"][FORM]["schema"]
    fields = {name: st.one_of(st.sampled_from(known[name]), texts) for name in schema["properties"]}
    more = answers if schema.get("additionalProperties") else st.just({})
    place = st.sampled_from(["demo", "visits", "x", "%00"])
    headers = st.sampled_from([{}, {"Idempotency-Key": "0" * 8}, {"Sec-Fetch-Site": "cross-site"}])

    @settings(max_examples=max(12, settings().max_examples // 8))
    @given(st.fixed_dictionaries({}, optional=fields), more, place, headers)
    def holds(form, given_answers, where, extra):
        address = re.sub(r"\{[a-z_]+\}", where, path)
        answer = target.client.open(
            address, method=method.upper(), data=form | given_answers, headers=HEADERS | extra
        )
        conforms(operation, answer)

    holds()
