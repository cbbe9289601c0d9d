"""Chooses the application for a request: the admin's if the request came on the admin listener or is for /admin, else the public one.

The accepted socket identifies the listener: nothing that a client sends can change that."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/admin"


class Dispatcher:
    """`admin` serves the admin listener, `prefixed` serves /admin of the public one: only the latter trusts the headers of a proxy."""

    def __init__(self, public: "WSGIApplication", admin: "WSGIApplication", prefixed: "WSGIApplication", bind: str) -> None:
        self._public = public
        self._admin = admin
        self._prefixed = prefixed
        self._listener = Listener(bind)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if self._listener.accepted(environ.get("gunicorn.socket")):
            return self._admin(environ, start_response)
        path: str = environ["PATH_INFO"]
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + PREFIX
            environ["PATH_INFO"] = path.removeprefix(PREFIX) or "/"
            return self._prefixed(environ, start_response)
        return self._public(environ, start_response)


class Listener:
    """An address in the form of ADMIN_BIND. A wildcard address such as 0.0.0.0 is matched by its port alone."""

    def __init__(self, bind: str) -> None:
        self._names: frozenset[Any] = frozenset()
        self._port = 0
        if bind.startswith("unix:"):
            path = bind.removeprefix("unix:")
            self._names = frozenset({path, path.encode()})
        elif bind:
            host, _, port = bind.rpartition(":")
            address = ip_address(host.strip("[]"))
            if address.is_unspecified:
                self._port = int(port)
            else:
                self._names = frozenset({(str(address), int(port))})

    def accepted(self, client: Any) -> bool:
        """Whether this listener accepted the connection."""
        if client is None or not (self._names or self._port):
            return False
        name = client.getsockname()
        if isinstance(name, tuple):
            return name[:2] in self._names or name[1] == self._port
        return name in self._names
