"""Migrations bring a database to this version's schema: a new one by schema.sql, an older one by the numbered steps that it lacks.

A step is a file of this folder, `0002_what_it_does.sql`; docs/migrations.md says how one is written. Any number of release commands may
run at once, and all workers go on meanwhile: a step that cannot have its locks gives way to them and is tried again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from psycopg2 import errors
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from chat.services.database import in_transactions
from chat.services.migrations import fitness, steps
from chat.services.migrations.fitness import NewerSchema, NoSchema, State, Unfit
from chat.services.migrations.steps import Step

__all__ = ["STEPS", "NewerSchema", "Unfit", "apply", "check", "newest_version"]

STEPS = Path(__file__).parent
SCHEMA = STEPS / "schema.sql"
LOCK = 7_241_959_301  # any number that no other program locks

LOOK_SECONDS = 0.2  # how often a release command looks whether the one before it has ended
LOCK_MS = 1_000  # all posts wait as long as a step waits for a lock
STEP_MS = 5_000  # and as long as it runs: what takes longer belongs into a step outside a transaction
REST_SECONDS = 2.0  # for the posts, between two attempts
ATTEMPTS = 30
GIVES_WAY = (errors.LockNotAvailable, errors.DeadlockDetected)

ANALYZE = text("""
    SELECT 'ANALYZE ' || string_agg(quote_ident(relname), ', ') FROM pg_class
    WHERE relkind = 'r' AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('log'))
""")


class StepFailed(Unfit):
    """A step could not have its locks in all its attempts."""


def newest_version(folder: Path = STEPS) -> int:
    """The version of the schema that this version of the service needs."""
    return steps.newest(steps.read(folder))


def check(engine: Engine, folder: Path = STEPS) -> None:
    """Raises Unfit if this version of the service may not run on the database."""
    with engine.connect() as connection:
        fitness.require_fit(connection, folder, newest_version(folder))


def apply(engine: Engine, folder: Path = STEPS) -> int:
    """Returns the version that the database is at. Raises Unfit."""
    engine, all_steps = in_transactions(engine), steps.read(folder)
    with _alone(engine):
        try:
            state = _state(engine)
        except NoSchema:
            return _create(engine, all_steps)
        return _migrate(engine, folder, state, all_steps)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """One release command at a time. The lock is a transaction's, so that it holds through PgBouncer too; that transaction has no snapshot,
    for which a concurrent index would wait. For the same reason whoever waits for the lock asks again and again."""
    with engine.connect() as connection:
        while not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
            connection.rollback()
            time.sleep(LOOK_SECONDS)
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield


def _state(engine: Engine) -> State:
    with engine.connect() as connection:
        return fitness.state_of(connection)


def _create(engine: Engine, all_steps: list[Step]) -> int:
    newest = steps.newest(all_steps)
    with engine.begin() as connection:
        _run(connection, "SET LOCAL statement_timeout = 0")
        _run(connection, SCHEMA.read_text())
        _record(connection, newest, all_steps)
        _analyze(connection)
    return newest


def _migrate(engine: Engine, folder: Path, state: State, all_steps: list[Step]) -> int:
    newest = steps.newest(all_steps)
    if state.version <= newest:
        with engine.connect() as connection:
            fitness.require_untouched(connection, folder, state)
    missing = [step for step in all_steps if step.number > state.version]
    for is_outside, group in groupby(missing, key=lambda step: step.is_outside):
        take = _take_outside if is_outside else _take
        take(engine, list(group), all_steps)
    with engine.begin() as connection:
        if missing:
            _run(connection, "SET LOCAL statement_timeout = 0")
            _analyze(connection)
        return fitness.require_fit(connection, folder, newest).version


def _take(engine: Engine, group: list[Step], all_steps: list[Step]) -> None:
    """Raises StepFailed."""
    for _ in range(ATTEMPTS):
        try:
            return _take_at_once(engine, group, all_steps)
        except OperationalError as error:
            if not isinstance(error.orig, GIVES_WAY):
                raise
        time.sleep(REST_SECONDS)
    numbers = ", ".join(str(step.number) for step in group)
    raise StepFailed(f"step {numbers} gave way {ATTEMPTS} times to transactions that hold its tables: run the release step again later")


def _take_at_once(engine: Engine, group: list[Step], all_steps: list[Step]) -> None:
    """All or none. The lock on `log` comes first: every writer takes the counter row before anything else, so none holds what a step will
    lock. The row itself would not do: the writers that wait for it hold a lock on the table, which a step that alters `log` needs."""
    with engine.begin() as connection:
        _run(connection, f"SET LOCAL lock_timeout = {LOCK_MS}")
        _run(connection, f"SET LOCAL statement_timeout = {STEP_MS}")
        _run(connection, "LOCK TABLE log IN EXCLUSIVE MODE")
        for step in group:
            _run(connection, step.sql)
        _record(connection, group[-1].number, all_steps)


def _take_outside(engine: Engine, group: list[Step], all_steps: list[Step]) -> None:
    for step in group:
        with engine.begin() as connection:
            _begin(connection, step.number, all_steps)
        with engine.connect() as connection:
            _run_alone(connection.execution_options(isolation_level="AUTOCOMMIT"), step.statements)
        with engine.begin() as connection:
            _record(connection, step.number, all_steps)
            connection.execute(text("UPDATE log SET under_way = NULL"))


def _run_alone(connection: Connection, statements: list[str]) -> None:
    """Each without a bound: a concurrent index waits for the transactions before it, and nobody waits for it."""
    for statement in ("SET statement_timeout = 0", "SET lock_timeout = 0", *statements, "RESET statement_timeout", "RESET lock_timeout"):
        _run(connection, statement)


def _begin(connection: Connection, step: int, all_steps: list[Step]) -> None:
    """Says that a step is under way: workers that start meanwhile, or after it was interrupted, know of it."""
    values = {"step": step, "compatible_from": steps.compatible_from(all_steps, step)}
    connection.execute(text("UPDATE log SET under_way = :step, compatible_from = :compatible_from"), values)


def _record(connection: Connection, version: int, all_steps: list[Step]) -> None:
    values = {"version": version, "compatible_from": steps.compatible_from(all_steps, version)}
    connection.execute(text("UPDATE log SET step = :version, compatible_from = :compatible_from"), values)


def _analyze(connection: Connection) -> None:
    """A planner without statistics thinks that `log` has 1,990 rows, and has each post compiled: 13 a second instead of 150."""
    _run(connection, connection.execute(ANALYZE).scalar_one())


def _run(connection: Connection, sql: str) -> None:
    """As it stands: a per cent sign is no place for a parameter."""
    connection.execution_options(no_parameters=True).exec_driver_sql(sql)
