"""Migrations: an older database becomes the same as a new one, keeps its rows, and is posted to all the while."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from chat.services import migrations
from chat.services.migrations import STEPS, fingerprint, steps
from chat.services.migrations.fitness import ChangedByHand
from tests.harness.databases import Databases
from tests.harness.deadline import eventually
from tests.harness.schemas import NEWEST, init_db, later_version, load_version_1, migrated, rows_of, run_alone, schema_of
from tests.harness.tables import engine_of, execute, insert_room, insert_user

KINDS = 14  # of events
MIGRATED_SECONDS = 60.0
INDEX = "-- compatible from version 1\n-- outside a transaction\n\nDROP INDEX CONCURRENTLY IF EXISTS {0};\n\n" + (
    "CREATE {1} INDEX CONCURRENTLY {0} ON {2}"
)
ABOUT = INDEX.format("users_about", "", "users (about)")
UNIQUE_ABOUT = INDEX.format("users_about", "UNIQUE", "users (about)")
TWO = f"{ABOUT};\n\nDROP INDEX CONCURRENTLY IF EXISTS topics;\n\nCREATE UNIQUE INDEX CONCURRENTLY topics ON rooms (topic)"
COLOUR = "-- compatible from version 1\nALTER TABLE rooms ADD COLUMN colour text"
MIGRATIONS = (
    "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = :table AND l.mode LIKE '%Exclusive%' AND "
)
WAITING = MIGRATIONS + "NOT l.granted"
END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
HELD = MIGRATIONS + "l.granted AND l.mode = 'AccessExclusiveLock'"


@pytest.fixture
def version_1(empty: str) -> str:
    """A database that version 1 of the service has made and filled."""
    load_version_1(empty)
    return empty


@contextmanager
def threads(url: str) -> Iterator[ThreadPoolExecutor]:
    """If a test fails, the sessions of its threads are ended: none waits for ever."""
    with ThreadPoolExecutor() as pool:
        try:
            yield pool
        except BaseException:
            execute(url, END_SESSIONS)
            raise


def fingerprint_of(url: str) -> fingerprint.Fingerprint:
    with engine_of(url).connect() as connection:
        return fingerprint.taken(connection)


def state_of(url: str) -> tuple[Any, ...]:
    return tuple(execute(url, "SELECT step, compatible_from, under_way FROM log")[0])


def insert_posts(url: str, room: int, sender: int, count: int = 3) -> None:
    """As a worker writes them: the counter row first, then the room."""
    for _ in range(count):
        with engine_of(url).begin() as connection:
            write_post(connection, room, sender)


def write_post(connection: Any, room: int, sender: int) -> None:
    head = connection.scalar(text("UPDATE log SET head = head + 1 RETURNING head"))
    connection.execute(text("UPDATE rooms SET messages = messages + 1 WHERE id = :room"), {"room": room})
    row = "INSERT INTO events (id, kind, room_id, sender_id, text) VALUES (:id, 'message', :room, :sender, 'hello')"
    connection.execute(text(row), {"id": head, "room": room, "sender": sender})


def test_a_database_of_version_1_becomes_the_same_as_a_new_one(version_1: str, database_url: str) -> None:
    assert schema_of(version_1) != schema_of(database_url)
    migrated(version_1)
    assert schema_of(version_1) == schema_of(database_url)


def test_no_row_of_version_1_is_lost_or_changed(version_1: str) -> None:
    before = rows_of(version_1)
    assert all(before.values()), "every table has rows"
    assert len({event["kind"] for event in before["events"]}) == KINDS
    migrated(version_1)
    after = rows_of(version_1)
    for table in before.keys() - {"log"}:
        assert len(after[table]) == len(before[table]), table
        assert all(old.items() <= new.items() for old, new in zip(before[table], after[table], strict=True)), table
    assert after["log"][0]["head"] >= before["log"][0]["head"] == max(event["id"] for event in before["events"])


def test_version_1_is_known_by_its_fingerprint(version_1: str) -> None:
    assert execute(version_1, "SELECT step FROM log")[0][0] == 0
    assert fingerprint_of(version_1) == fingerprint.recorded(STEPS, 1)


def test_the_newest_fingerprint_is_that_of_a_new_database(database_url: str) -> None:
    assert fingerprint_of(database_url) == fingerprint.recorded(STEPS, NEWEST), "bin/fingerprint writes the new one"


def test_every_version_has_a_fingerprint_and_each_but_the_first_a_step() -> None:
    numbers = list(range(1, NEWEST + 1))
    assert [step.number for step in steps.read(STEPS)] == numbers[1:]
    assert sorted(path.name for path in STEPS.glob("*.fingerprint")) == [f"{number:04}.fingerprint" for number in numbers]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("ALTER TABLE rooms ADD COLUMN colour text", "table rooms"),
        ("ALTER TABLE rooms DROP COLUMN expires_at", "table rooms"),
        ("ALTER TABLE rooms ALTER COLUMN messages TYPE integer", "table rooms"),
        ("ALTER TABLE users ALTER COLUMN about DROP DEFAULT", "table users"),
        ("ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL", "table users"),
        ("ALTER TABLE events DROP CONSTRAINT events_check", "table events"),
        ("DROP INDEX events_posted_once", "table events"),
        ("CREATE INDEX more ON events (created_at)", "table events"),
        ("DROP TRIGGER audit_stays ON audit", "table audit"),
        ("ALTER TABLE audit DISABLE TRIGGER audit_stays", "table audit"),
        ("CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", "function audit_stays"),
        ("CREATE FUNCTION post_messages() RETURNS void LANGUAGE sql AS ''", "function post_messages"),
        ("DROP TABLE bans", "table bans"),
    ],
)
def test_what_was_changed_by_hand_is_named(database_url: str, statement: str, name: str) -> None:
    execute(database_url, statement)
    with pytest.raises(ChangedByHand, match=f"^the database is at version {NEWEST}, but was changed by hand: {name}$"):
        migrations.check(engine_of(database_url))
    with pytest.raises(ChangedByHand):
        migrations.apply(engine_of(database_url))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE colours (id bigint PRIMARY KEY)",
        "CREATE FUNCTION colour() RETURNS text LANGUAGE sql AS $$ SELECT 'blue' $$",
        "ALTER TABLE events SET (autovacuum_vacuum_scale_factor = 0.01)",
        "COMMENT ON TABLE events IS 'the record'",
    ],
)
def test_what_others_keep_beside_the_tables_changes_nothing(database_url: str, statement: str) -> None:
    execute(database_url, statement)
    migrations.check(engine_of(database_url))


def test_an_index_whose_build_was_interrupted_changes_nothing(database_url: str) -> None:
    insert_user(database_url, "alice")
    insert_user(database_url, "bob")
    with pytest.raises(Exception, match="could not create unique index"):
        run_alone(database_url, "CREATE UNIQUE INDEX CONCURRENTLY more ON users (about)")
    assert "more" in indexes(database_url)
    migrations.check(engine_of(database_url))


def test_a_schema_of_another_name_is_the_same(database_url: str) -> None:
    execute(database_url, "ALTER SCHEMA public RENAME TO chat")
    execute(database_url, "ALTER DATABASE {} SET search_path = chat".format(database_url.rpartition("/")[2].partition("?")[0]))
    migrations.check(engine_of(database_url))


def test_steps_are_taken_in_order_and_once(database_url: str, databases: Databases, tmp_path: Path) -> None:
    later = later_version(tmp_path, databases, COLOUR, "ALTER TABLE rooms RENAME COLUMN colour TO subject")
    engine = engine_of(database_url)
    assert [migrations.apply(engine, later), migrations.apply(engine, later)] == [NEWEST + 2] * 2
    assert execute(database_url, "SELECT subject FROM rooms") == []
    migrations.check(engine, later)


def test_a_step_that_fails_leaves_everything_as_it_was(database_url: str, databases: Databases, tmp_path: Path) -> None:
    before, state = schema_of(database_url), state_of(database_url)
    broken = later_version(tmp_path, databases, COLOUR)
    (broken / f"{NEWEST + 2:04}_broken.sql").write_text("ALTER TABLE nothing ADD COLUMN colour text")
    with pytest.raises(Exception, match="nothing"):
        migrations.apply(engine_of(database_url), broken)
    assert state_of(database_url) == state
    assert schema_of(database_url) == before


def test_a_new_database_needs_no_steps(empty: str, databases: Databases, tmp_path: Path) -> None:
    """schema.sql is the whole schema: a step that ran on top of it would fail."""
    later = later_version(tmp_path, databases)
    (later / f"{NEWEST + 1:04}_broken.sql").write_text("SELECT 1/0")
    assert migrations.apply(engine_of(empty), later) == NEWEST + 1


def test_steps_do_not_turn_an_unknown_schema_into_another(version_1: str) -> None:
    execute(version_1, "ALTER TABLE rooms DROP COLUMN topic")
    refused = init_db(version_1)
    assert refused.returncode != 0
    assert "the database is at version 1, but was changed by hand: table rooms" in refused.stderr
    assert execute(version_1, "SELECT step FROM log")[0][0] == 0


def test_a_step_says_which_older_versions_may_run_on(database_url: str, databases: Databases, tmp_path: Path) -> None:
    """The strictest of all steps counts; a step without a word is for versions that know it."""
    later = later_version(tmp_path, databases, "ALTER TABLE rooms ADD COLUMN colour text", "-- compatible from version 1\nSELECT 1")
    migrations.apply(engine_of(database_url), later)
    assert state_of(database_url) == (NEWEST + 2, NEWEST + 1, None)


def test_a_step_waits_for_the_counter_row_before_it_locks_anything(database_url: str, databases: Databases, tmp_path: Path) -> None:
    """Otherwise a post that holds the row would wait for the step, and the step for the row."""
    later = later_version(tmp_path, databases, "ALTER TABLE rooms ADD COLUMN colour text; ALTER TABLE log ADD COLUMN colour text")
    room, sender = insert_room(database_url), insert_user(database_url)
    with threads(database_url) as aside:
        with engine_of(database_url).begin() as post:
            post.execute(text("SELECT head FROM log FOR UPDATE"))
            migrating = aside.submit(migrations.apply, engine_of(database_url), later)
            eventually(lambda: is_waiting(database_url, "log"))
            assert execute(database_url, HELD, {"table": "rooms"})[0][0] == 0
            write_post(post, room, sender)
        assert migrating.result(MIGRATED_SECONDS) == NEWEST + 1


def test_posts_that_wait_for_the_counter_row_do_not_stop_a_step_that_alters_its_table(
    database_url: str, databases: Databases, tmp_path: Path
) -> None:
    """Each of them holds a lock on the table already: had the step taken the row alone, it would wait for them and they for it."""
    later = later_version(tmp_path, databases, "ALTER TABLE log ADD COLUMN colour text")
    room, sender = insert_room(database_url), insert_user(database_url)
    with threads(database_url) as aside:
        with engine_of(database_url).begin() as post:
            post.execute(text("SELECT head FROM log FOR UPDATE"))
            migrating = aside.submit(migrations.apply, engine_of(database_url), later)
            eventually(lambda: is_waiting(database_url, "log"))
            posting = [aside.submit(insert_posts, database_url, room, sender) for _ in range(2)]
            write_post(post, room, sender)
        assert migrating.result(MIGRATED_SECONDS) == NEWEST + 1
        assert [done.result(MIGRATED_SECONDS) for done in posting] == [None, None]


def test_posts_go_on_while_a_step_cannot_have_its_locks(database_url: str, databases: Databases, tmp_path: Path) -> None:
    """Somebody reads events for as long as they like; the reader is done only when posts have been written."""
    later = later_version(tmp_path, databases, "ALTER TABLE events ADD COLUMN colour text")
    room, sender = insert_room(database_url), insert_user(database_url)
    with threads(database_url) as aside:
        with engine_of(database_url).begin() as reader:
            reader.execute(text("LOCK TABLE events IN ACCESS SHARE MODE"))
            migrating = aside.submit(migrations.apply, engine_of(database_url), later)
            eventually(lambda: is_waiting(database_url, "events"))
            aside.submit(insert_posts, database_url, room, sender).result(MIGRATED_SECONDS)
            assert not migrating.done()
        assert migrating.result(MIGRATED_SECONDS) == NEWEST + 1


def test_posts_go_on_while_an_index_is_built(database_url: str, databases: Databases, tmp_path: Path) -> None:
    """It waits for a transaction that is older, and nobody waits for it. Workers may start meanwhile."""
    later = later_version(tmp_path, databases, ABOUT)
    room, sender = insert_room(database_url), insert_user(database_url)
    with threads(database_url) as aside:
        with engine_of(database_url).begin() as older:
            older.execute(text("UPDATE users SET about = 'hello'"))
            migrating = aside.submit(migrations.apply, engine_of(database_url), later)
            eventually(lambda: "users_about" in indexes(database_url))
            aside.submit(insert_posts, database_url, room, sender).result(MIGRATED_SECONDS)
            assert state_of(database_url) == (NEWEST, 1, NEWEST + 1)
            migrations.check(engine_of(database_url))
        assert migrating.result(MIGRATED_SECONDS) == NEWEST + 1
    assert state_of(database_url) == (NEWEST + 1, 1, None)


def test_release_commands_at_once_build_an_index_once(database_url: str, databases: Databases, tmp_path: Path) -> None:
    """Whoever waits for its turn holds nothing that the index would wait for."""
    later = later_version(tmp_path, databases, ABOUT)
    with threads(database_url) as aside:
        migrating = [aside.submit(migrations.apply, engine_of(database_url), later) for _ in range(3)]
        assert [done.result(MIGRATED_SECONDS) for done in migrating] == [NEWEST + 1] * 3


def test_an_index_that_could_not_be_built_is_built_by_the_next_release(database_url: str, databases: Databases, tmp_path: Path) -> None:
    later = later_version(tmp_path, databases, UNIQUE_ABOUT)
    engine = engine_of(database_url)
    insert_user(database_url, "alice")
    insert_user(database_url, "bob")
    with pytest.raises(Exception, match="could not create unique index"):
        migrations.apply(engine, later)
    assert "users_about" in indexes(database_url), "an invalid one"
    migrations.check(engine)
    execute(database_url, "UPDATE users SET about = name")
    assert migrations.apply(engine, later) == NEWEST + 1
    migrations.check(engine, later)


def test_workers_may_start_after_a_step_that_was_interrupted_between_two_statements(
    database_url: str, databases: Databases, tmp_path: Path
) -> None:
    """The first index is there, and belongs to no version yet. The release command goes on from it too."""
    later = later_version(tmp_path, databases, TWO)
    engine = engine_of(database_url)
    insert_room(database_url, "lobby")
    insert_room(database_url, "kitchen")
    with pytest.raises(Exception, match="could not create unique index"):
        migrations.apply(engine, later)
    assert fingerprint_of(database_url) != fingerprint.recorded(later, NEWEST)
    migrations.check(engine)
    execute(database_url, "UPDATE rooms SET topic = name")
    assert migrations.apply(engine, later) == NEWEST + 1
    migrations.check(engine, later)


def test_a_new_database_is_analysed_at_once(empty: str) -> None:
    """Otherwise `log` is thought to have 1,990 rows, and each post is compiled before it runs."""
    migrations.apply(engine_of(empty))
    assert execute(empty, "SELECT reltuples FROM pg_class WHERE relname = 'log'")[0][0] == 1
    assert execute(empty, "EXPLAIN (FORMAT json) SELECT head FROM log")[0][0][0]["Plan"]["Plan Rows"] == 1


def test_a_migrated_database_is_analysed(version_1: str) -> None:
    known = "SELECT count(*) FROM pg_stats WHERE schemaname = 'public' AND tablename = 'events'"
    assert execute(version_1, known)[0][0] == 0
    migrations.apply(engine_of(version_1))
    assert execute(version_1, known)[0][0] > 0


def indexes(url: str) -> set[str]:
    return {name for (name,) in execute(url, "SELECT relname FROM pg_class WHERE relkind = 'i'")}


def is_waiting(url: str, table: str) -> bool:
    """Whether somebody waits for a lock on the table."""
    return bool(execute(url, WAITING, {"table": table})[0][0])
