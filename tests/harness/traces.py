"""Where a text can still be found: in the record, in Redis, in the workers' tails, on the disk."""

from pathlib import Path
from typing import Any

from psycopg2 import sql
from redis import Redis

from tests.harness import once, record
from tests.harness.server import Server
from tests.harness.workers import on_each_worker

COLUMNS = """
    SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
"""


def in_record(database_url: str, text: str) -> set[str]:
    """The tables and columns that hold it, whatever their type."""
    with record.connected(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        found = set()
        for table, column, kind in cursor.fetchall():
            holds = "position(convert_to(%s, 'UTF8') in {column}) > 0" if kind == "bytea" else "strpos({column}::text, %s) > 0"
            names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
            cursor.execute(sql.SQL(f"SELECT count(*) FROM {{table}} WHERE {holds}").format(**names), [text])
            if cursor.fetchone()[0]:  # type: ignore[index] # a count has a row
                found.add(f"{table}.{column}")
        return found


def in_redis(redis_url: str, text: str) -> set[str]:
    """The keys that hold it, streams and whatever else there is."""
    with Redis.from_url(redis_url) as redis:
        return {key.decode() for key in redis.scan_iter() if text.encode() in _content(redis, key)}


def _content(redis: Any, key: bytes) -> bytes:
    ways = {
        b"stream": redis.xrange,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"zset": lambda name: redis.zrange(name, 0, -1),
        b"list": lambda name: redis.lrange(name, 0, -1),
        b"string": redis.get,
        b"none": lambda _: b"",  # its time was over meanwhile
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


def in_tails(server: Server, text: str) -> int:
    """How many of the workers' tails hold it, of a server that shows them (open_tail_wsgi)."""
    shown = on_each_worker(server, lambda: once.get(f"{server.url}/harness/tail"))
    assert len({answer.headers["Worker"] for answer in shown}) == server.workers, "each worker has shown its tail"
    return sum(text.encode() in answer.content for answer in shown)


def in_files(folder: Path, text: str) -> set[str]:
    """The files whose content or name holds it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)) for path in files if text.encode() in path.read_bytes() or text in str(path)}
