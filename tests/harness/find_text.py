"""Finds where a text is still kept: in PostgreSQL, in Redis, in the workers' tails, on the disk."""

from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import text

from tests.harness import http_client
from tests.harness.server import Server
from tests.harness.tables import engine_of
from tests.harness.workers import on_each_worker

COLUMNS = """
    SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
"""


def in_database(database_url: str, wanted: str) -> set[str]:
    """The tables and columns that hold it, whatever their type."""
    with engine_of(database_url).connect() as connection:
        columns = connection.execute(text(COLUMNS)).all()
        return {
            f"{table}.{column}"
            for table, column, kind in columns
            if connection.execute(text(_count(table, column, kind)), {"text": wanted}).scalar()
        }


def _count(table: str, column: str, kind: str) -> str:
    in_bytes, in_text = f"position(convert_to(:text, 'UTF8') in \"{column}\")", f'strpos(CAST("{column}" AS text), :text)'
    return f'SELECT count(*) FROM "{table}" WHERE {in_bytes if kind == "bytea" else in_text} > 0'


def in_redis(redis_url: str, wanted: str) -> set[str]:
    """The keys that hold it, streams and whatever else there is."""
    with Redis.from_url(redis_url) as redis:
        return {key.decode() for key in redis.scan_iter() if wanted.encode() in _content(redis, key)}


def _content(redis: Any, key: bytes) -> bytes:
    ways = {
        b"stream": redis.xrange,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"zset": lambda name: redis.zrange(name, 0, -1),
        b"list": lambda name: redis.lrange(name, 0, -1),
        b"string": redis.get,
        b"none": lambda _: b"",  # it has expired meanwhile
    }
    return b"".join(_leaves(ways[redis.type(key)](key)))


def _leaves(value: Any) -> list[bytes]:
    if isinstance(value, bytes):
        return [value]
    if isinstance(value, dict):
        return _leaves([*value.keys(), *value.values()])
    if isinstance(value, list | tuple | set):
        return [leaf for part in value for leaf in _leaves(part)]
    return []


def in_tails(server: Server, wanted: str) -> int:
    """How many of the workers' tails hold it, of a server that shows them (tail_endpoint_wsgi)."""
    shown = on_each_worker(server, lambda: http_client.get(f"{server.url}/harness/tail"))
    assert len({answer.headers["Worker"] for answer in shown}) == server.workers, "each worker has shown its tail"
    return sum(wanted.encode() in answer.content for answer in shown)


def in_files(folder: Path, wanted: str) -> set[str]:
    """The files whose content or name holds it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)) for path in files if wanted.encode() in path.read_bytes() or wanted in str(path)}
