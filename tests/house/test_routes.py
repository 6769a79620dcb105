"""Every address says who may enter it, and answers nobody else."""

from builders import a_round, some_codes

# An address without a line here fails the test below: write down who may enter, and test it.
WHO_MAY_ENTER = {
    "/": "anyone",
    "/q/<counter_id>": "anyone",
    "/q/<counter_id>/gop-y": "anyone",
    "/q/<counter_id>/screen/<key>": "monitors",
    "/q/<counter_id>/<code>": "anyone",  # who stands before the screen; the code is its own proof
    "/f/": "anyone",
    "/f/<code>": "anyone",  # whoever holds a feedback code; it tells the state, nothing more
    "/s/<code>": "invited",
    "/s/f/<place>": "invited",
    "/s/f/<place>/draft": "invited",
    "/s/f/<place>/draft/erase": "invited",
    "/s/f/<place>/draft/read": "invited",
    "/s/sw.js": "anyone",
    "/s/used.js": "anyone",
    "/s/audio/<code>/<version>/<lang>/<name>": "anyone",
    "/k/<key>": "devices",
    "/k/": "devices",
    "/k/leave": "devices",
    "/k/rounds": "devices",
    "/k/f/<round_id>": "anyone",  # the questions alone; the code decides when the form is sent
    "/k/sw.js": "anyone",
    "/i/<key>": "devices",
    "/i/": "anyone",  # a page that holds nothing; its script asks with the key of a batch
    "/i/cases": "devices",
    "/i/outcomes": "devices",
    "/i/f/<round_id>": "anyone",
    "/i/sw.js": "anyone",
    "/i/manifest.webmanifest": "anyone",
    "/r/<receipt>": "anyone",  # whoever holds a receipt; it tells counted or not, nothing more
    "/ket-qua": "anyone",
    "/ket-qua/": "anyone",
    "/ket-qua/<path:name>": "anyone",
    "/static/<path:filename>": "anyone",
    "/staff/entry": "keyers",  # at this machine, where HAILONG_ENTRY=local; tests: test_paper_entry
    "/health": "operators",
    "/ready": "operators",
    "/metrics": "operators",  # of this machine alone; tests: test_operations
}
TAKES_FORMS = {
    "/",
    "/q/<counter_id>",
    "/q/<counter_id>/gop-y",
    "/q/<counter_id>/<code>",
    "/f/",
    "/s/f/<place>",
    "/s/f/<place>/draft",
    "/s/f/<place>/draft/erase",
    "/s/f/<place>/draft/read",
    "/k/",
    "/k/leave",
    "/k/f/<round_id>",
    "/i/cases",
    "/i/outcomes",
    "/i/f/<round_id>",
    "/staff/entry",
}


def test_every_address_has_a_line_that_says_who_may_enter(house_app):
    assert {rule.rule for rule in house_app.url_map.iter_rules()} == set(WHO_MAY_ENTER)
    assert set(WHO_MAY_ENTER.values()) <= {
        "anyone",
        "invited",
        "operators",
        "monitors",
        "keyers",
        "devices",
    }


def test_only_these_addresses_take_a_form(house_app):
    found = {
        rule.rule
        for rule in house_app.url_map.iter_rules()
        if rule.methods and rule.methods - {"GET", "HEAD", "OPTIONS"}
    }
    assert found == TAKES_FORMS


def test_who_has_no_code_sees_no_questionnaire(house_app):
    client = house_app.test_client()
    for address in ("/s/0000-0000-0000-0000-0", "/s/f/0123456789abcdef"):
        answer = client.get(address, follow_redirects=True)
        assert answer.status_code >= 400
        assert b'name="cau_9_01"' not in answer.data


def test_a_device_without_its_key_gets_nothing(house_app):
    client, key = house_app.test_client(), "0000-0000-0000-0000-0"
    for address in (f"/k/{key}", "/k/", "/k/rounds", f"/i/{key}"):
        assert client.get(address).status_code == 404
    for address in ("/k/", "/k/leave", "/i/cases", "/i/outcomes"):
        assert client.post(address, data={"key": key, "code": key, "pin": "0"}).status_code == 404


def test_operators_learn_whether_it_runs_and_nothing_else(house_app):
    client = house_app.test_client()
    for address in ("/health", "/ready"):
        assert client.get(address).get_json() == {"ok": True}


def test_the_generated_questionnaire_names_no_other_host(house_app, hosts_in):
    installation = house_app.extensions["hailong"]
    round_id = a_round(installation)
    client = house_app.test_client()
    page = client.get(f"/s/{some_codes(installation, round_id)[0]}", follow_redirects=True)
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert 'name="cau_9_01"' in text
    assert hosts_in(text) == []
    for address in ("/", "/q/unknown", "/r/unknown"):
        assert hosts_in(client.get(address).get_data(as_text=True)) == []
