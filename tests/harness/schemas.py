"""Schemas in tests: how PostgreSQL describes one, a database of version 1, the release step, and the steps of later versions."""

import subprocess
import sys
from pathlib import Path
from shutil import copy
from typing import Any

from sqlalchemy import text

from chat.services import migrations
from chat.services.migrations import STEPS, fingerprint, steps
from chat.services.migrations.steps import Step
from tests.harness.databases import Databases
from tests.harness.environment import product_environment
from tests.harness.server import ROOT
from tests.harness.tables import engine_of, execute

NEWEST = migrations.newest_version()
VERSION_1 = Path(__file__).parents[1] / "operations" / "data" / "version_1.sql"
RELEASE_SECONDS = 120.0
DESCRIPTION = """
    SELECT table_name, column_name, concat_ws(' ', data_type, is_nullable, column_default, identity_generation, ordinal_position)
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT CAST(conrelid AS regclass)::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0
    UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = CAST('public' AS regnamespace)
    UNION ALL SELECT 'trigger', tgname, concat_ws(' ', pg_get_triggerdef(oid), tgenabled) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'statistics', stxname, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext
    UNION ALL SELECT relkind::text, relname, array_to_string(reloptions, ' ')
    FROM pg_class WHERE relnamespace = CAST('public' AS regnamespace)
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


def schema_of(url: str) -> set[tuple[str, ...]]:
    """Every table, column, constraint, index, function and trigger with its options, as PostgreSQL describes it."""
    return {tuple(row) for row in execute(url, DESCRIPTION)}


def rows_of(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    tables = [table for (table,) in execute(url, TABLES)]
    return {
        table: [row for (row,) in execute(url, f'SELECT to_jsonb(t) FROM {table} t ORDER BY t.*::text COLLATE "C"')] for table in tables
    }


def run_script(url: str, sql: str) -> None:
    """Several statements in one transaction, as they stand."""
    with engine_of(url).begin() as connection:
        connection.execution_options(no_parameters=True).exec_driver_sql(sql)


def run_alone(url: str, statement: str) -> None:
    """One statement outside a transaction."""
    with engine_of(url).execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(statement))


def load_version_1(url: str) -> None:
    """Fills an empty database with what version 1 of the service left in one."""
    run_script(url, VERSION_1.read_text())


def init_db(url: str) -> "subprocess.CompletedProcess[str]":
    """The release line of the Procfile."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "init-db"]
    environment = product_environment(url, "unix:///nowhere")
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RELEASE_SECONDS, check=False)


def migrated(url: str) -> None:
    done = init_db(url)
    assert (done.returncode, done.stdout) == (0, f"The database is at version {NEWEST}.\n"), done.stderr


def later_version(folder: Path, databases: Databases, *statements: str) -> Path:
    """The steps of a later version of the service: this one's, and one more for each text."""
    for path in (*STEPS.glob("*_*.sql"), *STEPS.glob("*.fingerprint")):
        copy(path, folder)
    url = databases.clone()
    for number, sql in enumerate(statements, NEWEST + 1):
        (folder / f"{number:04}_step.sql").write_text(sql)
        for statement in _statements(Step(number, sql)):
            run_alone(url, statement)
        with engine_of(url).connect() as connection:
            fingerprint.record(folder, number, fingerprint.taken(connection))
    databases.drop(url)
    assert steps.newest(steps.read(folder)) == NEWEST + len(statements)
    return folder


def _statements(step: Step) -> list[str]:
    return step.statements if step.is_outside else [step.sql]
