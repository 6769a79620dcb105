"""What the tables may hold, and how the database is opened."""

import dataclasses

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from builders import a_round, an_installation, some_settings
from sqlalchemy import inspect, text

from intake.findings import HailongError
from survey_app import migrations
from survey_app.db import check_database, metadata, open_database, reading
from survey_app.services.installation import open_installation
from survey_app.services.keys import make_keys, read_keys

# security.md, the tables of answers: these columns are complete.
COLUMNS = {
    "invitation": {"code_mac", "cell_id", "channel", "expires_on", "state"},
    "receipt": {"key_mac", "receipt_mac"},
    "cell": {
        "cell_id", "round_id", "stratum", "psu", "unit_id", "design_weight", "expected",
        "recruitment",
    },
    "draft": {"code_mac", "sealed", "until", "version"},
    "inbox_a": {"id", "sealed"},
    "inbox_b": {"id", "sealed"},
    "feedback_inbox": {"id", "sealed"},
    "feedback_code": {"code_mac", "state"},
    "feedback_reply": {"code_mac", "sealed"},
    "withdrawal": {"kind", "place"},
    "start_count": {"counter_id", "day", "quarter_hour", "starts"},
    "kiosk": {"key_mac", "counter_id", "pin_salt", "pin_digest"},
    "assignment": {"key_mac", "cell_id", "label", "cases"},
    "case_count": {"key_mac", "outcome", "visits", "cases"},
    "exclusion": {"response_id", "round_id", "reason", "asked_by", "agreed_by"},
    "response": {
        "id", "questionnaire_version", "cell_id", "round_id", "answers", "n_fast_pages",
        "duration_band", "flags", "nonce",
    },
}  # fmt: skip


def test_no_table_of_answers_has_a_column_beyond_the_agreed_ones(installation):
    found = inspect(installation.engine)
    for table, columns in COLUMNS.items():
        assert {column["name"] for column in found.get_columns(table)} == columns


def test_the_migrations_make_exactly_the_tables_of_the_code(installation):
    with installation.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_the_migrations_go_down_and_up_again(installation):
    migrations.downgrade(installation.engine, "base")
    assert migrations.current(installation.engine) is None
    with pytest.raises(HailongError) as error:
        migrations.check_migrated(installation.engine)
    assert error.value.code == "database-not-migrated"
    assert "hailong db upgrade" in error.value.text("vi")
    migrations.upgrade(installation.engine)
    migrations.check_migrated(installation.engine)


def test_there_is_one_migration_head():
    assert migrations.head() == "0008"


def test_sqlite_keeps_answers_in_tables_without_row_numbers(tmp_path):
    made = an_installation(tmp_path / "data")
    with reading(made.engine) as connection:
        for table in COLUMNS:
            if table not in {"cell", "start_count"}:
                sql = connection.execute(
                    text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}
                ).scalar_one()
                assert "WITHOUT ROWID" in sql


def test_the_settings_that_keep_answers_are_read_back(installation):
    check_database(installation.engine)


def test_a_database_that_may_lose_answers_is_refused(tmp_path):
    from sqlalchemy import create_engine

    plain = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(HailongError) as error:
        check_database(plain)
    assert error.value.code == "database-setting"


def test_a_missing_or_cut_key_is_named_and_never_made_anew(tmp_path):
    made = an_installation(tmp_path / "data")
    a_round(made)
    folder = made.settings.keys / "demo"
    (folder / "code.key").unlink()
    (folder / "survey.key").write_bytes(b"short")
    with pytest.raises(HailongError) as error:
        open_installation(made.settings)
    assert [finding.file for finding in error.value.findings] == [
        str(folder / "code.key"),
        str(folder / "survey.key"),
    ]
    assert not (folder / "code.key").exists()


def test_keys_are_readable_by_their_owner_only_and_never_replaced(tmp_path):
    settings = some_settings(tmp_path)
    made = make_keys(settings, "demo")
    assert read_keys(settings, "demo") == made
    assert len({made.code, made.idem, made.receipt, made.lookup, made.survey}) == 5
    for path in (settings.keys / "demo").iterdir():
        assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(HailongError) as error:
        make_keys(settings, "demo")
    assert error.value.code == "keys-exist"


def test_a_folder_that_is_no_installation_is_refused_with_the_command(tmp_path):
    settings = some_settings(tmp_path / "none")
    with pytest.raises(HailongError) as error:
        open_installation(settings)
    assert "hailong init" in error.value.text("vi")


def test_a_database_out_of_reach_is_said_to_be_so(tmp_path):
    settings = dataclasses.replace(
        some_settings(tmp_path),
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1",
    )
    with pytest.raises(HailongError) as error:
        open_installation(settings)
    assert error.value.code == "database-unreachable"


def test_both_databases_open_from_their_usual_addresses(monkeypatch, tmp_path):
    from survey_app.config import read_settings

    monkeypatch.setenv("DATABASE_URL", "postgres://a@b/c")
    assert read_settings(tmp_path).database_url == "postgresql+psycopg://a@b/c"
    monkeypatch.delenv("DATABASE_URL")
    assert open_database(read_settings(tmp_path).database_url).dialect.name == "sqlite"


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_a_connection_that_dies_in_a_transaction_is_forgotten_by_its_pool(postgres_server):
    engine, other = open_database(postgres_server), open_database(postgres_server)
    for _ in range(2):
        pooled = engine.raw_connection()
        driver = pooled.driver_connection
        driver.autocommit = False
        (pid,) = driver.execute("SELECT pg_backend_pid()").fetchone()
        with reading(other) as connection:
            assert connection.scalar(text(f"SELECT pg_terminate_backend({pid}, 5000)"))
        pooled.close()
        assert engine.pool.checkedout() == 0
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT 7")) == 7
    engine.dispose()
    other.dispose()
