"""schema.sql is the schema: the models agree with it, and applying it any number of times and places at once is harmless."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Engine, MetaData, Text, create_engine

from chat.config import Settings
from chat.services import migrations
from chat.services.models import Base
from tests.harness.environment import product_settings
from tests.harness.schemas import NEWEST, init_db, schema_of
from tests.harness.tables import counts, execute

AT_ONCE = 4


def engine_of(url: str) -> Engine:
    return create_engine(Settings.from_environ(product_settings(url, "unix:///unused")).database_url)


def differences(url: str, metadata: MetaData = Base.metadata) -> list[object]:
    """Between the models and the tables that they map."""

    def is_mapped(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in metadata.tables

    options = {"compare_type": True, "compare_server_default": True, "include_name": is_mapped}
    with engine_of(url).connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_the_models_agree_with_the_schema(database_url: str) -> None:
    assert differences(database_url) == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE users ADD COLUMN colour text",
        "ALTER TABLE users DROP COLUMN about",
        "ALTER TABLE api_keys ALTER COLUMN scope TYPE varchar(5)",
        "ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL",
        "ALTER TABLE users DROP CONSTRAINT users_name_taken",
        "ALTER TABLE api_keys DROP CONSTRAINT api_keys_key_hash_key",
        "ALTER TABLE avatars RENAME TO pictures",
        "ALTER TABLE audit ADD COLUMN colour text",
    ],
)
def test_a_model_that_disagrees_would_be_found(database_url: str, statement: str) -> None:
    execute(database_url, statement)
    assert differences(database_url)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE rooms ADD COLUMN colour text",
        "ALTER TABLE rooms DROP COLUMN expires_at",
        "ALTER TABLE rooms ALTER COLUMN messages TYPE integer",
        "ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL",
        "DROP INDEX events_posted_once",
        "ALTER TABLE users DROP CONSTRAINT users_name_taken",
        "CREATE TABLE colours (id bigint PRIMARY KEY)",
        "DROP TRIGGER audit_stays ON audit",
        "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "ALTER TABLE log RESET (fillfactor)",
        "ALTER TABLE audit DISABLE TRIGGER audit_stays",
    ],
)
def test_a_difference_would_be_found(database_url: str, statement: str) -> None:
    before = schema_of(database_url)
    execute(database_url, statement)
    assert schema_of(database_url) != before


def test_a_column_that_only_a_model_has_would_be_found(database_url: str) -> None:
    metadata = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(metadata)
    metadata.tables["users"].append_column(Column("colour", Text))
    assert differences(database_url, metadata)


def test_the_release_command_may_be_run_again(empty: str, database_url: str) -> None:
    first, again = init_db(empty), init_db(empty)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert first.stdout == again.stdout == f"The database is at version {NEWEST}.\n"
    assert schema_of(empty) == schema_of(database_url)


def test_what_is_there_stays_there(database_url: str) -> None:
    execute(database_url, "INSERT INTO users (name, name_key, password_hash) VALUES ('ada', 'ada', '')")
    before = counts(database_url)
    assert migrations.apply(engine_of(database_url)) == NEWEST
    assert counts(database_url) == before


def test_release_commands_at_once_apply_the_schema_once(empty: str) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(init_db, [empty] * AT_ONCE))
    assert [one.returncode for one in done] == [0] * AT_ONCE, [one.stderr for one in done]
    assert execute(empty, "SELECT count(*) FROM log")[0][0] == 1


def test_a_newer_database_is_refused(database_url: str) -> None:
    execute(database_url, "UPDATE log SET step = 7, compatible_from = 7")
    refused = init_db(database_url)
    assert refused.returncode != 0
    assert "the database is at version 7" in refused.stderr and "Traceback" not in refused.stderr
    assert execute(database_url, "SELECT step FROM log")[0][0] == 7


@pytest.mark.parametrize(
    "row",
    [
        "INSERT INTO users (name, name_key, password_hash) VALUES ('17', '17', '')",
        "INSERT INTO rooms (kind, name, name_key) VALUES ('open', '17', '17')",
        "INSERT INTO rooms (kind, name, name_key) VALUES ('secret', 'a', 'a')",
        "INSERT INTO rooms (kind) VALUES ('open')",
        "INSERT INTO rooms (kind) VALUES ('direct')",
        "INSERT INTO log (single) VALUES (false)",
        "INSERT INTO log DEFAULT VALUES",
        "INSERT INTO events (id, kind, sender_id) VALUES (1, 'message', 1)",
    ],
)
def test_the_schema_itself_refuses_what_must_not_be(database_url: str, row: str) -> None:
    with pytest.raises(Exception, match="violates"):
        execute(database_url, row)
