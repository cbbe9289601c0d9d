"""A Valkey (or Redis) of our own. It keeps nothing on disk: the stream can always be made again from the database."""

import signal
import socket
from urllib.parse import quote

from chat.embedded.account import Account
from chat.embedded.binaries import valkey_program
from chat.embedded.failure import CannotStart
from chat.embedded.server import Server

ANSWER_SECONDS = 1.0


class Valkey(Server):
    name = "Valkey"
    orderly = signal.SIGTERM
    at_once = signal.SIGKILL

    @property
    def url(self) -> str:
        return f"unix://{quote(self._socket)}?db=0"

    @property
    def _socket(self) -> str:
        return str(self.sockets / "valkey.sock")

    def _prepare(self, account: Account | None) -> None:
        self._program = valkey_program(account)
        if self._answers():
            raise CannotStart(f"another Valkey answers at {self._socket} already")

    def _command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": self._socket,
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
            "loglevel": "warning",
        }
        return [str(self._program), *(word for name, value in settings.items() for word in (f"--{name}", value))]

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(self._socket)
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:  # Not there yet, or not any more.
                return False
