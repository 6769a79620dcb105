"""The inventory of data says all that there is: every table, every column, and no other.

Covered: security.md section 10, impact-assessment file generated from the data inventory.
"""

import csv

import pytest
from sqlalchemy import inspect

from survey_app.services.privacy.inventory import (
    COLUMNS,
    TO_FILL,
    read_inventory,
    tables_of,
    write_inventory,
)
from survey_app.services.privacy.retention_job import RULES


def test_each_column_of_the_migrated_database_has_its_line_and_no_line_is_of_nothing(installation):
    found = inspect(installation.engine)
    real = {
        name: {one["name"] for one in found.get_columns(name)} for name in found.get_table_names()
    }
    assert tables_of(read_inventory()) == real


def test_every_code_of_the_inventory_has_words_and_every_word_is_used():
    found = read_inventory()
    used = {"kinds": set(), "subjects": set(), "readers": set(), "periods": set()}
    for one in found.kept:
        used["kinds"].add(one.kind)
        used["subjects"].add(one.whose)
        used["periods"].add(one.period)
        used["readers"] |= set(one.seen_by)
        assert one.seen_by
        assert all((*one.purpose, *one.content))
    used["periods"] |= {rule.id for rule in RULES}
    for name in ("kinds", "subjects", "readers", "periods"):
        assert used[name] == set(getattr(found, name)), name


def test_no_table_of_answers_holds_personal_data():
    tables = {"invitation", "receipt", "draft", "inbox_a", "inbox_b", "response", "feedback_inbox"}
    kinds = {one.kind for one in read_inventory().kept if one.place.en in tables}
    assert kinds == {"none", "code", "sealed", "unnamed"}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_list_is_a_table_whose_grounds_are_left_to_the_office(tmp_path, lang):
    out = tmp_path / "inventory.csv"
    number = write_inventory(out, lang)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == number
    names = COLUMNS.in_language(lang).split(";")
    assert list(rows[0]) == names
    grounds = {row[names[6]] for row in rows if row[names[1]] in {"password", "label", "answers"}}
    assert grounds == {TO_FILL.in_language(lang)}
