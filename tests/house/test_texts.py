"""What stands in the files that git keeps, and what may not stand there."""

import re
import unicodedata

# Put together here from halves, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(r"(?<![\w.<-])/(?:" + "|".join(["wo" + "rk", "tm" + "p", "ro" + "ot",
                                                         "ho" + "me"]) + r")/")  # fmt: skip
REGISTRY_HOSTS = re.compile("files" + r"\.python" + "hosted|pypi" + r"\." + "org", re.IGNORECASE)
WORKPLACE = re.compile("|".join(["far" + "m-", r"/\." + "library", "issues " + "show"]))
UNFINISHED = re.compile(r"\b(?:" + "TO" + "DO|FIX" + "ME)\\b")


def places(texts: dict[str, str], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_place_of_one_machine(texts):
    assert places(texts, MACHINE_PATHS) == []


def test_no_file_names_a_registry_host_or_a_tool_of_the_workplace(texts):
    assert places(texts, REGISTRY_HOSTS) == []
    assert places(texts, WORKPLACE) == []


def test_no_file_says_that_it_is_unfinished(texts):
    assert places(texts, UNFINISHED) == []


def test_every_text_is_utf8_in_nfc_with_plain_line_ends(texts):
    # Reading them has shown that they are UTF-8.
    assert [
        name for name, text in texts.items() if not unicodedata.is_normalized("NFC", text)
    ] == []
    assert [name for name, text in texts.items() if "\r" in text] == []
    assert [name for name, text in texts.items() if text and not text.endswith("\n")] == []


def test_no_template_and_no_static_file_names_another_host(texts, hosts_in):
    fetched = {
        name: found
        for name, text in texts.items()
        if name.startswith(("survey_app/templates/", "survey_app/static/", "analysis/publication/"))
        and name.endswith((".html", ".css", ".js", ".typ"))
        and (found := hosts_in(text))
    }
    assert fetched == {}
