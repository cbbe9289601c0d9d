"""The rows of `files`, as one reader may read them."""

from dataclasses import dataclass, replace

from sqlalchemy import Engine, text

from chat.services import database
from chat.services.permissions import OVER, SINCE, VISIBLE


@dataclass(frozen=True, slots=True)
class FileRow:
    """A stored file that the reader may read. over: its room is over."""

    name: str
    type: str
    size: int
    sha256: bytes
    key: str
    preview_key: str | None
    preview_size: int | None
    over: bool


def find(engine: Engine, file_id: int, reader_id: int) -> FileRow | None:
    """The file, if the reader may read its message."""
    statement = text(f"""
        SELECT f.name, f.type, f.size, f.sha256, f.key, f.preview_key, f.preview_size, {OVER} AS over
        FROM files f JOIN events e ON e.file_id = f.id JOIN rooms r ON r.id = e.room_id
        WHERE f.id = :id AND f.stored_at IS NOT NULL AND {VISIBLE} AND e.id > {SINCE}
    """)
    row = database.row(engine, statement, {"id": file_id, "reader": reader_id})
    return replace(FileRow(*row), sha256=bytes(row.sha256)) if row else None
