"""schema.sql is the schema: the models agree with it, and applying it any number of times and places at once is harmless."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Engine, MetaData, Text, create_engine

from chat.config import Settings
from chat.services import migrations
from chat.services.models import Base
from tests.harness.databases import Databases
from tests.harness.environment import product_environment, product_settings
from tests.harness.server import ROOT
from tests.harness.tables import counts, execute

AT_ONCE = 4
SCHEMA_AS_IT_IS = """
    SELECT table_name, column_name, concat_ws(' ', data_type, is_nullable, column_default, identity_generation)
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT CAST(conrelid AS regclass)::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0
    UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = CAST('public' AS regnamespace)
    UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""


@pytest.fixture
def empty(databases: Databases) -> Iterator[str]:
    """A database without anything."""
    url = databases.empty()
    yield url
    databases.drop(url)


def engine_of(url: str) -> Engine:
    return create_engine(Settings.from_environ(product_settings(url, "unix://unused")).database_url)


def differences(url: str, metadata: MetaData = Base.metadata) -> list[object]:
    """Between the models and the tables that they map."""

    def is_mapped(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in metadata.tables

    options = {"compare_type": True, "compare_server_default": True, "include_name": is_mapped}
    with engine_of(url).connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def schema_of(url: str) -> set[tuple[str, ...]]:
    """Every column, constraint, index, function and trigger, as PostgreSQL describes it."""
    return {tuple(row) for row in execute(url, SCHEMA_AS_IT_IS)}


def init_db(url: str) -> "subprocess.CompletedProcess[str]":
    """The release line of the Procfile."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "init-db"]
    environment = product_environment(url, "unix:///nowhere")
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def steps(folder: Path, *statements: str) -> Path:
    """Numbered steps as a later version might bring them."""
    for number, statement in enumerate(statements, 1):
        (folder / f"{number:04}_step.sql").write_text(statement)
    return folder


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
    assert first.stdout == again.stdout == "The database is at step 0.\n"
    assert schema_of(empty) == schema_of(database_url)


def test_what_is_there_stays_there(database_url: str) -> None:
    execute(database_url, "INSERT INTO users (name, name_key, password_hash) VALUES ('ada', 'ada', '')")
    before = counts(database_url)
    assert migrations.apply(engine_of(database_url)) == 0
    assert counts(database_url) == before


def test_release_commands_at_once_apply_the_schema_once(empty: str) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(init_db, [empty] * AT_ONCE))
    assert [one.returncode for one in done] == [0] * AT_ONCE, [one.stderr for one in done]
    assert execute(empty, "SELECT count(*) FROM log")[0][0] == 1


def test_a_newer_database_is_refused(database_url: str) -> None:
    execute(database_url, "UPDATE log SET step = 7")
    refused = init_db(database_url)
    assert refused.returncode != 0
    assert "the database is at step 7" in refused.stderr and "Traceback" not in refused.stderr
    assert execute(database_url, "SELECT step FROM log")[0][0] == 7


def test_steps_are_taken_in_order_and_once(database_url: str, tmp_path: Path) -> None:
    later = steps(tmp_path, "ALTER TABLE rooms ADD COLUMN colour text", "ALTER TABLE rooms RENAME COLUMN colour TO subject")
    engine = engine_of(database_url)
    assert [migrations.apply(engine, later), migrations.apply(engine, later)] == [2, 2]
    assert execute(database_url, "SELECT subject FROM rooms") == []


def test_a_step_that_fails_leaves_everything_as_it_was(database_url: str, tmp_path: Path) -> None:
    before = schema_of(database_url)
    broken = steps(tmp_path, "ALTER TABLE rooms ADD COLUMN colour text", "ALTER TABLE nothing ADD COLUMN colour text")
    with pytest.raises(Exception, match="nothing"):
        migrations.apply(engine_of(database_url), broken)
    assert execute(database_url, "SELECT step FROM log")[0][0] == 0
    assert schema_of(database_url) == before


def test_a_new_database_needs_no_steps(empty: str, tmp_path: Path) -> None:
    """schema.sql is the whole schema: a step that ran on top of it would fail."""
    assert migrations.apply(engine_of(empty), steps(tmp_path, "SELECT 1/0", "SELECT 1/0")) == 2


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
