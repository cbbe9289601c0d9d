"""A PostgreSQL and a Valkey of our own, for a machine or a test that has none: real servers on UNIX sockets in a folder.

They live no longer than the thread that started them, even when that is killed."""

from chat.embedded.failure import CannotStart
from chat.embedded.postgres import Postgres
from chat.embedded.server import Server
from chat.embedded.valkey import Valkey

__all__ = ["CannotStart", "Postgres", "Server", "Valkey"]
