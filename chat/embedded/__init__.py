"""PostgreSQL and Valkey as child processes, for a machine or a test that has none: real servers on UNIX sockets in a folder.

They end with the thread that started them, even if it is killed."""

from chat.embedded.errors import CannotStart
from chat.embedded.postgres import Postgres
from chat.embedded.server import Server
from chat.embedded.valkey import Valkey

__all__ = ["CannotStart", "Postgres", "Server", "Valkey"]
