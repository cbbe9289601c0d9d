"""Whether this version of the service may run on a database. Each reason against it is an exception whose message is one line."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from chat.services.migrations import fingerprint
from chat.services.migrations.steps import FIRST_VERSION

SHOWN = 3  # names in a message
OUR_COLUMNS = {"single", "head", "step"}  # of `log`, in every version

TABLES = text("""
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.relname
""")
COLUMNS = text("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('log') AND attnum > 0")


class Unfit(Exception):
    """The database is none that this version of the service runs on."""


class NoSchema(Unfit):
    def __init__(self) -> None:
        super().__init__("the database has no schema: run the release step")


class OlderSchema(Unfit):
    def __init__(self, version: int, needed: int) -> None:
        super().__init__(f"the database is at version {version}, this version needs {needed}: run the release step")


class NewerSchema(Unfit):
    """A newer version of the service has migrated the database, to something that this one would misuse."""

    def __init__(self, state: "State", known: int) -> None:
        needed = f"which needs a service of version {state.compatible_from} or later"
        super().__init__(f"the database is at version {state.version}, {needed}, and this one is {known}: install the newer version")


class ForeignTables(Unfit):
    def __init__(self, tables: list[str]) -> None:
        super().__init__(
            f"the database holds the tables of another program ({_shortened(tables)}): DATABASE_URL should name one of our own"
        )


class ChangedByHand(Unfit):
    def __init__(self, version: int, names: list[str]) -> None:
        super().__init__(f"the database is at version {version}, but was changed by hand: {_shortened(names)}")


@dataclass(frozen=True, slots=True)
class State:
    """What the row of `log` says of the schema. under_way: the step outside a transaction that has begun and not ended, or 0."""

    version: int
    compatible_from: int
    under_way: int


def state_of(connection: Connection) -> State:
    """Raises NoSchema, ForeignTables."""
    tables = list(connection.scalars(TABLES))
    if OUR_COLUMNS - set(connection.scalars(COLUMNS)):
        raise ForeignTables(tables) if tables else NoSchema
    row = connection.scalar(text("SELECT to_jsonb(log) FROM log")) or {}
    return State(max(row.get("step", 0), FIRST_VERSION), row.get("compatible_from") or FIRST_VERSION, row.get("under_way") or 0)


def require_fit(connection: Connection, folder: Path, needed: int) -> State:
    """Raises Unfit. needed: this version, which also runs on a newer database that says so."""
    state = state_of(connection)
    if state.version < needed:
        raise OlderSchema(state.version, needed)
    if state.compatible_from > needed:
        raise NewerSchema(state, needed)
    if state.version == needed:
        require_untouched(connection, folder, state)
    return state


def require_untouched(connection: Connection, folder: Path, state: State) -> None:
    """Raises ChangedByHand. Of a step under way nobody can tell how far it has come."""
    if not state.under_way and (names := fingerprint.differences(connection, folder, state.version)):
        raise ChangedByHand(state.version, names)


def _shortened(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
