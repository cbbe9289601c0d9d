"""The embedded Valkey (or Redis). It keeps nothing on disk: the stream can always be rebuilt from the database."""

import signal
import socket
from urllib.parse import quote

from chat.embedded.binaries import valkey_program
from chat.embedded.errors import CannotStart
from chat.embedded.server import Server
from chat.embedded.unix_user import UnixUser

ANSWER_SECONDS = 1.0


class Valkey(Server):
    name = "Valkey"
    graceful_signal = signal.SIGTERM
    immediate_signal = signal.SIGKILL

    @property
    def url(self) -> str:
        return f"unix://{quote(self._socket)}?db=0"

    @property
    def _socket(self) -> str:
        return str(self.sockets / "valkey.sock")

    def _prepare(self, user: UnixUser | None) -> None:
        self._program = valkey_program(user)
        if self._is_ready():
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

    def _is_ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(self._socket)
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:  # Not started yet, or stopped.
                return False
