"""Events as the database has them, with everything that their JSON shows beside (sql/records.sql)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from chat.domain.record import Record

_RECORDS = (Path(__file__).parent / "sql" / "records.sql").read_text()


def read(engine: Engine, where: str, values: Mapping[str, Any]) -> list[Record]:
    """where: the condition, order and limit, over the aliases of records.sql."""
    with engine.connect() as connection:
        return read_on(connection, where, values)


def read_on(connection: Connection, where: str, values: Mapping[str, Any]) -> list[Record]:
    return [Record(**row) for row in connection.execute(text(_RECORDS + where), values).mappings()]
